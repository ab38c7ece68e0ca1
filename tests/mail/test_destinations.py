import ipaddress
import socket
import time

import pytest
from django.test import override_settings

from rouage.mail import destinations
from rouage.mail.destinations import Blocked, Unresolved, is_public, resolve

INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "100.64.0.1", "100.127.255.255", "169.254.169.254", "169.254.0.1", "192.0.0.1", "192.0.0.192",
    "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "192.88.99.1",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
    "2001:db8::1", "2001:0:4136:e378::1", "2002:7f00:1::", "2002:a00:1::1", "100::1",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "2a00:1450:4007::1", "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_address_inside_a_network_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_address_of_the_internet_is_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0x7f.1",
        "[::1]"[1:-1],
        "0",
        "LOCALHOST",
    ],
)
def test_every_way_to_write_this_machine_is_blocked(host):
    with pytest.raises(Blocked):
        resolve(host, 80)


def answer(monkeypatch, *addresses):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(destinations.socket, "getaddrinfo", lambda *_, **__: found)


def test_one_inside_address_among_public_ones_blocks_the_name(monkeypatch):
    answer(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(Blocked):
        resolve("exemple.fr", 443)


def test_target_is_the_address_that_was_checked(monkeypatch):
    answer(monkeypatch, "93.184.216.34", "1.1.1.1")
    target = resolve("exemple.fr", 443)
    assert (target.host, target.port, target.address) == ("exemple.fr", 443, "93.184.216.34")


@pytest.mark.parametrize("allowed", ["localhost:8080", "LOCALHOST:8080"])
def test_deployment_may_allow_a_host_and_port(allowed):
    with override_settings(ROUAGE_OUTBOUND_ALLOW=[allowed]):
        assert resolve("localhost", 8080).address in {"127.0.0.1", "::1"}
        with pytest.raises(Blocked):
            resolve("localhost", 8081)
        with pytest.raises(Blocked):
            resolve("127.0.0.1", 8080)


def test_operators_own_host_is_not_guarded():
    assert resolve("127.0.0.1", 25, guarded=False).address == "127.0.0.1"


@pytest.mark.parametrize("host", ["nobody.invalid", "", "a" * 300, "exemple..fr", "\udcff"])
def test_name_without_address_is_unresolved(host, monkeypatch):
    def fail(name, *_, **__):
        name.encode("idna")  # the system's own begins with this
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(destinations.socket, "getaddrinfo", fail)
    with pytest.raises(Unresolved):
        resolve(host, 80)


def test_name_server_that_does_not_answer_is_left_behind(monkeypatch):
    monkeypatch.setattr(destinations.socket, "getaddrinfo", lambda *_, **__: time.sleep(1) or [])
    started = time.monotonic()
    with pytest.raises(Unresolved):
        resolve("exemple.fr", 80, timeout=0.1)
    assert time.monotonic() - started < 0.9
    time.sleep(1)
