import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from rouage.mail.deliver import deliver_batch
from rouage.mail.models import DeliveryEvent, Message
from tests.factories.accounts import make_organisation
from tests.factories.mail import NOW, Script, Sink, lease, make_message, recipient_of

TIMES = 3
# What the recipient has and what we say, after a restart.
SENT, UNKNOWN_LOST, UNKNOWN_SENT = (1, "sent"), (0, "unknown"), (1, "unknown")
EXPECTED = {
    "never": SENT,
    "leased": SENT,
    "connected": SENT,
    "greeted": SENT,
    "mail": SENT,
    "rcpt": SENT,
    "data": SENT,
    "body": SENT,
    "before_marker": SENT,
    "in_marker": SENT,
    "marker": UNKNOWN_LOST,
    "before_dot": UNKNOWN_LOST,
    "dot": UNKNOWN_SENT,
    "reply": UNKNOWN_SENT,
    "in_outcome": UNKNOWN_SENT,
    "outcome": SENT,
}


class Sender:
    def __init__(self, port):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mail.crash_sender", connection.settings_dict["NAME"], str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self._process as process:
            process.stdin.close()
            process.wait(30)

    def hand_over(self, point, message, now):
        self._process.stdin.write(f"{point} {message.id} {now.isoformat()}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@pytest.mark.req("SND-5")
@pytest.mark.serial
@pytest.mark.slow
def test_no_kill_at_any_point_loses_a_mail_in_silence_or_sends_it_twice(transactional_db):
    organisation = make_organisation()
    messages = {}
    with Sink() as sink, Sender(sink.port) as sender:
        for point in EXPECTED:
            for number in range(TIMES):
                address = f"{point}{number}@exemple.fr"
                messages[address] = (point, make_message(organisation, address))
        hit = Counter()
        for point, message in messages.values():
            hit[point] += sender.hand_over(point, message, NOW) == "killed"
        for _, message in messages.values():
            assert sender.hand_over("never", message, NOW + timedelta(hours=1)) == "0"
    copies = Counter(address for address, _ in sink.mails)

    # The test is worth what it hit: every process but the spared ones died where it was told to.
    assert hit == {point: 0 if point == "never" else TIMES for point in EXPECTED}
    for address, (point, message) in messages.items():
        message.refresh_from_db()
        assert (copies[address], message.status) == EXPECTED[point], address
        assert recipient_of(message).state == message.status
        kinds = Counter(DeliveryEvent.objects.filter(recipient__message=message).values_list("kind", flat=True))
        assert kinds["accepted"] + kinds["lost"] == 1
    assert max(copies.values()) == 1
    lost = [address for address, (_, message) in messages.items() if not copies[address]]
    assert {messages[address][1].status for address in lost} == {"unknown"}
    assert Message.objects.filter(due_at__isnull=False).count() == 0


CUTS = [
    ("greeting", {SENT}),
    ("ehlo", {SENT}),
    ("mail", {SENT}),
    ("rcpt", {SENT}),
    ("data", {SENT}),
    ("body", {SENT, UNKNOWN_LOST}),  # it depends on the network whether the break is felt before the dot goes
    ("dot", {UNKNOWN_SENT}),
    ("reply", {UNKNOWN_SENT}),
]

HOW = {
    "data": {"data": (b"3", "close")},
    "body": {"drop_in_body": True},
    "reply": {"dot": (b"250-2.0", "close")},
}


@pytest.mark.req("SND-5")
@pytest.mark.django_db
@pytest.mark.parametrize(("point", "expected"), CUTS)
def test_no_cut_at_any_point_loses_a_mail_in_silence_or_sends_it_twice(organisation, sink, point, expected):
    for number in range(TIMES):
        message = make_message(organisation, f"{point}{number}@exemple.fr")
        sink.script = Script(**HOW.get(point, {point: "close"}))
        deliver_batch(lease(message), NOW)
        sink.script = Script()
        message.refresh_from_db()
        if message.due_at:
            deliver_batch(lease(message, now=message.due_at), message.due_at)
        message.refresh_from_db()

        copies = [address for address, _ in sink.mails].count(f"{point}{number}@exemple.fr")
        assert (copies, message.status) in expected
