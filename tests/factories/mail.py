"""Messages, and mail servers on this machine that behave as a test wants."""

import asyncio
import socket
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from django.db.models import F

from rouage.journal.models import DomainEvent
from rouage.mail.deliver import deliver_batch
from rouage.mail.models import DeliveryEvent, Message, Recipient
from rouage.mail.outbox import NewMessage, NewRecipient, queue
from rouage.mail.parcels import Leased
from rouage.planner.model import Link

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_numbers = count(1)
# Too long for the buffers between client and server: the server hangs up before the client has written all of it.
ENDLESS = "Ligne\n" * 1_500_000


def new_message(organisation_id, *addresses, key=None, **settings):
    """A value for ``queue``: to one address each, or to ``recipients``; about run ``run_id``, step 0."""
    run_id = settings.pop("run_id", next(_numbers))
    position = settings.pop("position", 0)
    recipients = settings.pop("recipients", None)
    if recipients is None:
        recipients = tuple(
            NewRecipient(address=address, name="Marie Dupont") for address in addresses or ("marie@exemple.fr",)
        )
    fields = {
        "automation_id": 7,
        "kind": "invoice",
        "record_id": 42,
        "client_id": 5,
        "subject": "Facture FA-2026-0042",
        "text": "Bonjour,\n\nVeuillez trouver votre facture.\n",
        "cause": (Link(run_id=run_id, automation_id=7, kind="invoice", record_id=42),),
    }
    return NewMessage(
        organisation_id=organisation_id,
        idempotency_key=key or f"{run_id}:{position}",
        recipients=recipients,
        run_id=run_id,
        position=position,
        **(fields | settings),
    )


def make_message(organisation, *addresses, now=NOW, **settings):
    """Queue one message and return its row."""
    new = new_message(organisation.id, *addresses, **settings)
    queue([new], now)
    return Message.objects.get(idempotency_key=new.idempotency_key)


def lease(*messages, now=NOW, period=timedelta(minutes=15)):
    """Claim them as the messages pump does."""
    ids = [message.id for message in messages]
    Message.objects.filter(id__in=ids).update(claimed_until=now + period, attempt=F("attempt") + 1)
    return [Leased(id_, attempt) for id_, attempt in Message.objects.filter(id__in=ids).values_list("id", "attempt")]


def recipient_of(message):
    return Recipient.objects.get(message=message)


def hand_over(*messages, now=NOW):
    """Claim and deliver them, and read them again."""
    deliver_batch(lease(*messages, now=now), now)
    for message in messages:
        message.refresh_from_db()


def kinds(message):
    """What was observed, in its order."""
    return [event.kind for event in DeliveryEvent.objects.filter(recipient__message=message).order_by("id")]


def news(message):
    """What the engine is told of the message: type and reason."""
    events = DomainEvent.objects.filter(type__startswith="message.", payload__message=message.id)
    return list(events.order_by("id").values_list("type", "payload__reason"))


@dataclass
class Script:
    """What the server answers at each point; bytes are sent as they are, "close" hangs up, "hang" says nothing more.

    An answer may be several, one after the other, or a function of the recipient's address.
    """

    greeting: object = b"220 test ESMTP\r\n"
    ehlo: object = b"250-test\r\n250-8BITMIME\r\n250 SIZE 100000000\r\n"
    mail: object = b"250 2.1.0 ok\r\n"
    rcpt: object = b"250 2.1.5 ok\r\n"
    data: object = b"354 go ahead\r\n"
    dot: object = b"250 2.0.0 queued\r\n"
    auth: object = b"235 2.7.0 welcome\r\n"
    drop_in_body: bool = False
    tls: object = None  # an ssl context: STARTTLS is offered


@dataclass
class Sink:
    """An SMTP server in a thread; ``mails`` are (recipient, content) of everything that got its final dot."""

    script: Script = field(default_factory=Script)
    mails: list = field(default_factory=list)
    connections: int = 0
    commands: list = field(default_factory=list)
    port: int = 0

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._tasks = set()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, ready):
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self):
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the transports say goodbye in the next round

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        self.connections += 1
        try:
            await _Dialogue(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, _HangUp):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()


COMMANDS = {
    "EHLO": "greet",
    "HELO": "greet",
    "STARTTLS": "encrypt",
    "AUTH": "sign_in",
    "MAIL": "sender",
    "RCPT": "address",
    "DATA": "data",
    "RSET": "nothing",
    "NOOP": "nothing",
    "QUIT": "quit",
}


class _HangUp(Exception):
    pass


class _Dialogue:
    def __init__(self, sink, reader, writer):
        self.sink, self.reader, self.writer = sink, reader, writer
        self.recipient = ""

    async def say(self, answer):
        if callable(answer):
            answer = answer(self.recipient)
        if isinstance(answer, tuple):
            for part in answer:
                await self.say(part)
            return
        if answer == "close":
            raise _HangUp
        if answer == "hang":
            await asyncio.sleep(3600)
        self.writer.write(answer)
        await self.writer.drain()

    async def run(self):
        await self.say(self.sink.script.greeting)
        while line := await self.reader.readline():
            text = line.decode("utf-8", "replace").strip()
            self.sink.commands.append(text)
            verb = text.split(":")[0].split()[0].upper() if text else ""
            if verb in COMMANDS:
                await getattr(self, COMMANDS[verb])(text)
            else:
                await self.say(b"500 5.5.1 what?\r\n")

    async def greet(self, _):
        await self.say(self.sink.script.ehlo)

    async def encrypt(self, _):
        await self.say(b"220 go\r\n")
        await self.writer.start_tls(self.sink.script.tls)

    async def sign_in(self, _):
        await self.say(self.sink.script.auth)

    async def sender(self, _):
        await self.say(self.sink.script.mail)

    async def address(self, text):
        self.recipient = text.split("<", 1)[1].split(">")[0]
        await self.say(self.sink.script.rcpt)

    async def nothing(self, _):
        await self.say(b"250 ok\r\n")

    async def quit(self, _):
        await self.say(b"221 bye\r\n")
        raise _HangUp

    async def data(self, _):
        script = self.sink.script
        await self.say(script.data)
        if not isinstance(script.data, bytes) or not script.data.startswith(b"354"):
            return
        content = b""
        while (line := await self.reader.readuntil(b"\n")) != b".\r\n":
            content += line[1:] if line.startswith(b".") else line
            if script.drop_in_body:
                raise _HangUp
        self.sink.mails.append((self.recipient, content))
        await self.say(script.dot)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
