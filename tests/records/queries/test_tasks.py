from datetime import UTC, datetime, timedelta

import pytest

from rouage.accounts.models import Team
from rouage.records import commands, queries
from rouage.records.queries import Bucket
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.records import ACTOR, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.req("REC-6")]


def test_my_tasks_by_when_they_are_due(django_assert_num_queries):
    member = make_member()
    other = make_member(member.organisation)
    due = {
        Bucket.OVERDUE: NOW - timedelta(minutes=1),
        # Monday 2 March 2026, 10:00 in Paris; the day ends at 23:00 in Greenwich.
        Bucket.TODAY: datetime(2026, 3, 2, 22, 59, tzinfo=UTC),
        Bucket.THIS_WEEK: datetime(2026, 3, 8, 22, 59, tzinfo=UTC),
        Bucket.LATER: datetime(2026, 3, 8, 23, 0, tzinfo=UTC),
        Bucket.UNDATED: None,
    }
    mine = {
        bucket: make_task(member.organisation, title=bucket, due_at=at, assignee_id=member.pk)
        for bucket, at in due.items()
    }
    make_task(member.organisation, assignee_id=other.pk, due_at=NOW)
    done = make_task(member.organisation, assignee_id=member.pk, due_at=NOW)
    commands.complete_task(ACTOR, done, now=NOW)
    with django_assert_num_queries(1):
        groups = queries.my_tasks(member, NOW)
    assert [(group.bucket, list(group.tasks)) for group in groups] == [(bucket, [mine[bucket]]) for bucket in Bucket]
    assert queries.overdue_tasks(member, NOW) == 1
    assert queries.open_tasks(member) == 5
    assert queries.closed_tasks(member) == [done]


def test_my_tasks_are_sorted_by_their_date():
    member = make_member()
    late, early = (
        make_task(member.organisation, due_at=NOW + timedelta(days=days), assignee_id=member.pk) for days in (40, 30)
    )
    (group,) = queries.my_tasks(member, NOW)
    assert list(group.tasks) == [early, late]


@pytest.mark.req("ACC-1")
def test_no_tasks_of_another_organisation():
    member = make_member()
    foreign = make_organisation()
    make_task(foreign, due_at=NOW)
    assert queries.my_tasks(member, NOW) == []
    assert queries.team_tasks(member, NOW) == []


def test_team_tasks_are_those_of_the_team_and_of_nobody():
    organisation = make_organisation()
    team = Team.objects.create(organisation=organisation, name="Chantiers")
    lead, mate, stranger = make_member(organisation), make_member(organisation), make_member(organisation)
    for member in (lead, mate):
        member.team = team
        member.save()
    shared = make_task(organisation, assignee_id=mate.pk)
    free = make_task(organisation)
    make_task(organisation, assignee_id=stranger.pk)
    (group,) = queries.team_tasks(lead, NOW)
    assert set(group.tasks) == {shared, free}
    (group,) = queries.team_tasks(stranger, NOW)
    assert len(group.tasks) == 3
