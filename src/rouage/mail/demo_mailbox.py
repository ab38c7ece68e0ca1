"""A mail server on this machine that keeps what it gets: one can read what Rouage would have sent (OPS-1)."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message as Mime
from email.parser import BytesParser
from html.parser import HTMLParser

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import DatabaseError, connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from rouage.accounts.access import NotFound, require
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.mail import tokens
from rouage.mail.compose import ID_HEADER
from rouage.mail.models import DemoMail, Message, Recipient

BIGGEST = 32 * 1024 * 1024
PAGE = 50
_NAME = "rouage-demo-mailbox"
_SHOWN = ("From", "To", "Cc", "Reply-To", "Date", "Subject")
_PARTS = 100
_WORDED = frozenset({"text", "multipart"})  # a multipart without parts is text that lost its form
_LONGEST = 200_000  # characters of a body that are shown

_log = logging.getLogger(__name__)


class DemoMailbox:
    """Runs in threads of its own between ``start`` and ``stop``; ``clock`` gives the moment of arrival."""

    def __init__(self, port: int, host: str = "127.0.0.1", clock: Callable[[], datetime] = timezone.now) -> None:
        self.host = host
        self.port = port
        self._handler = _Handler(clock)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._connections: set[asyncio.Transport] = set()
        self._thread = threading.Thread(target=self._run, name=_NAME, daemon=True)

    def start(self) -> None:
        """Serve; ``port`` 0 becomes the one that was free. Raises OSError where the port is taken."""
        self._thread.start()
        self._ready.wait()
        if self._failure:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Let go of the port, the connections and the database."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        try:
            server = self._loop.run_until_complete(self._loop.create_server(self._connect, self.host, self.port))
        except OSError as error:
            self._failure = error
            self._end()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._hang_up())
        self._end()

    def _connect(self) -> SMTP:
        return _Dialogue(self._connections, self._handler, self._loop)

    async def _hang_up(self) -> None:
        # Kept connections of the sender would hold a polite goodbye up for ever.
        for transport in list(self._connections):
            transport.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self) -> None:
        self._handler.close()
        self._loop.close()
        self._ready.set()


class _Dialogue(SMTP):
    """aiosmtpd's server side, which tells of its connection so that it can be cut."""

    def __init__(self, connections: set[asyncio.Transport], handler: _Handler, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(handler, data_size_limit=BIGGEST, ident="Rouage demo mailbox", hostname="localhost", loop=loop)
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._connections.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self.transport)
        super().connection_lost(error)


class _Handler:
    """Stores in one thread of its own, for Django's database may not be used beside a running event loop."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._desk = ThreadPoolExecutor(1, thread_name_prefix=_NAME)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        people = ", ".join(envelope.rcpt_tos)
        storing = asyncio.get_running_loop().run_in_executor(
            self._desk, store, raw, envelope.mail_from or "", people, self._clock()
        )
        try:
            number = await storing
        except DatabaseError:
            _log.exception("the demo mailbox could not keep a mail")
            return "451 4.3.0 The mail could not be kept, try again later"
        return f"250 2.0.0 Kept as {number}"

    def close(self) -> None:
        # Looked up in the desk's thread: ``connection`` is another object in each.
        self._desk.submit(lambda: connection.close()).result()  # noqa: PLW0108 -- see above
        self._desk.shutdown()


def store(raw: bytes, mail_from: str, rcpt_to: str, received_at: datetime) -> int:
    """Keep a mail; it belongs to the organisation whose message it is, by our own signed names alone."""
    mime = _parse(raw)
    message = _message_of(mime)
    kept = DemoMail.objects.create(
        organisation_id=message.organisation_id if message else None,
        message=message,
        mail_from=mail_from[:320],
        rcpt_to=rcpt_to[:320],
        subject=_header(mime, "Subject"),
        raw=raw,
        received_at=received_at,
    )
    return kept.pk


def _message_of(mime: Mime) -> Message | None:
    recipient_id = tokens.read("recipient", str(mime.get(ID_HEADER, "")).strip())
    if recipient_id is not None:
        recipient = Recipient.objects.select_related("message").filter(id=recipient_id).first()
        return recipient.message if recipient else None
    message_id = tokens.read_message_id(str(mime.get("Message-ID", "")))
    return Message.objects.filter(id=message_id).first() if message_id is not None else None


def mails(organisation_id: int, before: tuple[datetime, int] | None = None, limit: int = PAGE) -> QuerySet[DemoMail]:
    """Newest first, without their content; ``before`` is (received_at, id) of the last one that was shown."""
    found = DemoMail.objects.filter(organisation_id=organisation_id).defer("raw").order_by("-received_at", "-id")
    if before is not None:
        moment, id_ = before
        found = found.filter(Q(received_at__lt=moment) | Q(received_at=moment, id__lt=id_))
    return found[:limit]


def access_mail(member: Member, mail_id: int) -> DemoMail:
    """Raises NotFound, and accounts.access.Refused without the right to see runs."""
    require(member, Privilege.SEE_RUNS)
    mail = DemoMail.objects.filter(organisation_id=member.organisation_id, id=mail_id).first()
    if mail is None:
        raise NotFound
    return mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A mail to read: everything is plain text, ``html`` is the source of the HTML part and never to be rendered."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[str, ...]


def content_of(mail: DemoMail) -> Content:
    mime = _parse(bytes(mail.raw))
    headers = tuple((name, value) for name in _SHOWN if (value := _header(mime, name)))
    plain = source = ""
    attachments: list[str] = []
    for part in mime.walk():
        if part.is_multipart():
            continue
        if part.get_content_disposition() == "attachment" or part.get_content_maintype() not in _WORDED:
            attachments.append(part.get_filename() or part.get_content_type())
        elif part.get_content_subtype() == "html":
            source = source or _body(part)
        else:
            plain = plain or _body(part)
    return Content(headers=headers, text=plain or _text_of(source), html=source, attachments=tuple(attachments))


def _parse(raw: bytes) -> Mime:
    """Whatever somebody sends here is kept; what cannot be taken apart is shown as it is."""
    # The standard library's parser takes minutes for parts within parts a thousand deep.
    if raw.count(b"boundary") <= _PARTS:
        try:
            return BytesParser().parsebytes(raw)
        except (MessageError, RecursionError, ValueError):
            pass
    mime = Mime()
    mime.set_payload(raw.decode("utf-8", "replace"))
    return mime


def _header(mime: Mime, name: str) -> str:
    value = mime.get(name, "")
    try:
        text = str(make_header(decode_header(value)))
    except (MessageError, LookupError, ValueError):
        text = str(value)
    return " ".join(text.replace("\0", "").split())


def _body(part: Mime) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        text = raw.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = raw.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\0", "")[:_LONGEST]


class _Words(HTMLParser):
    """The words of an HTML page, a line for each block."""

    _BLOCKS = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "table"})
    _SILENT = frozenset({"style", "script", "head", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self._SILENT
        if tag in self._BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in self._SILENT))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def _text_of(source: str) -> str:
    words = _Words()
    words.feed(source)
    words.close()
    lines = (" ".join(line.split()) for line in "".join(words.words).split("\n"))
    return "\n".join(line for line in lines if line)
