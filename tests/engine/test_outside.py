"""Effects that leave the database: handed over, answered, refused, unknown; and what their runs make of it."""

from datetime import timedelta

import pytest
from django.test import override_settings

from rouage.accounts.models import Notification
from rouage.automations import call_delivery
from rouage.automations.models import Call, Run, Step
from rouage.engine import claim, pumps
from rouage.engine.claim import Turn
from rouage.functions import outbound
from rouage.journal.models import DomainEvent, Entry
from rouage.mail.models import Message
from tests.factories.accounts import NOW
from tests.factories.engine import later, mail, make_automation, sent, settle, step
from tests.factories.receiver import Receiver
from tests.factories.records import make_client, make_quote

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver():
    with Receiver() as server, override_settings(ROUAGE_OUTBOUND_ALLOW=[f"127.0.0.1:{server.port}"]):
        yield server


def call(url, timing=None, **config):
    return step("call_webhook", timing, url=url, **config)


def started(*steps, client=None, **definition):
    """A run whose first step is due."""
    client = client or make_client()
    make_automation(client.organisation, *steps, **definition)
    quote = make_quote(client)
    sent(quote)
    return quote


@pytest.mark.req("AUT-4", "RUN-3")
def test_the_run_waits_for_the_hand_over_of_its_mail_and_then_goes_on(sink):
    started(mail(), step())
    pumps.pump_events(NOW, 100)
    run, first = Run.objects.get(), Step.objects.get()
    assert (run.status, run.position, run.due_at) == ("running", 0, None)
    assert (first.status, first.ended_at) == ("started", None)
    settle(NOW)
    run.refresh_from_db()
    assert run.status == "finished"
    assert [(s.position, s.status) for s in Step.objects.order_by("position")] == [(0, "done"), (1, "done")]
    assert Step.objects.get(position=0).ended_at is not None
    assert len(sink.mails) == 1


@pytest.mark.req("SND-3", "RUN-10")
def test_a_refused_mail_fails_the_run_with_its_reason_and_tells_the_owner(sink):
    sink.script.rcpt = b"550 5.1.1 no such user here\r\n"
    started(mail(), step())
    settle(NOW)
    run, only = Run.objects.get(), Step.objects.get()
    assert (run.status, run.position, run.outcome["code"]) == ("failed", 0, "mail.user_unknown")
    assert (only.status, only.reason["code"]) == ("failed", "mail.user_unknown")
    told = Notification.objects.get()
    assert (told.run_id, told.member_id) == (run.id, run.automation.owner_id)
    assert run.label in told.text
    assert Entry.objects.filter(run_id=run.id, verb="run.failed").count() == 1


@pytest.mark.req("SND-5")
def test_a_mail_whose_outcome_nobody_knows_is_never_sent_again_by_itself(sink):
    sink.script.dot = "close"
    started(mail(), step())
    settle(NOW)
    run = Run.objects.get()
    assert (run.status, run.outcome["code"]) == ("failed", "mail.lost")
    assert Message.objects.get().status == "unknown"
    sink.script.dot = b"250 2.0.0 queued\r\n"
    settle(NOW + 2 * DAY)
    assert len(sink.mails) == 1


@pytest.mark.req("SND-5")
def test_while_the_mail_server_is_away_the_run_waits_and_nothing_is_lost(sink):
    sink.script.greeting = "close"
    started(mail())
    settle(NOW)
    assert (Run.objects.get().status, Message.objects.get().status) == ("running", "awaiting_retry")
    sink.script.greeting = b"220 test ESMTP\r\n"
    settle(NOW + 5 * MINUTE)
    assert (Run.objects.get().status, Message.objects.get().status) == ("finished", "sent")
    assert len(sink.mails) == 1


@pytest.mark.req("REC-1", "SND-6")
@pytest.mark.parametrize(
    ("contact", "config", "code"),
    [
        ({"email": ""}, {}, "recipient.address_missing"),
        ({"email": "laure at example"}, {}, "recipient.address_malformed"),
        ({"email": "l@exemple.fr"}, {"body": "Bonjour {{ client.nm }}"}, "merge.unknown_field"),
        ({"email": "l@exemple.fr"}, {"subject": "{{ number"}, "merge.unclosed"),
        ({"email": "l@exemple.fr"}, {"template": 4711}, "template.gone"),
    ],
)
def test_what_cannot_be_written_fails_its_step_clearly_and_sends_nothing(sink, contact, config, code):
    client = make_client(contacts=[{"name": "Laure Faure", **contact}])
    started(mail(**config), client=client)
    settle(NOW)
    run = Run.objects.get()
    assert (run.status, run.outcome["code"]) == ("failed", code)
    assert Step.objects.get().reason["code"] == code
    assert not Message.objects.exists()
    assert Notification.objects.count() == 1


