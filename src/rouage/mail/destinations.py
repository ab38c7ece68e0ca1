"""Which hosts an organisation may make us connect to: none inside our own network (server-side request forgery)."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from django.conf import settings

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")  # nothing else of IPv6 is given out
# Addresses that ``is_global`` lets pass, though they answer inside a data centre or wrap another address.
_INSIDE = (
    ipaddress.ip_network("2001::/32"),  # Teredo
    ipaddress.ip_network("2002::/16"),  # 6to4
    ipaddress.ip_network("192.88.99.0/24"),  # the old relays of 6to4
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's platform
)


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: connect to it and to nothing that the name may mean a moment later."""

    host: str
    port: int
    address: str


class Blocked(Exception):
    """The host is, or may be, inside our network."""


class Unresolved(Exception):
    """The name has no address."""


def resolve(host: str, port: int, *, guarded: bool = True, timeout: float = 10) -> Target:
    """Look the name up once. All its addresses must be public, unless ROUAGE_OUTBOUND_ALLOW names "host:port".

    ``guarded`` is False where the operator chose the host. Raises Blocked and Unresolved.
    """
    addresses = _look_up(host, port, timeout)
    if guarded and not is_allowed(host, port) and not all(is_public(address) for address in addresses):
        raise Blocked
    return Target(host, port, str(addresses[0]))


def is_allowed(host: str, port: int) -> bool:
    """Whether the deployment lets organisations reach this host and port wherever they are."""
    wanted = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return wanted.lower() in {entry.lower() for entry in settings.ROUAGE_OUTBOUND_ALLOW}


def is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or _nat64(address)
        if inner:
            return is_public(inner)
        if address.scope_id or address not in _UNICAST:
            return False
    inside = any(address in network for network in _INSIDE if network.version == address.version)
    return address.is_global and not address.is_multicast and not inside


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _look_up(host: str, port: int, timeout: float) -> list[Address]:
    """The system's own look-up knows no time limit, so it is left behind when it takes too long."""
    answer: SimpleQueue[list[Address] | Unresolved] = SimpleQueue()
    Thread(target=_ask_system, args=(host, port, answer), name="rouage-resolve", daemon=True).start()
    try:
        found = answer.get(timeout=timeout)
    except Empty:
        raise Unresolved("the name server does not answer") from None
    if isinstance(found, Unresolved):
        raise found
    return found


def _ask_system(host: str, port: int, answer: SimpleQueue[list[Address] | Unresolved]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        addresses = list(dict.fromkeys(ipaddress.ip_address(str(info[4][0])) for info in found))
    except (OSError, ValueError) as error:  # a UnicodeError is a ValueError
        answer.put(Unresolved(str(error)))
        return
    answer.put(addresses or Unresolved(host))
