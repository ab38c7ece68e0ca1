"""Journeys through the engine, from what happens to a record to the journal."""

from datetime import timedelta

import pytest

from rouage.automations.models import Evaluation, Run, Step
from rouage.engine import pumps
from rouage.journal.models import DomainEvent, Entry
from rouage.mail.models import Message, Recipient
from rouage.records import commands
from rouage.records.models import Quote, Task
from tests.factories.accounts import NOW
from tests.factories.engine import later, mail, make_automation, rows, sent, settle, step
from tests.factories.records import ACTOR, line, make_client, make_quote

DAY = timedelta(days=1)
SOON = timedelta(seconds=10)
BIG = rows(("total_gross", "is_at_least", "500"))
pytestmark = pytest.mark.django_db


def entries(run):
    return list(Entry.objects.filter(run_id=run.id).order_by("id").values_list("verb", flat=True))


@pytest.mark.req("AUT-1", "RUN-1")
def test_follow_up_of_a_quote_through_a_fortnight(mails):
    client = make_client(contacts=[{"name": "Laure Faure", "email": "l.faure@exemple.fr"}])
    make_automation(
        client.organisation,
        mail(later(7), subject="Votre devis {{ number }}"),
        step(timing=later(7), title="Appeler {{ client.name }}"),
    )
    quote = make_quote(client, status="sent")
    settle(NOW)
    run = Run.objects.get()
    assert (run.status, run.position, run.due_at) == ("waiting", 0, NOW + 7 * DAY)
    settle(NOW + 6 * DAY)
    assert not Message.objects.exists()
    settle(NOW + 7 * DAY)
    run.refresh_from_db()
    assert (run.status, run.position) == ("waiting", 1)
    assert NOW + 14 * DAY <= run.due_at <= NOW + 14 * DAY + SOON
    message = Message.objects.get()
    assert (message.idempotency_key, message.status) == (f"{run.id}:0", "sent")
    assert Recipient.objects.get().address == "l.faure@exemple.fr"
    assert mails() == [("l.faure@exemple.fr", f"Votre devis {quote.number}")]
    settle(NOW + 14 * DAY + SOON)
    run.refresh_from_db()
    assert (run.status, run.due_at, run.last_action) == ("finished", None, "create_task")
    assert Task.objects.get().title == f"Appeler {client.name}"
    steps = Step.objects.filter(run=run).order_by("position").values_list("position", "attempt", "action", "status")
    assert list(steps) == [(0, 1, "send_email", "done"), (1, 1, "create_task", "done")]
    assert entries(run) == ["run.started", "message.queued", "message.sent", "run.finished", "task.created"]


@pytest.mark.req("AUT-1")
def test_first_step_without_wait_runs_in_the_transaction_of_the_start():
    client = make_client()
    make_automation(client.organisation, step(), mail(later(7)))
    make_quote(client, status="sent")
    assert pumps.pump_events(NOW, 100)
    assert Run.objects.values_list("status", "position", "due_at").get() == ("waiting", 1, NOW + 7 * DAY)
    assert Task.objects.count() == Step.objects.filter(status="done").count() == 1
    assert not DomainEvent.objects.filter(due_at__isnull=False).exists()


@pytest.mark.req("AUT-3", "RUN-9")
def test_a_trigger_whose_conditions_do_not_hold_is_kept_with_its_reason():
    client = make_client()
    automation = make_automation(client.organisation, conditions=BIG)
    small, big = make_quote(client, status="sent"), make_quote(client, status="sent", lines=[line(unit_price="900")])
    settle(NOW)
    assert Run.objects.get().record_id == big.pk
    evaluation = Evaluation.objects.get()
    assert (evaluation.automation_id, evaluation.record_id) == (automation.id, small.pk)
    assert evaluation.reason["code"] == "start.conditions_not_met"


@pytest.mark.req("AUT-3")
def test_a_step_whose_condition_does_not_hold_is_left_out_and_says_why(mails):
    client = make_client()
    make_automation(client.organisation, mail(later(7), BIG), step(timing=later(1)))
    make_quote(client, status="sent")
    for day in (0, 7, 8):
        settle(NOW + day * DAY)
    assert mails() == []
    left_out, done = Step.objects.order_by("position")
    assert (left_out.status, left_out.reason["code"], done.status) == ("skipped", "step.conditions_not_met", "done")
    assert entries(Run.objects.get()) == ["run.started", "step.skipped", "run.finished", "task.created"]


