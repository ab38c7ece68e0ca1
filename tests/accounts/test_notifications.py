from datetime import timedelta

import pytest

from rouage.accounts.models import Notification
from rouage.accounts.notifications import NewNotification, latest, mark_read, unread, write
from tests.factories.accounts import NOW, make_member


def new(member, text="x", **more):
    return NewNotification(organisation_id=member.organisation_id, member_id=member.id, text=text, **more)


@pytest.mark.req("RUN-10")
def test_write_tells_each_member_their_own(db, django_assert_num_queries):
    zoe, paul = make_member(), make_member()
    with django_assert_num_queries(1):
        write([new(zoe, "Échec", kind="quote", record_id=3, run_id=9), new(paul), new(zoe, "é" * 600)], NOW)

    assert (unread(zoe), unread(paul)) == (2, 1)
    long, short = latest(zoe)
    assert (short.text, short.kind, short.record_id, short.run_id, short.created_at, short.read_at) == (
        "Échec", "quote", 3, 9, NOW, None,
    )  # fmt: skip
    assert long.text == "é" * 500


def test_write_nothing_asks_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        write([], NOW)


def test_latest_goes_on_where_it_stopped(db):
    zoe = make_member()
    for minutes in range(30):
        write([new(zoe, str(minutes)), new(zoe, str(minutes))], NOW + timedelta(minutes=minutes))

    first = latest(zoe)
    second = latest(zoe, before=(first[-1].created_at, first[-1].id))

    assert len(first) == 50
    assert len(second) == 10
    assert len({row.id for row in first + second}) == 60
    assert [row.text for row in second[-2:]] == ["0", "0"]


def test_mark_read_one_or_all_of_ones_own(db):
    zoe, paul = make_member(), make_member()
    write([new(zoe), new(zoe), new(zoe), new(paul)], NOW)
    theirs = Notification.objects.get(member=paul)

    assert mark_read(zoe, NOW, latest(zoe)[0].id) == 1
    assert mark_read(zoe, NOW, theirs.id) == 0
    assert unread(zoe) == 2
    assert mark_read(zoe, NOW) == 2
    assert (unread(zoe), unread(paul)) == (0, 1)


def test_unread_stops_counting_at_a_hundred(db):
    zoe = make_member()
    write([new(zoe)] * 150, NOW)
    assert unread(zoe) == 100
