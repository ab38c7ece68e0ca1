from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from rouage.accounts.access import NotFound, Refused
from rouage.accounts.privileges import Role
from rouage.automations import commands
from rouage.automations.errors import Refused as RunRefused
from rouage.automations.models import Run, Step
from rouage.journal.models import Entry
from rouage.planner.model import Resume
from rouage.records.models import Client, Task
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import asked, make_published, make_runs
from tests.factories.engine import later, settle, step
from tests.factories.records import make_quote

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TWO = (step(timing=later(7), title="Un"), step(timing=later(7), title="Deux"))


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def run(member):
    return make_runs(make_published(member, *TWO))[0]


def last_entry(run):
    return Entry.objects.filter(run_id=run.id).order_by("-id").first()


@pytest.mark.req("RUN-6")
def test_pause_and_resume_leave_a_trace_with_the_member_and_the_note(member, run):
    commands.pause_run(asked(member, now=NOW + DAY, note="Le client est en congé"), run.id)
    run.refresh_from_db()
    assert (run.status, run.hold, run.due_at, run.planned_at) == ("paused", "person", None, NOW + 7 * DAY)
    entry = last_entry(run)
    assert (entry.verb, entry.actor_id, entry.data["note"]) == ("run.paused", member.id, "Le client est en congé")
    settle(NOW + 8 * DAY)
    assert not Task.objects.exists()
    commands.resume_run(asked(member, now=NOW + 9 * DAY), run.id)
    run.refresh_from_db()
    assert (run.status, run.due_at) == ("waiting", NOW + 9 * DAY)
    assert last_entry(run).verb == "run.resumed"


@pytest.mark.req("RUN-6")
def test_resuming_can_start_the_delay_again(member, run):
    commands.pause_run(asked(member, now=NOW + DAY), run.id)
    commands.resume_run(asked(member, now=NOW + 9 * DAY), run.id, mode=Resume.RESTART_DELAYS)
    assert Run.objects.get().due_at == NOW + 16 * DAY


@pytest.mark.req("RUN-6")
def test_pause_until_a_date_ends_by_itself(member, run):
    commands.pause_run(asked(member, now=NOW + DAY), run.id, until=NOW + 14 * DAY)
    settle(NOW + 8 * DAY)
    assert not Task.objects.exists()
    settle(NOW + 14 * DAY)
    assert Task.objects.get().title == "Un"
    verbs = list(Entry.objects.filter(run_id=run.id).order_by("id").values_list("verb", flat=True))
    assert verbs == ["run.started", "run.paused", "run.woken", "task.created"]


@pytest.mark.req("RUN-6")
def test_skipping_leaves_the_step_out_and_plans_the_next(member, run):
    commands.skip_step(asked(member, now=NOW + DAY), run.id)
    run.refresh_from_db()
    assert (run.status, run.position, run.due_at) == ("waiting", 1, NOW + 8 * DAY)
    skipped = Step.objects.get()
    assert (skipped.position, skipped.status, skipped.reason["code"]) == (0, "skipped", "step.skipped_by_person")
    settle(NOW + 8 * DAY)
    assert Task.objects.get().title == "Deux"


@pytest.mark.req("RUN-6")
def test_run_now_does_the_step_at_once_even_at_night(member):
    night = NOW + timedelta(hours=13)
    mailing = step("send_email", later(7), recipients={"roles": ["contact.document"]}, subject="S", body="B")
    (run,) = make_runs(make_published(member, mailing, step(timing=later(1))))
    commands.run_step_now(asked(member, now=night), run.id)
    run.refresh_from_db()
    assert (run.status, run.hold, run.due_at) == ("waiting", "now", night)
    assert last_entry(run).verb == "run.asked_now"


@pytest.mark.req("RUN-6")
def test_cancelling_ends_the_run_with_its_author(member, run):
    commands.cancel_run(asked(member, now=NOW + DAY), run.id)
    run.refresh_from_db()
    assert (run.status, run.due_at, run.outcome["code"]) == ("cancelled", None, "run.cancelled")
    entry = last_entry(run)
    assert (entry.verb, entry.actor_label) == ("run.cancelled", member.user.name)