@pytest.mark.req("AUT-9")
def test_an_accepted_quote_stops_the_run_at_once():
    client = make_client()
    make_automation(client.organisation, mail(later(7)))
    quote = make_quote(client, status="sent")
    settle(NOW)
    commands.change_status(ACTOR, quote, "accepted", now=NOW + DAY)
    settle(NOW + DAY)
    run = Run.objects.get()
    assert (run.status, run.due_at, run.outcome["code"]) == ("cancelled", None, "stop.condition")
    assert entries(run) == ["run.started", "run.cancelled"]
    assert not Message.objects.exists()


@pytest.mark.req("AUT-9")
def test_a_stop_condition_is_asked_again_before_each_step():
    client = make_client()
    make_automation(client.organisation, mail(later(7)))
    quote = make_quote(client, status="sent")
    settle(NOW)
    Quote.objects.filter(pk=quote.pk).update(status="refused")  # without an event: only a fresh reading can tell
    settle(NOW + 7 * DAY)
    assert Run.objects.get().status == "cancelled"
    assert not Message.objects.exists()


@pytest.mark.req("AUT-9")
def test_with_the_switch_a_run_goes_on_despite_the_status():
    client = make_client()
    make_automation(client.organisation, step(timing=later(7)), continue_despite_status=True)
    quote = make_quote(client, status="sent")
    settle(NOW)
    commands.change_status(ACTOR, quote, "accepted", now=NOW + DAY)
    settle(NOW + DAY)
    settle(NOW + 7 * DAY)
    assert Run.objects.get().status == "finished"
    assert Task.objects.count() == 1


@pytest.mark.req("AUT-14")
def test_two_automations_that_start_each_other_stop_at_depth_five():
    client = make_client()
    for subject in ("Rouge", "Bleu"):
        make_automation(
            client.organisation,
            step("change_field", field="subject", value=subject),
            trigger={"type": "field_changed", "config": {"field": "subject"}},
            conditions=rows(("subject", "is_not", subject)),
            self_trigger=True,
        )
    quote = make_quote(client)
    commands.change_fields(ACTOR, quote, {"subject": "Vert"}, now=NOW)
    settle(NOW)
    depths = DomainEvent.objects.filter(type="quote.changed").order_by("id").values_list("depth", flat=True)
    assert list(depths) == [0, 1, 2, 3, 4, 5]
    assert Run.objects.count() == 6  # both of them at first, of which one found the field changed
    assert Evaluation.objects.filter(reason__code="start.loop").count() == 2


@pytest.mark.req("AUT-14")
def test_an_automation_does_not_start_itself_on_the_same_record():
    client = make_client()
    make_automation(
        client.organisation,
        step("change_field", field="subject", value="Relu"),
        trigger={"type": "field_changed", "config": {"field": "subject"}},
        reentry="always",
    )
    quote = make_quote(client)
    commands.change_fields(ACTOR, quote, {"subject": "Autre"}, now=NOW)
    settle(NOW)
    assert Run.objects.count() == 1
    assert Evaluation.objects.get().reason["code"] == "start.self_trigger"


@pytest.mark.req("AUT-4")
def test_two_runs_that_change_one_status_in_one_batch_the_first_wins_and_the_other_says_so():
    client = make_client()
    for status in ("accepted", "refused"):
        make_automation(client.organisation, step("change_status", status=status))
    quote = make_quote(client, status="sent")
    pumps.pump_events(NOW, 100)
    quote.refresh_from_db()
    assert quote.status == "accepted"
    first, second = Step.objects.order_by("id")
    assert (first.status, second.status, second.reason["code"]) == ("done", "skipped", "record.moved")
    assert [run.status for run in Run.objects.all()] == ["finished", "finished"]


def test_organisations_do_not_hear_each_other():
    here, there = make_client(), make_client()
    make_automation(here.organisation)
    sent(make_quote(there))
    settle(NOW)
    assert not Run.objects.exists()
    assert not Evaluation.objects.exists()
