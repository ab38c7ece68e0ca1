from datetime import timedelta

import pytest
from django.utils import translation

from rouage.automations import commands
from rouage.automations.commands import Waiting
from rouage.automations.definition import load
from rouage.automations.errors import NotPublishable
from rouage.automations.errors import Refused as AutomationRefused
from rouage.automations.models import Run, Step, Version
from rouage.journal.append_only import Immutable
from rouage.journal.models import DomainEvent, Entry
from rouage.planner.model import ENROLLED
from rouage.records.commands import change_status
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import draft, make_published, make_runs
from tests.factories.engine import later, settle, step
from tests.factories.records import ACTOR, make_client, make_invoice, make_quote, pay

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def member():
    return make_member()


def change_draft(member, automation, *steps, **definition):
    return commands.save_draft(member, automation, draft(*steps, **definition), now=NOW)


@pytest.mark.req("AUT-5", "AUT-6")
def test_the_first_version_switches_the_automation_on(member):
    made = make_published(member)
    assert (made.is_active, made.published.number, made.draft) == (True, 1, None)
    entry = Entry.objects.get(verb="automation.published")
    assert (entry.actor_id, entry.data["version"], entry.data["name"]) == (member.id, 1, made.name)


@pytest.mark.req("AUT-6")
def test_a_version_is_immutable_and_spelled_out(member):
    made = make_published(member)
    version = made.published
    assert [one["id"] for one in version.definition["steps"]] == ["s1"]
    assert version.definition["stop"]["of"] == [
        {"field": "status", "operator": "is_one_of", "value": ["accepted", "refused", "invoiced", "cancelled"]}
    ]
    version.note = "Autre"
    with pytest.raises(Immutable):
        version.save()
    with pytest.raises(Immutable):
        Version.objects.filter(pk=version.pk).update(number=9)
    with pytest.raises(Immutable):
        version.delete()


@pytest.mark.req("AUT-6")
def test_a_draft_with_faults_is_not_published_and_says_where_they_are(member):
    made = make_published(member)
    change_draft(
        member, made, step(timing=later(1)), step("send_email", recipients={}, subject="{{ client.nom }}", body="B")
    )
    with translation.override("fr"), pytest.raises(NotPublishable) as refused:
        commands.publish(member, made, now=NOW)
    assert [(problem.where, problem.step, problem.code) for problem in refused.value.problems] == [
        ("steps.1.action.config.recipients", 1, "recipients.none"),
        ("steps.1.action.config.subject", 1, "merge.unknown_field"),
    ]
    made.refresh_from_db()
    assert (made.published.number, made.draft is not None) == (1, True)


def test_what_has_not_changed_is_not_published_again(member):
    made = make_published(member)
    commands.save_draft(member, made, made.published.definition, now=NOW)
    with pytest.raises(AutomationRefused) as refused:
        commands.publish(member, made, now=NOW)
    assert refused.value.reason.code == "draft.unchanged"
    commands.discard_draft(member, made, now=NOW)
    with pytest.raises(AutomationRefused) as refused:
        commands.publish(member, made, now=NOW)
    assert refused.value.reason.code == "draft.none"


@pytest.mark.req("AUT-6")
def test_waiting_runs_finish_on_their_version_by_default(member):
    made = make_published(member, step(timing=later(7), title="Ancienne"))
    make_runs(made, 2)
    change_draft(member, made, step(timing=later(3), title="Nouvelle"))
    published = commands.publish(member, made, now=NOW + DAY)
    assert published.changes.done == []
    settle(NOW + 7 * DAY)
    assert set(Run.objects.values_list("status", "version__number")) == {("finished", 1)}
    assert set(Step.objects.values_list("config__title", flat=True)) == {"Ancienne"}


@pytest.mark.req("AUT-6")
def test_waiting_runs_move_to_the_new_version_when_asked(member):
    made = make_published(member, step(timing=later(7), title="Ancienne"))
    runs = make_runs(made, 3)
    change_draft(member, made, step(timing=later(9), title="Nouvelle"))
    published = commands.publish(member, made, waiting=Waiting.MOVE, now=NOW + DAY)
    assert published.changes.done == [run.id for run in runs]
    assert set(Run.objects.values_list("version_id", "due_at")) == {(published.version.pk, NOW + 9 * DAY)}
    entry = Entry.objects.filter(verb="run.moved", run_id=runs[0].id).get()
    assert (entry.actor_id, entry.data["version"]) == (member.id, 2)
    settle(NOW + 9 * DAY)
    assert set(Step.objects.values_list("config__title", flat=True)) == {"Nouvelle"}


