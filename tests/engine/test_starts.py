"""Which events start a run, which ends and which moves one."""

from datetime import timedelta

import pytest
from django.test import override_settings

from rouage.accounts.models import Notification
from rouage.automations.models import Automation, Evaluation, Run, Step
from rouage.engine import pumps
from rouage.journal.append import append_event
from rouage.journal.models import Entry
from rouage.planner.model import ENROLLED
from rouage.records import commands
from rouage.records.models import Client, Invoice, Task
from tests.factories.accounts import NOW
from tests.factories.engine import happened, later, make_automation, publish, rows, sent, settle, step
from tests.factories.records import ACTOR, make_client, make_event, make_invoice, make_quote

DAY = timedelta(days=1)
AROUND = {"type": "around", "field": "due_date", "amount": 7, "unit": "days", "direction": "after", "at": "10:00"}
OVERDUE = {"type": "date_reached", "config": {"field": "due_date", "amount": 7, "direction": "after", "at": "10:00"}}
pytestmark = pytest.mark.django_db


def reasons():
    return list(Evaluation.objects.order_by("id").values_list("reason__code", flat=True))


@pytest.mark.req("AUT-8")
@pytest.mark.parametrize(
    ("reentry", "statuses", "said"),
    [
        ("ignore", ["waiting"], ["start.already_running"]),
        ("restart", ["cancelled", "waiting"], []),
        ("once", ["waiting"], ["start.already_ran"]),
        ("always", ["waiting", "waiting"], []),
    ],
)
def test_reentry_while_a_run_is_open(reentry, statuses, said):
    quote = make_quote()
    make_automation(quote.organisation, step(timing=later(7)), reentry=reentry)
    sent(quote)
    settle(NOW)
    sent(quote, now=NOW + DAY)
    settle(NOW + DAY)
    assert list(Run.objects.order_by("id").values_list("status", flat=True)) == statuses
    assert reasons() == said


@pytest.mark.req("AUT-8")
@pytest.mark.parametrize(
    ("reentry", "runs", "said"),
    [
        ("ignore", 1, ["start.already_running"]),
        ("restart", 1, ["start.restarted"]),
        ("once", 1, ["start.already_ran"]),
        ("always", 2, []),
    ],
)
def test_reentry_inside_one_batch(reentry, runs, said):
    quote = make_quote()
    make_automation(quote.organisation, step(timing=later(7)), reentry=reentry)
    sent(quote)
    sent(quote)
    pumps.pump_events(NOW, 100)
    assert Run.objects.filter(status="waiting").count() == runs
    assert reasons() == said


@pytest.mark.req("AUT-8")
@pytest.mark.parametrize(("reentry", "runs"), [("ignore", 2), ("once", 1)])
def test_reentry_after_the_run_has_ended(reentry, runs):
    quote = make_quote()
    make_automation(quote.organisation, reentry=reentry)
    for day in (0, 1):
        sent(quote, now=NOW + day * DAY)
        settle(NOW + day * DAY)
    assert Run.objects.filter(status="finished").count() == runs
    assert reasons() == (["start.already_ran"] if reentry == "once" else [])


@pytest.mark.req("AUT-8", "AUT-9")
def test_an_event_that_stops_a_run_can_start_the_next_one():
    quote = make_quote(status="sent")
    stop = rows(("status", "is", "refused"), mode="any")
    to_refused = {"type": "status_changed", "config": {}}
    make_automation(quote.organisation, step(timing=later(7)), stop=stop, stop_defaults=False, trigger=to_refused)
    settle(NOW)
    commands.change_status(ACTOR, quote, "refused", now=NOW + DAY)
    settle(NOW + DAY)
    assert list(Run.objects.values_list("status", flat=True)) == ["cancelled"]
    assert reasons() == ["stop.condition"]
    commands.change_status(ACTOR, quote, "sent", now=NOW + 2 * DAY)
    settle(NOW + 2 * DAY)
    assert list(Run.objects.order_by("id").values_list("status", flat=True)) == ["cancelled", "waiting"]


