"""What happens when rows, actions or the database fail: the others go on, and nothing is lost."""

from datetime import timedelta

import pytest
from django.db import DataError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from rouage.accounts.calendars import calendars_of
from rouage.automations import definition, outcome, progress
from rouage.automations.models import Run, Step, Version
from rouage.automations.registry import ACTIONS
from rouage.engine import isolation, pumps
from rouage.journal.append import append_event, append_events
from rouage.journal.models import DomainEvent, Entry
from rouage.records import effects
from rouage.records.models import Task
from tests.factories.accounts import NOW
from tests.factories.engine import later, mail, make_automation, publish, rows, sent, settle, step
from tests.factories.records import make_client, make_quote

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def poison(monkeypatch):
    """Quotes with the subject "Poison" make rows that the database refuses."""
    write = effects.write

    def poisoned(wanted, *, now):
        if any(getattr(effect, "title", "") == "Poison" for effect in wanted):
            raise DataError("a value that no column takes \0")
        return write(wanted, now=now)

    monkeypatch.setattr(effects, "write", poisoned)


def quotes(client, number, subject="Éclairage"):
    return [make_quote(client, subject=subject) for _ in range(number)]


def forget_events():
    DomainEvent.objects.update(due_at=None)


@pytest.mark.req("OPS-2")
@pytest.mark.parametrize("poisoned", [1, 3])
def test_a_poisoned_event_does_not_sink_its_batch(poison, poisoned):
    client = make_client()
    make_automation(client.organisation, step(title="{{ subject }}"))
    good, bad = quotes(client, 20), quotes(client, poisoned, "Poison")
    forget_events()
    for quote in [*good[:7], *bad, *good[7:]]:
        sent(quote)
    assert pumps.pump_events(NOW, 100) == 20 + poisoned
    assert set(Run.objects.values_list("record_id", flat=True)) == {quote.pk for quote in good}
    assert Task.objects.count() == Step.objects.count() == 20
    parked = DomainEvent.objects.filter(due_at__isnull=False)
    assert {event.record_id for event in parked} == {quote.pk for quote in bad}
    assert {(event.attempt, event.due_at) for event in parked} == {(1, NOW + MINUTE)}
    assert all(event.error.startswith("DataError: a value") for event in parked)
    assert Entry.objects.filter(verb="event.failed").count() == poisoned
    for day in range(1, 8):
        pumps.pump_events(NOW + day * DAY, 100)
    parked = DomainEvent.objects.filter(record_id__in=[quote.pk for quote in bad], type="quote.status_changed")
    assert {(event.attempt, event.due_at, event.processed_at) for event in parked} == {(5, None, None)}
    assert Entry.objects.filter(verb="event.failed", data__final=True).count() == poisoned


@pytest.mark.req("OPS-2", "RUN-3")
def test_a_poisoned_run_is_pushed_ahead_then_failed(poison):
    client = make_client()
    make_automation(client.organisation, step(timing=later(1), title="{{ subject }}"))
    for quote in [*quotes(client, 9), *quotes(client, 1, "Poison")]:
        sent(quote)
    settle(NOW)
    now = NOW + DAY
    for _ in range(5):
        pumps.pump_runs(now, 100)
        now += DAY
    bad = Run.objects.get(status="failed")
    assert (bad.attempt, bad.due_at, bad.outcome["code"]) == (5, None, "action.fault")
    assert "DataError" in bad.outcome["data"]["error"]
    assert Run.objects.filter(status="finished").count() == Task.objects.count() == 9
    assert list(Step.objects.filter(run=bad).order_by("attempt").values_list("attempt", "status")) == [
        (number, "failed") for number in range(1, 6)
    ]
    verbs = list(Entry.objects.filter(run_id=bad.id).order_by("id").values_list("verb", flat=True))
    assert verbs == ["run.started", "step.failed", "step.failed", "step.failed", "step.failed", "run.failed"]


@pytest.mark.req("OPS-2")
def test_a_fault_that_hits_nearly_every_row_is_an_outage_and_costs_no_row_a_try(poison):
    client = make_client()
    make_automation(client.organisation, step(title="{{ subject }}"))
    bad = quotes(client, 12, "Poison")
    forget_events()
    for quote in bad:
        sent(quote)
    with pytest.raises(isolation.Outage, match="12 of 12"):
        pumps.pump_events(NOW, 100)
    assert set(DomainEvent.objects.filter(due_at__isnull=False).values_list("attempt", "due_at")) == {(0, NOW)}
    assert not Run.objects.exists()
    assert not Entry.objects.filter(verb="event.failed").exists()