@pytest.mark.req("AUT-6")
def test_waiting_runs_are_cancelled_when_asked_and_say_why(member):
    made = make_published(member)
    make_runs(made, 2)
    change_draft(member, made, step(timing=later(9)))
    published = commands.publish(member, made, waiting=Waiting.CANCEL, now=NOW + DAY)
    assert len(published.changes.done) == 2
    assert set(Run.objects.values_list("status", "outcome__code", "due_at")) == {
        ("cancelled", "automation.republished", None)
    }


@pytest.mark.req("AUT-6")
def test_an_automation_edited_while_a_thousand_runs_wait(member, django_assert_max_num_queries):
    made = make_published(member)
    run = make_runs(made)[0]
    rows = [
        Run(
            **{f.attname: getattr(run, f.attname) for f in Run._meta.concrete_fields if f.name != "id"}
            | {"event_id": -n}
        )
        for n in range(1, 1001)
    ]
    Run.objects.bulk_create(rows)
    change_draft(member, made, step(timing=later(9)))
    with django_assert_max_num_queries(80):
        published = commands.publish(member, made, waiting=Waiting.MOVE, now=NOW + DAY)
    assert len(published.changes.done) == 1001
    assert Run.objects.filter(version=published.version, due_at=NOW + 9 * DAY).count() == 1001


@pytest.mark.req("AUT-7")
def test_new_ones_only_is_the_default_and_these_too_takes_what_matches(member):
    organisation = member.organisation
    open_ones = [make_quote(make_client(organisation), status="sent") for _ in range(3)]
    make_quote(make_client(organisation))
    accepted = make_quote(make_client(organisation), status="accepted")
    make_quote(make_client(), status="sent")
    settle(NOW)
    made = make_published(member)
    settle(NOW)
    assert not Run.objects.exists()
    change_draft(member, made, step(timing=later(5)))
    published = commands.publish(member, made, existing=3, now=NOW)
    assert published.enrolled == 3
    assert DomainEvent.objects.filter(type=ENROLLED).count() == 3
    settle(NOW)
    assert sorted(Run.objects.values_list("record_id", flat=True)) == sorted(quote.pk for quote in open_ones)
    assert accepted.pk not in Run.objects.values_list("record_id", flat=True)
    assert Entry.objects.get(verb="automation.enrolled").data["records"] == 3


@pytest.mark.req("AUT-7")
def test_more_records_than_were_confirmed_are_refused_and_nothing_is_published(member):
    for _ in range(2):
        make_quote(make_client(member.organisation), status="sent")
    made = make_published(member)
    change_draft(member, made, step(timing=later(5)))
    with pytest.raises(AutomationRefused) as refused:
        commands.publish(member, made, existing=1, now=NOW)
    assert (refused.value.reason.code, refused.value.reason.data["number"]) == ("existing.more", 2)
    made.refresh_from_db()
    assert (made.published.number, made.draft is not None) == (1, True)
    assert not DomainEvent.objects.filter(type=ENROLLED).exists()


@pytest.mark.req("AUT-7", "AUT-9")
def test_invoices_that_are_paid_are_not_taken_in(member):
    client = make_client(member.organisation)
    unpaid, paid = make_invoice(client, due=-10), make_invoice(client, due=-10)
    pay(paid)
    change_status(ACTOR, make_invoice(client, due=-10), "credited", now=NOW)
    trigger = {
        "type": "date_reached",
        "config": {"field": "due_date", "amount": 7, "direction": "after", "past": "run"},
    }
    made = make_published(member, step(), kind="invoice", trigger=trigger)
    commands.enable(member, made, existing=1, now=NOW)
    settle(NOW)
    assert Run.objects.values_list("record_id", "status").get() == (unpaid.pk, "finished")


def test_versions_are_compiled_once_and_one_that_cannot_run_is_left_out(member, django_assert_num_queries):
    made = make_published(member)
    broken = Version.objects.create(
        organisation=member.organisation,
        automation=made,
        number=2,
        definition={**made.published.definition, "trigger": {"type": "telepathy"}},
        published_at=NOW,
    )
    with django_assert_num_queries(1):
        found = load([made.published_id, broken.pk])
    assert list(found) == [made.published_id]
    with django_assert_num_queries(0):
        assert load([made.published_id, broken.pk]) == found
