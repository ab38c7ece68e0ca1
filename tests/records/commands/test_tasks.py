from datetime import timedelta

import pytest

from rouage.journal.models import DomainEvent, Entry
from rouage.records import commands
from rouage.records.errors import Invalid, Refused
from rouage.records.models import Task
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.records import ACTOR, make_quote, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.req("REC-6")]
LATER = NOW + timedelta(hours=3)


def test_create_task_about_a_record():
    quote = make_quote()
    member = make_member(quote.organisation)
    task = make_task(about=quote, title="Appeler", assignee_id=member.pk, due_at=LATER)
    task.refresh_from_db()
    assert (task.kind, task.record_id, task.assignee_id, task.due_at, task.status, task.created_by, task.run_id) == (
        "quote", quote.pk, member.pk, LATER, "open", "Camille Renaud", None,
    )  # fmt: skip
    assert DomainEvent.objects.get(type="task.created").record_id == task.pk


@pytest.mark.req("REC-9")
def test_task_is_in_the_activity_of_its_record():
    quote = make_quote()
    task = make_task(about=quote, title="Appeler")
    commands.complete_task(ACTOR, task, now=LATER)
    found = Entry.objects.filter(kind="quote", record_id=quote.pk, verb__startswith="task.").order_by("id")
    assert [(entry.verb, entry.data["title"], entry.data["task_id"]) for entry in found] == [
        ("task.created", "Appeler", task.pk),
        ("task.completed", "Appeler", task.pk),
    ]


def test_task_needs_a_title_and_people_of_its_organisation():
    organisation = make_organisation()
    foreign = make_member()
    for values, field in (({"title": ""}, "title"), ({"title": "A", "assignee_id": foreign.pk}, "assignee_id")):
        with pytest.raises(Invalid) as caught:
            make_task(organisation, **values)
        assert list(caught.value.errors) == [field]
    with pytest.raises(Refused):
        commands.create_task(ACTOR, organisation, {"title": "A"}, about=make_quote(), now=NOW)
    assert not Task.objects.exists()


def test_task_is_done_and_opened_again():
    task = make_task()
    commands.complete_task(ACTOR, task, now=LATER)
    task.refresh_from_db()
    assert (task.status, task.done_at) == ("done", LATER)
    with pytest.raises(Refused) as caught:
        commands.complete_task(ACTOR, task, now=LATER)
    assert caught.value.reason.code == "status.same"
    commands.reopen_task(ACTOR, task, now=LATER)
    task.refresh_from_db()
    assert (task.status, task.done_at) == ("open", None)
    commands.cancel_task(ACTOR, task, now=LATER)
    with pytest.raises(Refused):
        commands.complete_task(ACTOR, task, now=LATER)


def test_change_task():
    task = make_task()
    member = make_member(task.organisation)
    commands.change_task(ACTOR, task, {"assignee_id": member.pk, "due_at": LATER, "description": "Au 04"}, now=LATER)
    task.refresh_from_db()
    assert (task.assignee_id, task.due_at, task.description) == (member.pk, LATER, "Au 04")
