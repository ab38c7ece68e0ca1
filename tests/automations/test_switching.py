from datetime import timedelta

import pytest

from rouage.accounts.access import NotFound, Refused
from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.commands import Off
from rouage.automations.errors import Refused as AutomationRefused
from rouage.automations.models import Automation, Run, Step
from rouage.journal.models import Entry
from rouage.planner.model import Resume
from rouage.records.models import Task
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import asked, draft, make_published, make_runs
from tests.factories.engine import later, settle, step
from tests.factories.records import make_client, make_quote

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def member():
    return make_member()


@pytest.mark.req("AUT-5", "AUT-6")
def test_switching_off_holds_the_waiting_runs_and_starts_no_new_ones(member):
    made = make_published(member)
    make_runs(made, 2)
    switched = commands.disable(member, made, now=NOW + DAY)
    assert len(switched.changes.done) == 2
    make_quote(make_client(member.organisation), status="sent")
    settle(NOW + 30 * DAY)
    assert set(Run.objects.values_list("status", "hold", "due_at")) == {("paused", "automation", None)}
    assert Run.objects.count() == 2
    assert not Task.objects.exists()
    assert Entry.objects.filter(verb="run.held").count() == 2


@pytest.mark.req("AUT-6")
@pytest.mark.parametrize(
    ("resume", "due"),
    [(Resume.KEEP_DATES, 10), (Resume.RESTART_DELAYS, 17), (Resume.ACTIVE_TIME, 16)],
)
def test_switching_on_again_resumes_as_the_person_chose(member, resume, due):
    """Seven days of wait, off after one day, on again ten days after the start."""
    made = make_published(member)
    make_runs(made)
    commands.disable(member, made, now=NOW + DAY)
    switched = commands.enable(member, made, resume=resume, now=NOW + 10 * DAY)
    assert len(switched.changes.done) == 1
    run = Run.objects.get()
    assert (run.status, run.hold, run.due_at) == ("waiting", "", NOW + due * DAY)


@pytest.mark.req("AUT-6")
def test_switching_off_can_cancel_the_waiting_runs(member):
    made = make_published(member)
    make_runs(made, 2)
    commands.disable(member, made, runs=Off.CANCEL, now=NOW + DAY)
    assert set(Run.objects.values_list("status", "outcome__code")) == {("cancelled", "automation.switched_off")}


def test_a_run_that_a_person_paused_stays_paused_through_off_and_on(member):
    made = make_published(member)
    (run,) = make_runs(made)
    commands.pause_run(asked(member), run.id)
    commands.disable(member, made, now=NOW + DAY)
    commands.enable(member, made, now=NOW + 2 * DAY)
    run.refresh_from_db()
    assert (run.status, run.hold) == ("paused", "person")


@pytest.mark.req("AUT-5")
def test_deleting_cancels_the_waiting_runs_and_keeps_the_journal(member):
    made = make_published(member, name="Relances")
    (run,) = make_runs(made)
    commands.delete(member, made, now=NOW + DAY)
    run.refresh_from_db()
    assert (run.status, run.outcome["code"]) == ("cancelled", "automation.deleted")
    assert Automation.objects.get().name == "Relances"
    assert Entry.objects.filter(run_id=run.id).count() == 2
    settle(NOW + 30 * DAY)
    assert not Step.objects.exists()
    with pytest.raises(NotFound):
        commands.enable(member, made, now=NOW)


def test_an_automation_without_version_cannot_be_switched_on(member):
    made = commands.create(member, name="Brouillon", kind="quote", draft=draft(), now=NOW)
    with pytest.raises(AutomationRefused) as refused:
        commands.enable(member, made, now=NOW)
    assert refused.value.reason.code == "automation.not_published"


@pytest.mark.req("ACC-2")
def test_switching_needs_the_privilege_to_publish(member):
    made = make_published(member)
    editor = make_member(member.organisation, privileges={Privilege.CREATE_AUTOMATIONS, Privilege.EDIT_ALL_AUTOMATIONS})
    for change in (commands.disable, commands.enable, commands.release_flood, commands.purge_flood):
        with pytest.raises(Refused) as refused:
            change(editor, made, now=NOW)
        assert refused.value.privilege is Privilege.PUBLISH
    made.refresh_from_db()
    assert made.is_active


@pytest.fixture
def flooded(member, settings):
    settings.ROUAGE_FLOOD_LIMIT = 2
    made = make_published(member)
    make_runs(made, 5)
    made.refresh_from_db()
    assert made.flooded_at == NOW
    assert Run.objects.filter(status="paused", hold="flood").count() == 3
    return made


@pytest.mark.req("AUT-14")
def test_a_flood_is_released(member, flooded):
    changes = commands.release_flood(member, flooded, now=NOW + DAY)
    assert len(changes.done) == 3
    assert set(Run.objects.values_list("status", "due_at")) == {("waiting", NOW + 7 * DAY)}
    flooded.refresh_from_db()
    assert flooded.flooded_at is None


@pytest.mark.req("AUT-14")
def test_a_flood_is_purged(member, flooded):
    changes = commands.purge_flood(member, flooded, now=NOW + DAY)
    assert len(changes.done) == 3
    assert Run.objects.filter(status="cancelled", outcome__code="automation.flood_purged").count() == 3
    assert Run.objects.filter(status="waiting").count() == 2


def test_switching_twice_changes_nothing_the_second_time(member):
    made = make_published(member, step(timing=later(7)))
    commands.disable(member, made, now=NOW)
    commands.disable(member, made, now=NOW + DAY)
    made.refresh_from_db()
    assert made.switched_off_at == NOW
    commands.enable(member, made, now=NOW)
    commands.enable(member, made, now=NOW)
    assert Entry.objects.filter(verb__in=["automation.switched_on", "automation.switched_off"]).count() == 2