@pytest.mark.req("OPS-2")
def test_a_database_that_fails_is_no_rows_fault(monkeypatch):
    sent(make_quote())

    def gone(*_):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(progress, "take_events", gone)
    with pytest.raises(OperationalError):
        pumps.pump_events(NOW, 100)
    assert not DomainEvent.objects.filter(attempt__gt=0).exists()


@pytest.mark.req("AUT-4")
def test_an_action_with_a_fault_fails_its_own_step_and_no_other(monkeypatch):
    client = make_client()
    make_automation(client.organisation, step(), mail(), conditions=rows(("subject", "is", "Poison")))
    make_automation(client.organisation, step())

    def faulty(config, context):
        if context.snapshot["subject"] == "Poison" and context.automation_name.endswith(first):
            raise ZeroDivisionError("a plug-in's own fault \0")
        return execute(config, context)

    execute = ACTIONS["create_task"].execute
    first = Run._meta.apps.get_model("automations", "Automation").objects.order_by("id").first().name
    monkeypatch.setattr(ACTIONS["create_task"], "execute", faulty)
    for quote in [*quotes(client, 3), *quotes(client, 2, "Poison")]:
        sent(quote)
    settle(NOW)
    assert Run.objects.filter(status="failed").count() == 2
    assert Run.objects.filter(status="finished").count() == 5
    failed = Step.objects.filter(status="failed").first()
    assert failed.reason["code"] == "action.fault"
    assert failed.reason["data"]["error"] == "ZeroDivisionError: a plug-in's own fault "


@pytest.mark.req("OPS-2")
def test_a_row_that_kills_its_worker_is_found_and_fails_alone():
    client = make_client()
    make_automation(client.organisation, step(timing=later(1)))
    for quote in quotes(client, 8):
        sent(quote)
    settle(NOW)
    deadly = Run.objects.order_by("id")[3].id
    deaths = 0
    for _ in range(40):
        if not _turn_until_death(deadly):
            break
        deaths += 1
    run = Run.objects.get(id=deadly)
    assert (run.status, run.outcome["code"]) == ("failed", "action.fault")
    assert "WorkerDied" in run.outcome["data"]["error"]
    assert deaths == pumps.DEADLY
    assert Run.objects.filter(status="finished").count() == 7
    assert Task.objects.count() == 7


class Death(BaseException):
    pass


def _turn_until_death(deadly):
    """Turn the careful pump as a worker does that starts anew; whether it died."""
    take = progress.move_runs

    def die(held, now):
        if any(run.id == deadly for run in held):
            raise Death
        take(held, now)

    progress.move_runs = die
    try:
        while pumps.pump_runs(NOW + DAY, 100, careful=True):
            pass
    except Death:
        return True
    finally:
        progress.move_runs = take
    return False


@pytest.mark.req("OPS-2")
def test_an_event_that_kills_its_worker_is_found_too(monkeypatch):
    client = make_client()
    make_automation(client.organisation, step())
    made = quotes(client, 4)
    forget_events()
    for quote in made:
        sent(quote)
    take = progress.take_events

    def die(arrived, now):
        if any(one.event.record_id == made[1].pk for one in arrived):
            raise Death
        take(arrived, now)

    monkeypatch.setattr(progress, "take_events", die)
    for _ in range(40):
        try:
            while pumps.pump_events(NOW, 100, careful=True):
                pass
            break
        except Death:
            continue
    assert Task.objects.count() == 3
    given_up = DomainEvent.objects.get(record_id=made[1].pk, type="quote.status_changed")
    assert (given_up.due_at, given_up.processed_at) == (None, None)
    assert given_up.error.startswith("WorkerDied")


@pytest.mark.req("OPS-2")
def test_a_clock_that_is_moved_back_does_nothing_twice_and_nothing_is_stuck():
    quote = make_quote()
    make_automation(quote.organisation, step(), step(timing=later(1, "hours")))
    sent(quote)
    settle(NOW + DAY)
    settle(NOW)
    settle(NOW + timedelta(hours=2))
    assert Task.objects.count() == 1
    settle(NOW + DAY + timedelta(hours=2))
    assert Task.objects.count() == 2
    assert Run.objects.get().status == "finished"