@pytest.mark.req("AUT-2", "AUT-12")
def test_a_date_trigger_waits_visibly_for_its_date_and_follows_it():
    invoice = make_invoice(due=30)
    make_automation(invoice.organisation, step(timing=later(1)), kind="invoice", trigger=OVERDUE)
    settle(NOW)
    run = Run.objects.get()
    assert (run.status, run.position) == ("waiting", -1)
    assert run.planned_at.date() == invoice.due_date + 7 * DAY
    first = run.planned_at
    commands.change_fields(ACTOR, invoice, {"due_date": invoice.due_date + 10 * DAY}, now=NOW + DAY)
    settle(NOW + DAY)
    run.refresh_from_db()
    assert run.planned_at == run.due_at == first + 10 * DAY
    moved = Entry.objects.get(run_id=run.id, verb="run.replanned")
    assert moved.data["reason"]["data"]["former"] == {"moment": first.isoformat()}
    assert reasons() == []
    settle(first + DAY)
    assert Run.objects.get().position == -1
    settle(first + 10 * DAY)
    assert Run.objects.get().position == 0
    settle(first + 11 * DAY)
    assert Task.objects.count() == 1


@pytest.mark.req("AUT-12")
def test_a_date_moved_into_the_past_leaves_the_step_out_with_its_reason():
    invoice = make_invoice(due=30)
    trigger = {"type": "status_changed", "config": {"to_statuses": ["sent"]}}
    make_automation(
        invoice.organisation,
        step(timing=AROUND),
        step(title="Clore"),
        kind="invoice",
        trigger=trigger,
        stop_defaults=False,
    )
    settle(NOW)
    assert Run.objects.get().planned_at.date() == invoice.due_date + 7 * DAY
    Invoice.objects.filter(pk=invoice.pk).update(due_date=NOW.date() - 20 * DAY)
    happened(invoice, "changed", {"changes": {"due_date": ["2026-04-01", "2026-02-10"]}}, now=NOW + DAY)
    settle(NOW + DAY)
    left_out, done = Step.objects.order_by("position")
    assert (left_out.status, left_out.reason["code"]) == ("skipped", "step.date_passed")
    assert (done.status, Run.objects.get().status) == ("done", "finished")


@pytest.mark.req("AUT-2")
def test_a_start_date_in_the_past_starts_nothing_and_says_so():
    invoice = make_invoice(due=-20)
    make_automation(invoice.organisation, kind="invoice", trigger=OVERDUE)
    settle(NOW)
    assert not Run.objects.exists()
    assert reasons() == ["start.date_passed"]


@pytest.mark.req("AUT-9")
def test_a_deleted_record_cancels_its_open_runs():
    event = make_event()
    trigger = {"type": "record_created", "config": {}}
    make_automation(event.organisation, step(timing=later(7)), kind="event", trigger=trigger)
    settle(NOW)
    assert Run.objects.get().status == "waiting"
    commands.delete_record(ACTOR, event, now=NOW + DAY)
    settle(NOW + DAY)
    run = Run.objects.get()
    assert (run.status, run.outcome["code"], run.due_at) == ("cancelled", "record.gone", None)


def test_an_event_about_a_record_that_is_gone_starts_nothing():
    event = make_event()
    make_automation(event.organisation, kind="event", trigger={"type": "record_created", "config": {}})
    commands.delete_record(ACTOR, event, now=NOW)
    settle(NOW)
    assert not Run.objects.exists()
    assert reasons() == ["record.gone"]


@pytest.mark.req("AUT-7")
def test_enrolling_existing_records_starts_the_named_automation_and_no_other():
    quote = make_quote(status="sent")
    settle(NOW)
    wanted, other = (make_automation(quote.organisation) for _ in range(2))
    append_event(
        organisation_id=quote.organisation_id,
        type=ENROLLED,
        kind="quote",
        record_id=quote.pk,
        payload={"automation_id": wanted.id},
        now=NOW,
    )
    settle(NOW)
    assert Run.objects.get().automation_id == wanted.id
    assert other.id != wanted.id


