"""A small world for mail servers under test: names, a recipients' server that refuses by script, a sender's mailbox."""

import os
import socketserver
import struct
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

RECIPIENT_HOST, SENDER_HOST, SILENT_HOST, OWN_HOST = "192.0.2.10", "192.0.2.20", "192.0.2.30", "192.0.2.5"
HOST = "relais.atelier.example"
# Outcomes by the local part of the recipient: the answer, and at which command.
ANSWERS: Mapping[str, tuple[str, str]] = {
    "inconnu": ("RCPT", "550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table"),
    "pleine": ("RCPT", "552 5.2.2 <{to}>: Mailbox full, quota exceeded"),
    "ofr416": ("RCPT", "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]"),
    "ofr417": ("RCPT", "552 5.1.1 <{to}> Boite du destinataire pleine. Recipient overquota. OFR_417 [417]"),
    "simple": ("RCPT", "550 No such user here"),
    "longue": (
        "RCPT",
        "550-5.1.1 The account that you tried to reach is not here.\r\n550 5.1.1 Check for typing errors.",
    ),
    "ferme": ("RCPT", "550 5.2.1 The mailbox of this user is disabled"),
    "liste": ("RCPT", "554 5.7.1 Service unavailable; Client host [192.0.2.5] blocked using rbl.example"),
    "relais": ("RCPT", "554 5.7.1 <{to}>: Relay access denied"),
    "indesirable": ("DATA", "554 5.7.1 Message refused: it looks like spam"),
    "auth": ("DATA", "550 5.7.26 Unauthenticated mail from atelier.example: neither SPF nor DKIM passes"),
    "gros": ("DATA", "552 5.3.4 Message too big for this server"),
    "gris": ("RCPT", "450 4.7.1 <{to}>: Greylisted, please try again later"),
}


class Names(socketserver.BaseRequestHandler):
    """A name server for the domains of the play: MX and A; NXDOMAIN for the rest."""

    ZONE: ClassVar[Mapping[str, tuple[str, str]]] = {
        "client.example": ("mx.client.example", RECIPIENT_HOST),
        "atelier.example": ("mx.atelier.example", SENDER_HOST),
        "ferme.example": ("mx.ferme.example", SILENT_HOST),
        HOST: (HOST, OWN_HOST),
    }
    MX, A = 15, 1

    def handle(self) -> None:
        query, connection = self.request
        name, end = _name_at(query, 12)
        kind = struct.unpack("!H", query[end : end + 2])[0]
        hosts = dict(self.ZONE.values())
        records = b""
        if kind == self.MX and name in self.ZONE:
            data = struct.pack("!H", 10) + _as_name(self.ZONE[name][0])
            records = b"\xc0\x0c" + struct.pack("!HHIH", self.MX, 1, 60, len(data)) + data
        if kind == self.A and name in hosts:
            data = bytes(int(part) for part in hosts[name].split("."))
            records = b"\xc0\x0c" + struct.pack("!HHIH", self.A, 1, 60, len(data)) + data
        known = name in self.ZONE or name in hosts
        head = query[:2] + struct.pack("!HHHHH", 0x8580 if known else 0x8583, 1, bool(records), 0, 0)
        connection.sendto(head + query[12 : end + 4] + records, self.client_address)


def _name_at(packet: bytes, at: int) -> tuple[str, int]:
    labels = []
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode())
        at += packet[at] + 1
    return ".".join(labels).lower(), at + 1


def _as_name(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


class Recipient(socketserver.StreamRequestHandler):
    """The recipients' server: it answers by the local part. It also takes the reports, at the sender's address."""

    received: ClassVar[list[tuple[str, bytes]]] = []

    def handle(self) -> None:
        self._say("220 mx.client.example ESMTP")
        taken: list[str] = []
        for line in self.rfile:
            verb = line[:4].decode("latin-1").upper()
            if verb in {"EHLO", "HELO"}:
                self._say("250-mx.client.example\r\n250 SIZE 20000000" if verb == "EHLO" else "250 mx.client.example")
            elif verb == "RCPT":
                address = line.decode("latin-1").partition("<")[2].partition(">")[0]
                answer = _answer("RCPT", address) or "250 2.1.5 Ok"
                self._say(answer)
                taken += [address] * answer.startswith("2")
            elif verb == "DATA" and taken:
                self._take(taken)
                taken = []
            elif verb == "QUIT":
                self._say("221 2.0.0 Bye")
                return
            else:
                self._say("250 2.0.0 Ok")
                taken = [] if verb == "RSET" else taken

    def _take(self, taken: Sequence[str]) -> None:
        self._say("354 End with a dot")
        lines = iter(self.rfile.readline, b".\r\n")
        content = b"".join(line[1:] if line.startswith(b".") else line for line in lines)
        refusals = [answer for address in taken if (answer := _answer("DATA", address))]
        self._say(refusals[0] if refusals else "250 2.0.0 Ok: taken")
        self.received.extend((address, content) for address in taken if address.endswith("@atelier.example"))

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


def _answer(command: str, address: str) -> str:
    at, text = ANSWERS.get(address.partition("@")[0].lower(), ("", ""))
    return text.format(to=address) if at == command and address.endswith("client.example") else ""


class Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def build() -> None:
    """Start the name server here and the recipients' and sender's servers behind a wire, in a network of their own.

    On one network the servers would find that the recipients' address is their own, and refuse a loop.
    """
    for command in (
        "ip link set lo up",
        "ip netns add world",
        "ip link add near type veth peer name far netns world",
        f"ip address add {OWN_HOST}/24 dev near",
        "ip link set near up",
        *(f"ip -n world address add {each}/24 dev far" for each in (RECIPIENT_HOST, SENDER_HOST, SILENT_HOST)),
        "ip -n world link set far up",
    ):
        subprocess.run(command.split(), check=True)
    Path("/etc/resolv.conf").unlink(missing_ok=True)
    Path("/etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
    Path("/etc/hosts").write_text(f"127.0.0.1 localhost\n{OWN_HOST} {HOST}\n")
    with Path("/proc/self/ns/net").open() as here, Path("/run/netns/world").open() as world:
        os.setns(world.fileno(), os.CLONE_NEWNET)
        far = [Threads((host, 25), Recipient) for host in (RECIPIENT_HOST, SENDER_HOST)]
        os.setns(here.fileno(), os.CLONE_NEWNET)
    for server in (*far, socketserver.ThreadingUDPServer(("127.0.0.1", 53), Names)):
        threading.Thread(target=server.serve_forever, daemon=True).start()
