"""One SMTP dialogue (RFC 5321), cut in two: everything up to the final dot, and the dot with its reply.

In between the caller commits that the dot is about to go. Up to there it is certain that nothing was handed over; from
there on only the reply can tell.
"""

from __future__ import annotations

import base64
import select
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass, field
from functools import lru_cache

from rouage.mail.destinations import Blocked, Target, Unresolved, resolve
from rouage.mail.reasons import Code
from rouage.mail.replies import Reply, reason_of, reply_of
from rouage.mail.states import Security

CONNECT_TIMEOUT = 15.0
COMMAND_TIMEOUT = 60.0
DOT_TIMEOUT = 300.0  # servers that look into a mail do it between the dot and their answer
_REPLY_LINES, _REPLY_LINE = 200, 4096
_GO_AHEAD, _CLOSING, _SIGNED_IN, _CHALLENGE = 354, 421, 235, 334


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where and how to connect. ``guarded``: an organisation chose the host, so it must not be inside our network."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    guarded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Nothing was handed over. ``final``: no other try can help. ``reply`` is None where the line itself failed."""

    code: Code
    final: bool
    reply: Reply | None = None
    detail: str = ""


class Unusable(Exception):
    """No line to the server could be opened: nothing was handed over."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


class LostAfterDot(Exception):
    """The dot has gone and its reply never came, or says nothing: nobody can know."""


class _Wire(smtplib.SMTP):
    """smtplib's client on an address that was checked before, deaf to answers without end."""

    def __init__(self, target: Target, context: ssl.SSLContext | None) -> None:
        super().__init__(timeout=CONNECT_TIMEOUT, local_hostname=_own_name())
        self._host = target.host  # the name that the server's certificate must carry
        self._target = target
        self._tls = context

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        raw = socket.create_connection((self._target.address, self._target.port), timeout)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is None:
            return raw
        try:
            return self._tls.wrap_socket(raw, server_hostname=self._host)
        except BaseException:
            raw.close()
            raise

    def set_timeout(self, seconds: float) -> None:
        if self.sock is not None:
            self.sock.settimeout(seconds)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        if self.file is None:
            self.file = self.sock.makefile("rb")
        lines: list[bytes] = []
        for _ in range(_REPLY_LINES):
            try:
                line = self.file.readline(_REPLY_LINE)
            except OSError as error:
                self.close()
                raise smtplib.SMTPServerDisconnected(str(error)) from error
            if not line:
                self.close()
                raise smtplib.SMTPServerDisconnected("the server closed the connection")
            lines.append(line[4:].strip())
            code = int(line[:3]) if line[:3].isdigit() and len(line) > 3 else -1  # noqa: PLR2004 -- three figures
            if line[3:4] != b"-" or code < 0:
                return code, b"\n".join(lines)
        self.close()
        raise smtplib.SMTPServerDisconnected("the server's answer has no end")


class Line:
    """An open, signed-in connection. ``abort`` may be called from another thread, to end a dialogue that drags on."""

    def __init__(self, server: Server, wire: _Wire) -> None:
        self.server = server
        self.uses = 0
        self.idle_since = time.monotonic()
        self._wire = wire

    @property
    def alive(self) -> bool:
        """Whether the server has kept quiet: anything it says unasked is a farewell."""
        sock = self._wire.sock
        if sock is None:
            return False
        readable, _, _ = select.select([sock], [], [], 0)
        return not readable

    def transmit(self, sender: str, recipient: str, data: bytes) -> Refusal | None:
        """All of the mail but the final dot; ``data`` has CRLF lines. Returns why the server does not want it."""
        self.uses += 1
        if too_big := self._too_big(data):
            return too_big
        try:
            self._wire.set_timeout(COMMAND_TIMEOUT)
            refusal = (
                self._refused(*self._wire.mail(sender))
                or self._refused(*self._wire.rcpt(recipient))
                or self._refused(*self._wire.docmd("DATA"), expected=_GO_AHEAD)
            )
            if refusal is None:
                self._wire.send(_dot_stuffed(data))
            elif self._wire.sock is not None:
                self._reset(refusal)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.close()
            return Refusal(code=Code.CONNECTION, final=False, detail=_words(error))
        return refusal

    def finish(self) -> Reply | Refusal:
        """Send the dot and read its reply. Raises LostAfterDot; a Refusal says that the dot has not gone."""
        if not self.alive:
            self.close()
            return Refusal(code=Code.CONNECTION, final=False, detail="the server hung up before the mail was complete")
        try:
            self._wire.set_timeout(DOT_TIMEOUT)
            self._wire.send(b".\r\n")
            reply = reply_of(*self._wire.getreply())
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.close()
            raise LostAfterDot(_words(error)) from error
        if not (reply.positive or reply.passing or reply.final):
            self.close()
            raise LostAfterDot(str(reply))
        if reply.code == _CLOSING:
            self.close()
        return reply

    def quit(self) -> None:
        try:
            self._wire.set_timeout(2)
            self._wire.quit()
        except (OSError, smtplib.SMTPException):
            self.close()

    def close(self) -> None:
        self._wire.close()

    def abort(self) -> None:
        sock = self._wire.sock
        if sock is not None:
            try:
                # Not SSLSocket's own, which takes the encryption away under the hands of the other thread.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                return

    def _refused(self, code: int, raw: bytes, expected: int | None = None) -> Refusal | None:
        reply = reply_of(code, raw)
        if reply.positive if expected is None else code == expected:
            return None
        if not (reply.passing or reply.final) or code == _CLOSING:
            self.close()
        reason = reason_of(reply)
        # A wrong password is put right within the hour; until then the mails wait instead of failing one by one.
        return Refusal(code=reason, final=reply.final and reason is not Code.SIGN_IN, reply=reply)

    def _too_big(self, data: bytes) -> Refusal | None:
        limit = self._wire.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(data):
            return Refusal(code=Code.TOO_BIG, final=True, detail=f"{len(data)} bytes, the server takes {limit}")
        return None

    def _reset(self, refusal: Refusal) -> None:
        """Make the line good for the next mail, or close it."""
        try:
            code, _ = self._wire.rset()
        except (OSError, smtplib.SMTPException):
            code = -1
        if not 200 <= code < 300:  # noqa: PLR2004 -- RFC 5321, 4.2.1
            self.close()