@pytest.mark.req("RUN-10")
def test_one_owner_is_told_once_of_many_failures():
    client = make_client(contacts=[{"name": "Laure Faure", "email": ""}])
    make_automation(client.organisation, mail())
    for day in (0, 1):
        for _ in range(3):
            sent(make_quote(client), now=NOW + day * DAY)
        settle(NOW + day * DAY)
    assert Run.objects.filter(status="failed").count() == 6
    assert Notification.objects.count() == 1
    Notification.objects.update(read_at=NOW)
    sent(make_quote(client), now=NOW + 2 * DAY)
    settle(NOW + 2 * DAY)
    assert Notification.objects.count() == 2


@pytest.mark.req("AUT-4", "SND-5")
def test_a_call_carries_its_idempotency_key_and_ends_the_step(receiver):
    started(call(receiver.url, body='{"number": "{{ number }}"}'), step())
    settle(NOW)
    run = Run.objects.get()
    assert run.status == "finished"
    [(method, path, headers, body)] = receiver.requests
    assert (method, path, headers["Idempotency-Key"]) == ("POST", "/hook", f"{run.id}:0")
    assert headers["Content-Type"] == "application/json"
    assert body.startswith(b'{"number": ')
    made = Call.objects.get()
    assert (made.status, made.answer["status"], made.due_at) == ("done", 200, None)
    assert Step.objects.get(position=0).status == "done"


@pytest.mark.req("AUT-4")
def test_a_server_with_a_fault_is_asked_again_with_the_same_key_until_it_answers(receiver):
    receiver.answers = [500, 503, 200]
    started(call(receiver.url))
    settle(NOW)
    waiting = Call.objects.get()
    assert (waiting.status, waiting.due_at.replace(microsecond=0)) == ("waiting", NOW + MINUTE)
    assert waiting.reason["code"] == "call.refused"
    assert Run.objects.get().status == "running"
    settle(NOW + 2 * MINUTE)
    settle(NOW + 10 * MINUTE)
    assert (Call.objects.get().status, Run.objects.get().status) == ("done", "finished")
    assert set(receiver.keys()) == {f"{Run.objects.get().id}:0"}
    assert len(receiver.requests) == 3


@pytest.mark.req("AUT-4", "RUN-3")
def test_a_server_that_never_answers_well_fails_the_run_in_the_end(receiver):
    receiver.answers = [500]
    started(call(receiver.url), step())
    now = NOW
    for _ in range(6):
        settle(now)
        now += DAY
    assert len(receiver.requests) == call_delivery.RETRY.tries == 5
    run = Run.objects.get()
    assert (run.status, run.outcome["code"]) == ("failed", "step.gave_up")
    assert run.outcome["data"]["because"]["map"]["code"] == "call.refused"
    assert Step.objects.get().status == "failed"
    assert Notification.objects.count() == 1


@pytest.mark.req("AUT-4")
@pytest.mark.parametrize(
    ("answer", "code"),
    [(404, "call.refused"), ((302, {"Location": "https://example.com/neu"}), "call.redirected")],
)
def test_an_answer_that_will_not_change_fails_at_once(receiver, answer, code):
    receiver.answers = [answer]
    started(call(receiver.url))
    settle(NOW)
    run = Run.objects.get()
    assert (run.status, run.outcome["code"]) == ("failed", code)
    assert len(receiver.requests) == 1


@pytest.mark.req("AUT-4")
def test_a_receiver_that_hangs_is_given_up_on_after_its_time(receiver, monkeypatch):
    monkeypatch.setattr(
        outbound.Request.__init__, "__kwdefaults__", {**outbound.Request.__init__.__kwdefaults__, "timeout": 0.3}
    )
    receiver.answers = ["hang", 200]
    started(call(receiver.url))
    settle(NOW)
    made = Call.objects.get()
    assert (made.status, made.reason["code"]) == ("waiting", "call.timeout")
    settle(NOW + 2 * MINUTE)
    assert Run.objects.get().status == "finished"


