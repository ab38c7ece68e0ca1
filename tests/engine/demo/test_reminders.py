"""The demonstration of payment reminders, with a real mail server on loopback."""

from datetime import timedelta

import pytest

from rouage.automations.models import Run, Step
from rouage.engine import ports
from rouage.engine.demo import reminders
from rouage.mail.models import DemoMail, Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def show(settings):
    settings.ROUAGE_SMTP_HOST, settings.ROUAGE_SMTP_PORT = "127.0.0.1", ports.free_port()
    said = []
    return reminders.play(said.append, days=40), said


@pytest.mark.req("AUT-9", "AUT-10", "AUT-12", "SND-5", "OPS-1")
def test_reminders_leave_once_in_working_hours_and_stop_at_payment(show):
    play, said = show
    assert play.faults == []
    assert DemoMail.objects.count() == Step.objects.filter(status="done").count() > 5
    assert Run.objects.filter(status="cancelled").count() > 2
    assert any("NW-11059" in line for line in said)


def test_faults_names_what_must_not_be(show):
    play, _ = show
    message = Message.objects.filter(status="sent").earliest("id")
    sunday = message.sent_at + timedelta(days=6 - message.sent_at.weekday())
    Message.objects.filter(pk=message.pk).update(sent_at=sunday)
    play.paid[message.record_id] = message.sent_at - timedelta(days=1)
    found = "\n".join(reminders.faults(play))
    assert "outside working hours" in found
    assert "sent after the payment" in found