def test_an_automation_that_is_off_or_deleted_hears_nothing():
    quote = make_quote()
    for change in ({"is_active": False}, {"deleted_at": NOW}):
        made = make_automation(quote.organisation)
        Automation.objects.filter(id=made.id).update(**change)
    sent(quote)
    settle(NOW)
    assert not Run.objects.exists()


@pytest.mark.req("AUT-6")
def test_runs_keep_their_version_when_another_is_published():
    quote, other = (make_quote() for _ in range(2))
    automation = make_automation(quote.organisation, step(timing=later(7), title="Première"))
    sent(quote)
    settle(NOW)
    publish(automation, step(timing=later(7), title="Seconde"))
    other.organisation_id = quote.organisation_id
    second = make_quote(make_client(quote.organisation))
    sent(second, now=NOW + DAY)
    settle(NOW + DAY)
    settle(NOW + 8 * DAY)
    assert list(Task.objects.order_by("id").values_list("title", flat=True)) == ["Première", "Seconde"]
    assert [run.version.number for run in Run.objects.order_by("id")] == [1, 2]


@pytest.mark.req("RUN-6")
def test_while_a_client_is_paused_until_a_date_new_runs_wait_for_it():
    client = make_client()
    make_automation(client.organisation)
    quote = make_quote(client)
    Client.objects.filter(pk=client.pk).update(automations_paused_until=NOW + 3 * DAY)
    sent(quote)
    settle(NOW)
    run = Run.objects.get()
    assert (run.status, run.hold, run.due_at, run.outcome["code"]) == (
        "paused", "person", NOW + 3 * DAY, "run.paused_client",
    )  # fmt: skip
    settle(NOW + 3 * DAY)
    assert Run.objects.get().status == "finished"
    assert Task.objects.count() == 1


@pytest.mark.req("AUT-14")
def test_a_flood_is_held_and_its_owner_told_once():
    client = make_client()
    automation = make_automation(client.organisation)
    quotes = [make_quote(client) for _ in range(7)]
    with override_settings(ROUAGE_FLOOD_LIMIT=3):
        for quote in quotes[:5]:
            sent(quote)
        pumps.pump_events(NOW, 100)
        for quote in quotes[5:]:
            sent(quote, now=NOW + 10 * DAY)
        pumps.pump_events(NOW + 10 * DAY, 100)
    held = Run.objects.filter(status="paused", hold="flood", due_at__isnull=True)
    assert (Run.objects.filter(status="finished").count(), held.count()) == (3, 4)
    automation.refresh_from_db()
    assert automation.flooded_at == NOW
    assert Notification.objects.get().member_id == automation.owner_id
    assert Task.objects.count() == 3
    assert set(held.values_list("outcome__code", flat=True)) == {"run.held_flood"}


@pytest.mark.req("AUT-14")
def test_the_brake_looks_at_a_minute_and_leaves_enrolments_alone(django_capture_on_commit_callbacks):
    client = make_client()
    make_automation(client.organisation)
    with override_settings(ROUAGE_FLOOD_LIMIT=2):
        for minute in range(3):
            for _ in range(2):
                sent(make_quote(client), now=NOW + timedelta(minutes=minute))
            with django_capture_on_commit_callbacks(execute=True):
                pumps.pump_events(NOW + timedelta(minutes=minute), 100)
        assert not Run.objects.filter(status="paused").exists()
        sent(make_quote(client), now=NOW + timedelta(minutes=2, seconds=30))
        pumps.pump_events(NOW + timedelta(minutes=2, seconds=30), 100)
    assert Run.objects.filter(status="paused").count() == 1


@pytest.mark.req("AUT-6")
def test_a_run_whose_automation_was_switched_off_meanwhile_is_held():
    quote = make_quote()
    automation = make_automation(quote.organisation, step(timing=later(7)))
    sent(quote)
    settle(NOW)
    Automation.objects.filter(id=automation.id).update(is_active=False)
    settle(NOW + 7 * DAY)
    run = Run.objects.get()
    assert (run.status, run.hold, run.outcome["code"]) == ("paused", "automation", "run.held_automation_off")
    assert not Task.objects.exists()