def open_line(server: Server) -> Line:
    """Connect, encrypt and sign in. Raises Unusable."""
    try:
        target = resolve(server.host, server.port, guarded=server.guarded, timeout=CONNECT_TIMEOUT)
    except Unresolved as error:
        raise _unusable(Code.CONNECTION, f"{server.host}: {error}") from error
    except Blocked as error:
        raise _unusable(Code.ACCOUNT_INCOMPLETE, f"{server.host}: inside the network, not allowed") from error
    wire = _Wire(target, _context() if server.security is Security.TLS else None)
    try:
        _greet(wire, server)
        if server.user:
            _sign_in(wire, server)
    except Unusable:
        wire.close()
        raise
    except ssl.SSLError as error:
        wire.close()
        raise _unusable(Code.TLS, _words(error)) from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        wire.close()
        raise _unusable(Code.CONNECTION, _words(error)) from error
    return Line(server, wire)


def _greet(wire: _Wire, server: Server) -> None:
    _expect(wire.connect(server.host, server.port), Code.CONNECTION)
    wire.set_timeout(COMMAND_TIMEOUT)
    if not 200 <= wire.ehlo()[0] < 300:  # noqa: PLR2004 -- RFC 5321, 4.2.1
        _expect(wire.helo(), Code.CONNECTION)
    if server.security is Security.STARTTLS:
        try:
            wire.starttls(context=_context())
        except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException) as error:
            raise _unusable(Code.TLS, _words(error)) from error
        _expect(wire.ehlo(), Code.CONNECTION)


def _sign_in(wire: _Wire, server: Server) -> None:
    """PLAIN and LOGIN in UTF-8 (RFC 4616), which smtplib cannot; where the line is not encrypted, rather CRAM-MD5."""
    offered = wire.esmtp_features.get("auth", "").upper().split()
    encrypted = isinstance(wire.sock, ssl.SSLSocket)
    if "CRAM-MD5" in offered and not (encrypted and {"PLAIN", "LOGIN"} & set(offered)):
        wire.user, wire.password = server.user, server.password
        try:
            wire.auth("CRAM-MD5", wire.auth_cram_md5)
        except smtplib.SMTPAuthenticationError as error:
            raise _refused_sign_in(reply_of(error.smtp_code, _bytes(error.smtp_error))) from error
        return
    if "PLAIN" in offered:
        _expect(wire.docmd("AUTH", "PLAIN " + _base64(f"\0{server.user}\0{server.password}")), Code.SIGN_IN)
    elif "LOGIN" in offered:
        code, raw = wire.docmd("AUTH", "LOGIN " + _base64(server.user))
        if code == _CHALLENGE:
            code, raw = wire.docmd(_base64(server.password))
        _expect((code, raw), Code.SIGN_IN)
    else:
        raise _unusable(Code.SIGN_IN, "the server offers no way to sign in that we know")


def _expect(answer: tuple[int, bytes], code: Code) -> None:
    reply = reply_of(*answer)
    if reply.positive:
        return
    if code is Code.SIGN_IN:
        raise _refused_sign_in(reply)
    raise Unusable(Refusal(code=code, final=False, reply=reply, detail=str(reply)))


def _refused_sign_in(reply: Reply) -> Unusable:
    return Unusable(Refusal(code=Code.SIGN_IN, final=False, reply=reply, detail=str(reply)))


def _unusable(code: Code, detail: str) -> Unusable:
    return Unusable(Refusal(code=code, final=False, detail=detail))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _dot_stuffed(data: bytes) -> bytes:
    """RFC 5321, 4.5.2. The mail ends with CRLF, so that the dot that follows stands alone on its line."""
    body = data if data.endswith(b"\r\n") else data + b"\r\n"
    stuffed = body.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


@lru_cache(maxsize=1)
def _own_name() -> str:
    """The name in EHLO; looked up once, for it may take seconds."""
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"
