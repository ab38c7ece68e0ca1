"""Calls a web address that a user chose, without letting it reach inside our network or hold us up.

The name is looked up once, all its addresses are checked, and the connection goes to a checked one. No redirect is
followed, no proxy is used, nothing is decompressed, and the time limit holds for the whole exchange, however slowly the
other side drips. What becomes of the call is a value.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from django.utils.translation import gettext

from rouage import __version__
from rouage.mail.destinations import Blocked, Target, Unresolved, is_allowed, resolve
from rouage.planner.words import N_

TIME_LIMIT = 10.0  # seconds
BIGGEST = 256 * 1024  # bytes of an answer
EXCERPT = 2000  # characters of an answer that a journal keeps
_URL_MAX, _HEADERS_MAX, _VALUE_MAX = 2000, 50, 4000

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNFIT_URL = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?")
_KEPT_AS_IS = "/:?#[]@!$&'()*+,;=%~-._"
# They decide where a message begins and ends, or whom it is for; we set them ourselves.
_OURS = frozenset({
    "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
    "via",
})  # fmt: skip
_SHOWN = frozenset({"content-type", "date", "location", "retry-after", "server", "x-request-id"})
# Mail and other services that an HTTP request could talk into something; browsers refuse them too.
_BAD_PORTS = frozenset({0, 21, 22, 23, 25, 53, 110, 111, 119, 135, 139, 143, 389, 445, 465, 513, 514, 587, 993, 995})
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"})
_TRY_AGAIN = frozenset({408, 425, 429})


class Code(StrEnum):
    """What became of a call."""

    OK = "ok"
    BAD_REQUEST = "bad_request"  # refused by us before anything was done
    BLOCKED = "blocked"
    DNS = "dns"
    REFUSED = "refused"
    TLS = "tls"
    TIMEOUT = "timeout"
    LOST = "lost"
    INVALID = "invalid"  # the answer is not HTTP
    TOO_BIG = "too_big"
    REDIRECTED = "redirected"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"


_PERMANENT = frozenset({Code.BAD_REQUEST, Code.BLOCKED, Code.TOO_BIG, Code.REDIRECTED, Code.HTTP_4XX, Code.INVALID})

SENTENCES: Mapping[Code, str] = {
    Code.OK: N_("The call was answered."),
    Code.BAD_REQUEST: N_("The call cannot be made as it is written: %(detail)s. Correct it in the action."),
    Code.BLOCKED: N_("This address is inside a private network, or its port is not allowed. Use a public web address."),
    Code.DNS: N_("The name of the server is unknown. Check the address."),
    Code.REFUSED: N_("The server does not take the connection. Check the address, or try again later."),
    Code.TLS: N_("No secure connection could be made: the server's certificate is not valid. Tell its operator."),
    Code.TIMEOUT: N_("The server did not answer in time. Try again later."),
    Code.LOST: N_("The connection broke before the answer was complete. Try again later."),
    Code.INVALID: N_("The answer is not that of a web server. Check the address."),
    Code.TOO_BIG: N_("The answer is too large. Call an address that answers with less."),
    Code.REDIRECTED: N_("The server sends elsewhere, which is not followed. Enter the new address: %(detail)s."),
    Code.HTTP_4XX: N_("The server refuses the call (%(status)s). Check the address, the headers and the content."),
    Code.HTTP_5XX: N_("The server has a fault (%(status)s). Try again later."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``headers`` may hold anything but those that HTTP itself needs; ``timeout`` is seconds for the whole exchange."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout: float = TIME_LIMIT
    biggest: int = BIGGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``reached``: the other side may have acted on the request, whatever came back. ``duration`` is seconds."""

    code: Code
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    duration: float = 0.0
    detail: str = ""
    reached: bool = False

    @property
    def ok(self) -> bool:
        return self.code is Code.OK

    @property
    def permanent(self) -> bool:
        """Whether trying again changes nothing until a person acts."""
        return self.code in _PERMANENT and self.status not in _TRY_AGAIN

    @property
    def excerpt(self) -> str:
        return self.body[: 4 * EXCERPT].decode("utf-8", "replace").replace("\0", "")[:EXCERPT]

    @property
    def sentence(self) -> str:
        """What happened and what to do, in the language that is active."""
        return gettext(SENTENCES[self.code]) % {"detail": self.detail, "status": self.status}


