from datetime import timedelta

import pytest

from rouage.mail import record
from rouage.mail.deliver import deliver_batch
from rouage.mail.models import Message, Recipient
from rouage.mail.record import Group, Observation
from rouage.mail.states import DeliveryKind
from tests.factories.mail import NOW, hand_over, kinds, lease, make_message, news, recipient_of

pytestmark = pytest.mark.django_db


@pytest.mark.req("SND-5")
def test_message_that_is_no_longer_ours_is_left_alone(organisation, sink):
    message = make_message(organisation)
    [first] = lease(message)
    lease(message)  # the lease ended and another worker has it

    deliver_batch([first], NOW)

    message.refresh_from_db()
    assert sink.mails == []
    assert (message.status, message.attempt) == ("queued", 2)


@pytest.mark.req("SND-5")
def test_message_taken_over_before_the_dot_is_not_sent_by_the_first_worker(organisation, sink):
    message = make_message(organisation)

    [first] = lease(message)
    real = record.write

    def write(group, at, **options):
        if group.marks:
            Message.objects.filter(id=message.id).update(attempt=2)
        return real(group, at, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "write", write)
        deliver_batch([first], NOW)

    message.refresh_from_db()
    assert sink.mails == []
    assert kinds(message) == ["queued"]
    assert recipient_of(message).dot_pending_at is None


@pytest.mark.req("SND-5")
def test_marker_of_a_dead_worker_makes_the_outcome_unknown(organisation, sink):
    message = make_message(organisation)
    lease(message)
    Recipient.objects.filter(message=message).update(dot_pending_at=NOW, state="sending")

    hand_over(message, now=NOW + timedelta(minutes=20))

    assert sink.mails == []
    assert (message.status, recipient_of(message).state, recipient_of(message).reason) == ("unknown", "unknown", "lost")
    assert news(message) == [("message.unknown", "lost")]


@pytest.mark.req("SND-5")
def test_unknown_outcome_is_never_sent_again_by_itself(organisation, sink):
    sink.script.dot = "close"
    message = make_message(organisation)
    hand_over(message)
    sink.mails.clear()
    sink.script.dot = b"250 ok\r\n"

    hand_over(message, now=NOW + timedelta(days=1))

    assert (message.status, message.due_at, sink.mails) == ("unknown", None, [])


@pytest.mark.req("SND-5")
def test_late_reply_settles_what_another_worker_called_unknown(organisation, sink):
    message = make_message(organisation)
    lease(message)
    Recipient.objects.filter(message=message).update(dot_pending_at=NOW, state="sending")
    hand_over(message, now=NOW + timedelta(minutes=20))
    late = Observation(
        message_id=message.id, attempt=1, recipient_id=recipient_of(message).id, kind=DeliveryKind.ACCEPTED
    )

    record.write(Group(observations=[late]), NOW + timedelta(minutes=21))

    message.refresh_from_db()
    assert (message.status, recipient_of(message).state) == ("sent", "sent")
    assert recipient_of(message).reason == ""
    assert news(message) == [("message.unknown", "lost"), ("message.sent", "")]


@pytest.mark.req("SND-5")
def test_report_that_overtakes_our_own_record_is_not_undone(organisation, sink, monkeypatch):
    message = make_message(organisation)
    early = Observation(
        message_id=message.id, attempt=1, recipient_id=recipient_of(message).id, kind=DeliveryKind.DSN_DELIVERED
    )
    real = record.write

    def write(group, at, **options):
        if group.observations:
            real(Group(observations=[early]), at)
        return real(group, at, **options)

    monkeypatch.setattr(record, "write", write)

    hand_over(message)

    assert (message.status, recipient_of(message).state) == ("sent", "delivered")
    assert kinds(message) == ["queued", "sending", "dsn_delivered", "accepted"]


def test_lower_evidence_does_not_lower_a_state(organisation):
    message = make_message(organisation)
    recipient = recipient_of(message)
    for kind in (DeliveryKind.DSN_DELIVERED, DeliveryKind.ACCEPTED):
        seen = Observation(message_id=message.id, attempt=1, recipient_id=recipient.id, kind=kind)
        record.write(Group(observations=[seen]), NOW)

    assert recipient_of(message).state == "delivered"
    assert kinds(message) == ["queued", "dsn_delivered", "accepted"]


def test_group_recorded_again_after_a_lost_commit_counts_once(organisation):
    message = make_message(organisation)
    lease(message)
    recipient = recipient_of(message)
    seen = Observation(message_id=message.id, attempt=1, recipient_id=recipient.id, kind=DeliveryKind.ACCEPTED)
    handled = record.Handled(message_id=message.id, attempt=1)
    record.write(Group(observations=[seen], handled=[handled]), NOW)

    record.write(Group(observations=[seen], handled=[handled]), NOW, again=True)

    assert kinds(message) == ["queued", "accepted"]
    assert news(message) == [("message.sent", "")]