@pytest.mark.req("OPS-1")
@pytest.mark.parametrize("first", [step(), mail(reminder=True)], ids=["task", "mail"])
def test_number_of_queries_does_not_grow_with_the_batch(first):
    client = make_client()
    big = rows(("status", "is_not", "refused"))
    make_automation(client.organisation, first, step(timing=later(1)), limits={"cap": 1000}, conditions=big)
    started, moved = [], []
    for day, size in ((0, 2), (1, 1), (2, 3), (3, 25)):
        now = NOW + day * DAY
        made = quotes(client, size)
        forget_events()
        for quote in made:
            sent(quote, now=now)
        with CaptureQueriesContext(connection) as queries:
            assert pumps.pump_events(now, 100) == size
        started.append(len(queries))
        # As if the mails had left: the second step is due.
        Run.objects.filter(status="running").update(
            status="waiting", position=1, due_at=now + DAY, planned_at=now + DAY
        )
        with CaptureQueriesContext(connection) as queries:
            assert pumps.pump_runs(now + DAY, 100) == size
        moved.append(len(queries))
    # The first batch also read the version and the calendar.
    assert len(set(started[1:])) == len(set(moved[1:])) == 1
    assert started[1] <= 30
    assert moved[1] <= 30


@pytest.mark.req("OPS-1")
def test_number_of_queries_does_not_grow_with_the_organisations():
    counts = []
    for day, number in ((0, 1), (1, 1), (2, 3), (3, 9)):
        now = NOW + day * DAY
        made = [make_quote() for _ in range(number)]
        for quote in made:
            make_automation(quote.organisation, mail(reminder=True), limits={"gap_days": 1})
        forget_events()
        for quote in made:
            sent(quote, now=now)
        definition.load(Version.objects.values_list("id", flat=True))
        calendars_of({quote.organisation_id for quote in made})
        with CaptureQueriesContext(connection) as queries:
            assert pumps.pump_events(now, 100) == number
        counts.append(len(queries))
    assert Run.objects.filter(status="running").count() == 14
    # The very first rows of a table take a look more, on SQLite.
    assert len(set(counts[1:])) == 1


@pytest.mark.req("AUT-6", "OPS-2")
def test_an_automation_edited_while_a_thousand_runs_wait():
    client = make_client()
    automation = make_automation(client.organisation, step(timing=later(7), title="Première"), reentry="always")
    quote = make_quote(client)
    for _ in range(1000):
        sent(quote)
    settle(NOW, limit=500)
    assert Run.objects.filter(status="waiting").count() == 1000
    publish(automation, step(timing=later(1), title="Seconde"), reentry="always")
    sent(quote, now=NOW + MINUTE)
    settle(NOW + 2 * DAY, limit=500)
    assert list(Task.objects.values_list("title", flat=True)) == ["Seconde"]
    settle(NOW + 7 * DAY, limit=500)
    assert Task.objects.filter(title="Première").count() == 1000
    assert Run.objects.filter(status="finished").count() == 1001


@pytest.mark.req("AUT-3")
def test_a_condition_on_a_field_that_vanished_is_unknown_and_says_so(monkeypatch):
    quote = make_quote()
    make_automation(quote.organisation, step(when=rows(("budget", "is_at_least", "5"))), step())
    sent(quote)
    settle(NOW)
    left_out = Step.objects.get(position=0)
    assert (left_out.status, left_out.reason["code"]) == ("skipped", "step.conditions_unknown")
    assert left_out.reason["data"]["because"]["map"]["data"]["map"]["field"] == "budget"
    assert Run.objects.get().status == "finished"


def test_the_guard_columns_are_what_the_update_asks_for():
    assert set(outcome.MOVED) <= set(outcome.NEW_RUN)


@pytest.mark.req("OPS-2")
def test_a_row_that_cannot_be_read_does_not_stop_the_others():
    good, odd = quotes(make_client(), 2)
    make_automation(good.organisation)
    forget_events()
    sent(good)
    append_events([
        (odd.organisation_id, "quote.status_changed", "quote", odd.pk, "{}", '["nobody has written this"]', 1, NOW, NOW)
    ])  # fmt: skip
    assert pumps.pump_events(NOW, 100) == 2
    assert Run.objects.get().record_id == good.pk
    assert DomainEvent.objects.get(due_at__isnull=False).due_at == NOW + pumps.UNREADABLE


@pytest.mark.req("ACC-1")
def test_an_event_that_names_the_record_of_another_organisation_starts_nothing():
    mine, theirs = make_quote(), make_quote()
    make_automation(mine.organisation, step(title="{{ number }}"))
    forget_events()
    payload = {"from": "draft", "to": "sent"}
    append_event(
        organisation_id=mine.organisation_id, type="quote.status_changed", kind="quote", record_id=theirs.pk,
        payload=payload, now=NOW,
    )  # fmt: skip
    settle(NOW)
    assert not Run.objects.exists()
    assert not Task.objects.exists()