class _Unfit(Exception):
    """The request may not be made; the text says why, for technicians."""


def send(request: Request) -> Outcome:
    """Make the call. Never raises for anything that the request or the other side does."""
    started = time.monotonic()
    exchange = _Exchange(request, started + request.timeout)
    try:
        outcome = exchange.run()
    except (_Unfit, Blocked, Unresolved, OSError, http.client.HTTPException) as error:
        outcome = _failure(error, exchange)
    return replace(outcome, duration=time.monotonic() - started)


# The first that fits: RemoteDisconnected is an OSError and an HTTPException too.
_FAILURES: tuple[tuple[type[Exception], Code], ...] = (
    (_Unfit, Code.BAD_REQUEST),
    (Blocked, Code.BLOCKED),
    (Unresolved, Code.DNS),
    (TimeoutError, Code.TIMEOUT),
    (ssl.SSLError, Code.TLS),
    (http.client.IncompleteRead, Code.LOST),
    (http.client.RemoteDisconnected, Code.LOST),
    (http.client.HTTPException, Code.INVALID),
)


def _failure(error: Exception, exchange: _Exchange) -> Outcome:
    otherwise = Code.LOST if exchange.connected else Code.REFUSED
    code = next((code for kind, code in _FAILURES if isinstance(error, kind)), otherwise)
    return Outcome(code=code, detail=str(error)[:200], reached=exchange.sent)


