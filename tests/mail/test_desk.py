import logging
import threading

import pytest
from django.db import OperationalError

from rouage.mail import deliver, desk, record
from rouage.mail.deliver import deliver_batch
from rouage.mail.models import DeliveryEvent
from tests.factories.mail import NOW, lease, make_message, recipient_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch):
    monkeypatch.setattr(desk, "_RECORD_AGAIN", (0.01, 0.01, 0.01))


def failing(monkeypatch, when, times):
    """Let ``record.write`` fail for some groups; returns the list of what failed."""
    real, failures = record.write, []

    def write(group, at, **options):
        if when(group) and len(failures) < times:
            failures.append(group)
            raise OperationalError("database is locked")
        return real(group, at, **options)

    monkeypatch.setattr(record, "write", write)
    return failures


@pytest.mark.req("SND-5")
def test_outcome_is_recorded_once_the_database_answers_again(organisation, sink, monkeypatch, caplog):
    failures = failing(monkeypatch, lambda group: group.handled, times=3)
    message = make_message(organisation)

    deliver_batch(lease(message), NOW)

    message.refresh_from_db()
    assert len(failures) == 3
    assert (message.status, len(sink.mails)) == ("sent", 1)
    kinds = DeliveryEvent.objects.filter(recipient__message=message).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["queued", "sending", "accepted"]


@pytest.mark.req("SND-5")
def test_no_dot_goes_while_the_marker_cannot_be_committed(organisation, sink, monkeypatch):
    failing(monkeypatch, lambda group: group.marks, times=100)
    messages = [make_message(organisation) for _ in range(20)]

    with pytest.raises(OperationalError):
        deliver_batch(lease(*messages), NOW)

    assert sink.mails == []
    for message in messages:
        message.refresh_from_db()
        assert (message.status, recipient_of(message).dot_pending_at) == ("queued", None)


@pytest.mark.req("SND-5")
def test_database_that_stays_away_leaves_the_marker(organisation, sink, monkeypatch, caplog):
    failing(monkeypatch, lambda group: group.observations or group.handled, times=100)
    message = make_message(organisation)

    with caplog.at_level(logging.CRITICAL), pytest.raises(OperationalError):
        deliver_batch(lease(message), NOW)

    message.refresh_from_db()
    assert len(sink.mails) == 1
    assert message.status == "sending"
    assert recipient_of(message).dot_pending_at is not None  # the next claim calls it unknown


def test_fault_of_ours_leaves_no_thread_behind(organisation, sink, monkeypatch):
    before = threading.active_count()

    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(record, "write", broken)
    messages = [make_message(organisation) for _ in range(20)]

    with pytest.raises(ZeroDivisionError):
        deliver_batch(lease(*messages), NOW)

    assert threading.active_count() == before
    assert sink.mails == []


def test_fault_in_one_dialogue_does_not_touch_the_others(organisation, sink, monkeypatch, caplog):
    real = deliver._one

    def one(parcel, recipient_id, address, *rest):
        if address.startswith("poison"):
            raise ZeroDivisionError
        return real(parcel, recipient_id, address, *rest)

    monkeypatch.setattr(deliver, "_one", one)
    bad, good = make_message(organisation, "poison@exemple.fr"), make_message(organisation)

    deliver_batch(lease(bad, good), NOW)

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == ("queued", "sent")
    assert "comes back when the lease ends" in caplog.text