@pytest.mark.req("RUN-6")
@pytest.mark.parametrize(
    ("command", "french"),
    [
        (commands.pause_run, "terminée"),
        (commands.resume_run, "terminée"),
        (commands.skip_step, "terminée"),
        (commands.run_step_now, "terminée"),
        (commands.cancel_run, "terminée"),
    ],
)
def test_a_run_that_has_ended_refuses_in_the_readers_language(member, run, command, french):
    commands.cancel_run(asked(member), run.id)
    with translation.override("fr"), pytest.raises(RunRefused) as refused:
        command(asked(member), run.id)
    assert french in refused.value.sentence


def test_a_moment_in_the_past_is_refused(member, run):
    with pytest.raises(RunRefused) as refused:
        commands.pause_run(asked(member), run.id, until=NOW - DAY)
    assert refused.value.reason.code == "refused.moment_past"


@pytest.mark.req("RUN-6")
def test_all_runs_of_a_record_are_paused_and_resumed_together(member):
    first = make_published(member, *TWO)
    second = make_published(member, *TWO)
    (run,) = make_runs(first)
    other = make_quote(Client.objects.get(), status="sent")
    settle(NOW)
    changes = commands.pause_all(asked(member), "quote", run.record_id)
    assert len(changes.done) == 2
    states = Run.objects.values_list("record_id", "automation_id", "status").order_by("record_id", "automation_id")
    assert list(states) == [
        (run.record_id, first.pk, "paused"),
        (run.record_id, second.pk, "paused"),
        (other.pk, first.pk, "waiting"),
        (other.pk, second.pk, "waiting"),
    ]
    assert len(commands.resume_all(asked(member), "quote", run.record_id).done) == 2
    assert not Run.objects.filter(status="paused").exists()


@pytest.mark.req("RUN-6")
def test_a_client_is_left_alone_until_a_date_also_by_runs_that_begin_meanwhile(member, run):
    client = Client.objects.get()
    commands.pause_client(asked(member, now=NOW), client, NOW + 20 * DAY)
    make_quote(client, status="sent", now=NOW + DAY)
    settle(NOW + DAY)
    settle(NOW + 10 * DAY)
    assert set(Run.objects.values_list("status", "due_at")) == {("paused", NOW + 20 * DAY)}
    assert not Task.objects.exists()
    settle(NOW + 20 * DAY)
    assert Task.objects.count() == 2
    client.refresh_from_db()
    commands.resume_client(asked(member, now=NOW + 21 * DAY), client)
    client.refresh_from_db()
    assert client.automations_paused_until is None


@pytest.mark.req("RUN-6")
def test_many_at_once_each_with_its_answer(member):
    runs = make_runs(make_published(member, *TWO), 3)
    commands.cancel_run(asked(member), runs[1].id)
    foreign = make_runs(make_published(make_member()))[0]
    changes = commands.pause_runs(asked(member), [run.id for run in runs] + [foreign.id, 10**9])
    assert changes.done == [runs[0].id, runs[2].id]
    assert {id_: reason.code for id_, reason in changes.refused.items()} == {runs[1].id: "refused.ended"}
    foreign.refresh_from_db()
    assert foreign.status == "waiting"


def test_a_bulk_command_has_a_fixed_number_of_queries(member):
    runs = make_runs(make_published(member, *TWO), 5)
    commands.pause_runs(asked(member), [runs[0].id])
    with CaptureQueriesContext(connection) as one:
        commands.pause_runs(asked(member), [runs[1].id])
    with CaptureQueriesContext(connection) as three:
        commands.pause_runs(asked(member), [run.id for run in runs[2:]])
    # The rows themselves are updated one by one on SQLite, within one statement of ours.
    assert len(one) == len(three) <= 14


@pytest.mark.req("ACC-1", "ACC-2")
def test_only_those_who_may_act_on_runs_of_their_organisation(member, run):
    reader = make_member(member.organisation, role=Role.READER)
    for command in (
        commands.pause_run,
        commands.resume_run,
        commands.skip_step,
        commands.cancel_run,
        commands.run_step_now,
    ):
        with pytest.raises(Refused):
            command(asked(reader), run.id)
        with pytest.raises(NotFound):
            command(asked(make_member()), run.id)
    with pytest.raises(NotFound):
        commands.pause_client(asked(make_member()), Client.objects.get(), NOW + DAY)
    run.refresh_from_db()
    assert run.status == "waiting"


def test_a_run_that_is_under_way_says_to_wait_a_moment(member, run):
    Run.objects.filter(pk=run.pk).update(status="running")
    with pytest.raises(RunRefused) as refused:
        commands.pause_run(asked(member), run.id)
    assert refused.value.reason.code == "refused.step_under_way"