class _Exchange:
    """One request and its answer. ``connected`` and ``sent`` tell how far it came."""

    def __init__(self, request: Request, deadline: float) -> None:
        self._request = request
        self._deadline = deadline
        self.connected = False
        self.sent = False

    def run(self) -> Outcome:
        url, headers = _checked(self._request)
        target = _target(url, self._remaining())
        connection = http.client.HTTPConnection(target.host, target.port)
        timed = self._connect(target, encrypted=url.scheme == "https")
        connection.sock = timed
        try:
            self.connected = True
            self._send(connection, url, headers)
            with connection.getresponse() as response:
                return self._read(response)
        finally:
            connection.close()
            timed.hang_up()

    def _connect(self, target: Target, *, encrypted: bool) -> _Timed:
        raw = socket.create_connection((target.address, target.port), self._remaining())
        try:
            if encrypted:
                raw.settimeout(self._remaining())
                raw = _context().wrap_socket(raw, server_hostname=target.host.rstrip("."))
        except BaseException:
            raw.close()
            raise
        return _Timed(raw, self._deadline)

    def _send(
        self, connection: http.client.HTTPConnection, url: SplitResult, headers: Sequence[tuple[str, str]]
    ) -> None:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.putrequest(self._request.method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        self.sent = True
        try:
            connection.endheaders(self._request.body or None)
        except (BrokenPipeError, ConnectionResetError):
            # A server that has read enough answers and hangs up; its answer may still be there to read.
            return

    def _read(self, response: http.client.HTTPResponse) -> Outcome:
        body = bytearray()
        while len(body) <= self._request.biggest and (piece := response.read(16 * 1024)):
            body += piece
        too_big = len(body) > self._request.biggest
        if response.length and not too_big:
            # Asked for a piece at a time, http.client takes the end of the connection for the end of the answer.
            raise http.client.IncompleteRead(bytes(body), response.length)
        shown = {name.lower(): value[:_VALUE_MAX] for name, value in response.getheaders() if name.lower() in _SHOWN}
        return Outcome(
            code=Code.TOO_BIG if too_big else _code(response.status),
            status=response.status,
            headers=shown,
            body=bytes(body[: self._request.biggest]),
            detail=shown.get("location", ""),
            reached=True,
        )

    def _remaining(self) -> float:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        return remaining


class _Timed:
    """A socket whose every wait ends at the deadline; as much of one as http.client uses."""

    def __init__(self, raw: socket.socket, deadline: float) -> None:
        self._raw = raw
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._hurry()
        self._raw.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def receive(self, buffer: Any) -> int:  # noqa: ANN401 -- a writable buffer, as io hands it over
        self._hurry()
        return self._raw.recv_into(buffer)

    def close(self) -> None:
        """http.client calls this before it has read an answer without a length; ``hang_up`` is the real end."""

    def hang_up(self) -> None:
        self._raw.close()

    def _hurry(self) -> None:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._raw.settimeout(remaining)


class _Reader(io.RawIOBase):
    def __init__(self, timed: _Timed) -> None:
        super().__init__()
        self._timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 -- as io declares it
        return self._timed.receive(buffer)


def _code(status: int) -> Code:
    match status // 100:
        case 2:
            return Code.OK
        case 3:
            return Code.REDIRECTED
        case 4:
            return Code.HTTP_4XX
        case 5:
            return Code.HTTP_5XX
        case _:
            return Code.INVALID


def _checked(request: Request) -> tuple[SplitResult, list[tuple[str, str]]]:
    if request.method not in _METHODS:
        raise _Unfit(f"method {request.method[:20]!r}")
    url = _checked_url(request.url)
    if len(request.headers) > _HEADERS_MAX:
        raise _Unfit("too many headers")
    given = [_checked_header(name, value) for name, value in request.headers.items()]
    named = {name.lower() for name, _ in given}
    defaults = [("Host", _host_header(url)), ("Accept-Encoding", "identity"), ("Connection", "close")]
    defaults += [("User-Agent", f"Rouage/{__version__}")] if "user-agent" not in named else []
    defaults += [("Content-Length", str(len(request.body)))] if request.body or request.method != "GET" else []
    return url, [*defaults, *given]


def _checked_url(text: str) -> SplitResult:
    """Only what cannot be read in two ways: libraries and servers disagree on much that looks like an address."""
    if len(text) > _URL_MAX or _UNFIT_URL.search(text):
        raise _Unfit("the address is too long, or holds blanks or control characters")
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
        ascii_host = host if host.isascii() else host.encode("idna").decode()
    except ValueError as error:  # a UnicodeError is a ValueError
        raise _Unfit(f"not a web address ({error})") from None
    if url.scheme not in {"http", "https"}:
        raise _Unfit("the address must begin with https:// or http://")
    if "@" in url.netloc:
        raise _Unfit("the address holds a user name or a password; use a header")
    is_ipv6 = url.netloc.startswith("[") and "%" not in host
    if not (_NAME.fullmatch(ascii_host) or is_ipv6):
        raise _Unfit("the address has no valid server name")
    shown = f"[{ascii_host}]" if is_ipv6 else ascii_host
    netloc = shown if port is None else f"{shown}:{port}"
    return SplitResult(url.scheme, netloc, quote(url.path, _KEPT_AS_IS), quote(url.query, _KEPT_AS_IS), "")


def _checked_header(name: str, value: str) -> tuple[str, str]:
    if not _TOKEN.fullmatch(name) or name.lower() in _OURS or name.lower().startswith("proxy-"):
        raise _Unfit(f"header {name[:40]!r}")
    if _CONTROL.search(value) or len(value) > _VALUE_MAX:
        raise _Unfit(f"value of the header {name[:40]!r}")
    try:
        value.encode("latin-1")
    except UnicodeError:
        raise _Unfit(f"value of the header {name[:40]!r}") from None
    return name, value


def _host_header(url: SplitResult) -> str:
    default = {"http": 80, "https": 443}[url.scheme]
    return url.netloc.removesuffix(f":{default}") if url.port == default else url.netloc


def _target(url: SplitResult, timeout: float) -> Target:
    host = url.hostname or ""
    port = url.port if url.port is not None else {"http": 80, "https": 443}[url.scheme]
    if port in _BAD_PORTS and not is_allowed(host, port):
        raise Blocked
    return resolve(host, port, timeout=timeout)


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()
