import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from rouage.journal.append_only import Immutable
from rouage.mail import tokens
from rouage.mail.history import reminders_sent
from rouage.mail.models import DeliveryEvent, Message, Recipient
from rouage.mail.outbox import NewRecipient, once_each, queue
from rouage.mail.states import RecipientKind
from rouage.planner.model import Link
from tests.factories.accounts import make_organisation
from tests.factories.mail import NOW, make_message, new_message, recipient_of

pytestmark = pytest.mark.django_db


def test_queued_message_is_due_at_once_with_its_recipients(organisation):
    cause = (Link(run_id=3, automation_id=7, kind="quote", record_id=9),)
    new = new_message(
        organisation.id,
        recipients=(
            NewRecipient(address="marie@exemple.fr", name="Marie", role="contact.main", contact_id=8),
            NewRecipient(address="paul@exemple.fr", kind=RecipientKind.CC),
        ),
        run_id=31, position=2, automation_id=7, kind="quote", record_id=9, client_id=5, template_id=4, reminder=True,
        subject="Devis", text="Bonjour", html="<p>Bonjour</p>", language="en", cause=cause,
    )  # fmt: skip

    queue([new], NOW)

    message = Message.objects.get()
    assert (message.organisation, message.idempotency_key, message.status) == (organisation, "31:2", "queued")
    assert (message.run_id, message.position, message.automation_id, message.template_id) == (31, 2, 7, 4)
    assert (message.kind, message.record_id, message.client_id, message.reminder) == ("quote", 9, 5, True)
    assert (message.subject, message.text, message.html, message.language) == (
        "Devis", "Bonjour", "<p>Bonjour</p>", "en",
    )  # fmt: skip
    assert (message.due_at, message.created_at, message.attempt, message.claimed_until) == (NOW, NOW, 0, None)
    assert message.cause == [[3, 7, "quote", 9]]
    assert tokens.read_message_id(message.message_id) == message.id
    marie, paul = Recipient.objects.order_by("id")
    assert (marie.address, marie.name, marie.role, marie.contact_id) == ("marie@exemple.fr", "Marie", "contact.main", 8)
    assert (marie.kind, marie.state, marie.state_at, marie.dot_pending_at) == ("to", "queued", NOW, None)
    assert (paul.kind, paul.address) == ("cc", "paul@exemple.fr")
    assert tokens.read("recipient", paul.token) == paul.id
    events = DeliveryEvent.objects.order_by("id").values_list("recipient_id", "kind", "occurred_at", "evidence")
    assert list(events) == [(marie.id, "queued", NOW, {}), (paul.id, "queued", NOW, {})]


@pytest.mark.req("SND-5")
def test_same_key_is_refused_and_nothing_is_written(organisation):
    make_message(organisation, key="31:2")

    with pytest.raises(IntegrityError), transaction.atomic():
        queue([new_message(organisation.id, key="32:0"), new_message(organisation.id, key="31:2")], NOW)

    assert list(Message.objects.values_list("idempotency_key", flat=True)) == ["31:2"]
    assert Recipient.objects.count() == 1


def test_number_of_statements_does_not_depend_on_the_number_of_messages(organisation, django_assert_num_queries):
    make_message(organisation)  # the first row of a table costs SQLite one more, to begin its sequence
    queue([new_message(organisation.id)], NOW)
    expected = 5
    for number in (1, 3, 50):
        with transaction.atomic(), django_assert_num_queries(expected):
            queue([new_message(organisation.id, "a@b.fr", "c@d.fr") for _ in range(number)], NOW)


def test_no_messages_are_no_statements(django_assert_num_queries):
    with django_assert_num_queries(0):
        queue([], NOW)


def test_same_address_twice_is_one_recipient():
    given = (
        NewRecipient(address="Marie@exemple.fr", kind=RecipientKind.CC),
        NewRecipient(address="marie@exemple.fr "),
        NewRecipient(address="", name="Paul"),
        NewRecipient(address="", name="Jean"),
    )
    assert [(r.address, r.name, r.kind) for r in once_each(given)] == [
        ("marie@exemple.fr ", "", "to"),
        ("", "Paul", "to"),
        ("", "Jean", "to"),
    ]


def test_text_that_the_database_cannot_hold_is_cleaned(organisation):
    message = make_message(
        organisation,
        recipients=(NewRecipient(address="a\x00" + "b" * 400, name="n" * 300),),
        subject="a\x00b",
        text="c\x00d",
    )
    assert (message.subject, message.text) == ("ab", "cd")
    assert (len(recipient_of(message).address), len(recipient_of(message).name)) == (320, 200)


def test_cause_is_stored_as_json(organisation):
    make_message(organisation, cause=())
    with connection.cursor() as cursor:
        cursor.execute("select cause from mail_message")
        [(cause,)] = cursor.fetchall()
    assert (json.loads(cause) if isinstance(cause, str) else cause) == []


@pytest.mark.req("RUN-5")
def test_what_was_sent_to_whom_is_never_rewritten_or_erased(organisation):
    message = make_message(organisation)
    recipient = recipient_of(message)
    for attempt in (
        message.delete,
        lambda: Message.objects.all().delete(),
        lambda: Message.objects.update(subject="autre"),
        lambda: Recipient.objects.update(address="autre@exemple.fr"),
        recipient.delete,
        lambda: DeliveryEvent.objects.update(kind="accepted"),
        lambda: DeliveryEvent.objects.all().delete(),
    ):
        with pytest.raises(Immutable):
            attempt()
    for sql in (
        "update mail_message set subject = 'autre'",
        "delete from mail_message",
        "update mail_recipient set address = 'autre'",
        "delete from mail_recipient",
        "update mail_deliveryevent set kind = 'accepted'",
        "delete from mail_deliveryevent",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


class TestRemindersSent:
    def queue(self, organisation, client_id, days, **settings):
        return make_message(organisation, now=NOW - timedelta(days=days), client_id=client_id, **settings)

    @pytest.mark.req("AUT-11")
    def test_moments_of_each_client_oldest_first(self, organisation):
        self.queue(organisation, 1, 2, reminder=True)
        self.queue(organisation, 1, 5, reminder=True)
        self.queue(organisation, 2, 1, reminder=True)
        self.queue(organisation, 3, 1, reminder=True)  # not asked for
        self.queue(organisation, 1, 1)  # no reminder
        self.queue(organisation, 1, 9, reminder=True)  # too long ago
        failed = self.queue(organisation, 1, 3, reminder=True)
        Message.objects.filter(id=failed.id).update(status="failed", due_at=None)
        self.queue(make_organisation(), 1, 1, reminder=True)  # somebody else's

        found = reminders_sent(organisation.id, {1, 2, 4}, NOW - timedelta(days=7))

        assert found == {1: (NOW - timedelta(days=5), NOW - timedelta(days=2)), 2: (NOW - timedelta(days=1),)}

    def test_one_query_and_none_for_nobody(self, organisation, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert reminders_sent(organisation.id, [1, 2, 3], NOW) == {}
        with django_assert_num_queries(0):
            assert reminders_sent(organisation.id, [], NOW) == {}