@pytest.mark.req("AUT-4")
def test_an_address_inside_the_network_is_not_called():
    with Receiver() as receiver:
        started(call(receiver.url))
        settle(NOW)
        assert receiver.requests == []
    assert Run.objects.get().outcome["code"] == "call.blocked"


@pytest.mark.req("SND-5")
def test_a_call_whose_worker_died_is_made_again_with_the_same_key(receiver):
    started(call(receiver.url))
    pumps.pump_events(NOW, 100)
    first = claim.lease(pumps.CALLS.queue, NOW, 10, Turn(), period=MINUTE)
    assert claim.lease(pumps.CALLS.queue, NOW, 10, Turn(), period=MINUTE) == []
    settle(NOW + 2 * MINUTE)
    assert Run.objects.get().status == "finished"
    # The dead one comes back: what it holds is no longer its own.
    call_delivery.make_batch([call_delivery.Leased(row[0], row[2]) for row in first], NOW + 3 * MINUTE)
    assert len(receiver.requests) == 1
    assert DomainEvent.objects.filter(type="call.succeeded").count() == 1


@pytest.mark.req("RUN-6")
def test_the_outcome_of_a_cancelled_run_is_kept_and_leads_nowhere(sink):
    started(mail(), step())
    pumps.pump_events(NOW, 100)
    Run.objects.update(status="cancelled")
    settle(NOW)
    assert Run.objects.get().status == "cancelled"
    assert Step.objects.get().status == "done"
    assert len(sink.mails) == 1


@pytest.mark.req("AUT-11")
def test_reminders_keep_the_gap_between_them(sink):
    client = make_client()
    make_automation(client.organisation, mail(reminder=True), limits={"gap_days": 3})
    for _ in range(2):
        sent(make_quote(client))
    pumps.pump_events(NOW, 100)
    first, second = Run.objects.order_by("id")
    assert (first.status, second.status) == ("running", "waiting")
    assert (second.due_at, second.outcome["code"]) == (NOW + 3 * DAY, "limit.gap")
    settle(NOW + DAY)
    assert len(sink.mails) == 1
    settle(NOW + 3 * DAY)
    assert len(sink.mails) == 2
    assert Entry.objects.filter(verb="run.postponed").count() == 1


@pytest.mark.req("AUT-11")
def test_a_client_is_reminded_no_more_often_than_the_cap_whatever_the_automation(sink):
    client, other = make_client(), None
    other = make_client(client.organisation)
    for name in ("Devis", "Factures"):
        make_automation(client.organisation, mail(reminder=True), name=name, limits={"cap": 1, "period_days": 7})
    sent(make_quote(client))
    sent(make_quote(other))
    settle(NOW)
    assert len(sink.mails) == 2
    assert sorted(Run.objects.values_list("client_id", "status")) == sorted(
        [(client.pk, "finished"), (client.pk, "waiting"), (other.pk, "finished"), (other.pk, "waiting")]
    )
    settle(NOW + 7 * DAY)
    assert len(sink.mails) == 4


@pytest.mark.req("AUT-10")
def test_a_mail_outside_the_sending_hours_moves_to_the_next_opening(sink):
    evening = NOW + timedelta(hours=11)  # Monday 21:00 in Paris
    quote = make_quote()
    make_automation(quote.organisation, mail())
    sent(quote, now=evening)
    settle(evening)
    run = Run.objects.get()
    assert (run.due_at, run.outcome["code"]) == (NOW.replace(hour=8) + DAY, "window.outside")
    assert Entry.objects.get(verb="run.postponed").data["reason"]["code"] == "window.outside"
    settle(NOW.replace(hour=8) + DAY)
    assert len(sink.mails) == 1


@pytest.mark.req("OPS-2")
def test_after_downtime_a_late_step_is_done_and_says_so_or_is_missed():
    done, missed = make_quote(), make_quote()
    make_automation(done.organisation, step(timing=later(1)))
    make_automation(missed.organisation, step(timing=later(1)), max_late_hours=2)
    for quote in (done, missed):
        sent(quote)
    settle(NOW)
    settle(NOW + 3 * DAY)
    assert [run.status for run in Run.objects.order_by("id")] == ["finished", "finished"]
    assert [s.status for s in Step.objects.order_by("run_id")] == ["done", "skipped"]
    assert Entry.objects.get(verb="step.caught_up").data == {"position": 0, "late": 2 * 86400}
    assert Entry.objects.get(verb="step.missed").data["reason"]["code"] == "step.missed"
