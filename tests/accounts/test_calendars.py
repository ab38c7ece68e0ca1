import json
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, time

import pytest
from django.db import connection, transaction

from rouage.accounts import calendars
from rouage.accounts.calendars import calendar_of, calendars_of
from rouage.accounts.commands import add_closing_date, change_calendar, remove_closing_date
from rouage.accounts.errors import Invalid
from rouage.accounts.models import Organisation
from rouage.journal.actors import SYSTEM
from rouage.journal.models import Entry
from tests.factories.accounts import NOW, make_organisation

SETTINGS = {
    "zone": "Europe/Paris",
    "working_days": [0, 1, 2, 3, 4],
    "opens": time(9),
    "closes": time(18),
    "country": "FR",
    "region": "",
}


def change(organisation, **settings):
    change_calendar(SYSTEM, organisation, now=NOW, **(SETTINGS | settings))


@pytest.mark.req("AUT-10")
def test_a_new_organisation_works_from_monday_to_friday_in_paris(db):
    calendar = calendar_of(make_organisation().id)

    assert calendar.zone.key == "Europe/Paris"
    assert (calendar.working_days, calendar.opens, calendar.closes) == (frozenset(range(5)), time(9), time(18))
    assert not calendar.is_working_day(date(2026, 7, 14))
    assert calendar.is_working_day(date(2026, 7, 15))
    # 1 May 2026 is a Friday.
    assert calendar.next_opening(datetime(2026, 5, 1, 10, tzinfo=UTC)) == datetime(2026, 5, 4, 7, tzinfo=UTC)


@pytest.mark.req("AUT-10")
def test_changed_settings_are_in_force_at_once(db):
    organisation = make_organisation()
    before = calendar_of(organisation.id)

    change(
        organisation,
        zone="America/Guadeloupe",
        working_days=[5, 1, 1],
        opens=time(7, 30),
        closes=time(0),
        region="971",
    )

    calendar = calendar_of(organisation.id)
    assert calendar is not before
    assert (calendar.zone.key, calendar.working_days) == ("America/Guadeloupe", frozenset({1, 5}))
    assert (calendar.opens, calendar.closes) == (time(7, 30), time(0))
    assert date(2026, 5, 27) in calendar.closed
    assert date(2026, 5, 27) not in before.closed


@pytest.mark.req("AUT-10")
def test_closing_dates_are_in_force_at_once_and_over_when_removed(db):
    organisation = make_organisation()
    assert calendar_of(organisation.id).is_working_day(date(2026, 8, 4))

    closing = add_closing_date(
        SYSTEM, organisation, first_day=date(2026, 8, 3), last_day=date(2026, 8, 7), label="Congés", now=NOW
    )
    closed = calendar_of(organisation.id)
    assert [closed.is_working_day(date(2026, 8, day)) for day in (1, 3, 4, 5, 6, 7, 10)] == [False] * 6 + [True]
    assert not closed.is_working_day(date(2026, 7, 14))

    remove_closing_date(SYSTEM, organisation, closing.id, now=NOW)
    remove_closing_date(SYSTEM, organisation, closing.id, now=NOW)
    assert calendar_of(organisation.id).is_working_day(date(2026, 8, 4))
    added, removed = Entry.objects.filter(verb__startswith="closing_date.").order_by("id")
    assert (added.verb, removed.verb) == ("closing_date.added", "closing_date.removed")
    assert added.data == removed.data == {"first_day": "2026-08-03", "last_day": "2026-08-07", "label": "Congés"}


def test_settings_written_past_the_commands_are_seen_too(db):
    organisation = make_organisation()
    calendar_of(organisation.id)
    Organisation.objects.filter(id=organisation.id).update(opens=time(6))
    assert calendar_of(organisation.id).opens == time(6)


def test_a_change_that_was_rolled_back_leaves_nothing_in_the_cache(db):
    organisation = make_organisation()
    day = date(2026, 8, 4)
    with transaction.atomic():
        add_closing_date(SYSTEM, organisation, first_day=day, last_day=day, now=NOW)
        assert not calendar_of(organisation.id).is_working_day(day)
        transaction.set_rollback(True)
    assert calendar_of(organisation.id).is_working_day(day)

    with transaction.atomic():
        add_closing_date(SYSTEM, organisation, first_day=date(2026, 9, 1), last_day=date(2026, 9, 1), now=NOW)
    assert calendar_of(organisation.id).is_working_day(day)
    assert not calendar_of(organisation.id).is_working_day(date(2026, 9, 1))


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_is_one_query_and_gives_the_same_calendars(db, django_assert_num_queries, count):
    ids = [make_organisation().id for _ in range(count)]
    with django_assert_num_queries(2):
        first = calendars_of(ids)
    with django_assert_num_queries(1):
        second = calendars_of([*ids, *ids])
    assert sorted(second) == sorted(ids)
    assert all(second[id_] is first[id_] for id_ in ids)


def test_no_organisation_is_no_query(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert calendars_of([]) == {}
    assert calendars_of([999_999]) == {}


def test_the_cache_is_bounded(db, monkeypatch):
    monkeypatch.setattr(calendars, "_KEPT", 2)
    ids = [make_organisation().id for _ in range(5)]
    for id_ in ids:
        assert calendar_of(id_).opens == time(9)
    assert len(calendars._kept) <= 2


def test_calendars_without_closing_dates_share_their_holidays(db):
    first, second = (calendar_of(make_organisation().id) for _ in range(2))
    assert first.closed is second.closed


@pytest.mark.req("AUT-10")
@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"working_days": []}, "working_days"),
        ({"working_days": [7]}, "working_days"),
        ({"opens": time(18), "closes": time(9)}, "closes"),
        ({"opens": time(9), "closes": time(9)}, "closes"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"zone": "localtime"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"country": "XX"}, "country"),
        ({"country": "BE", "region": "57"}, "region"),
        ({"region": "Zone A"}, "region"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_the_field(db, settings, field):
    organisation = make_organisation()
    with pytest.raises(Invalid) as raised:
        change(organisation, **settings)
    assert list(raised.value.errors) == [field]
    organisation.refresh_from_db()
    assert (organisation.zone, organisation.opens, organisation.country) == ("Europe/Paris", time(9), "FR")
    assert not Entry.objects.filter(verb="organisation.changed").exists()


@pytest.mark.parametrize(
    ("first_day", "last_day", "field"),
    [(date(2026, 8, 7), date(2026, 8, 3), "last_day"), (date(2026, 1, 1), date(2027, 6, 1), "last_day")],
)
def test_closing_dates_that_cannot_be_are_refused(db, first_day, last_day, field):
    with pytest.raises(Invalid) as raised:
        add_closing_date(SYSTEM, make_organisation(), first_day=first_day, last_day=last_day, now=NOW)
    assert list(raised.value.errors) == [field]


@pytest.mark.req("ACC-4")
def test_a_change_of_the_calendar_is_journalled_with_what_it_was(db):
    organisation = make_organisation()
    change(organisation, opens=time(8), working_days=[0, 1])
    change(organisation, opens=time(8), working_days=[1, 0])

    entry = Entry.objects.get(verb="organisation.changed")
    assert entry.data == {
        "changes": {"opens": ["09:00:00", "08:00:00"], "working_days": [[0, 1, 2, 3, 4], [0, 1]]},
    }


@pytest.mark.req("ACC-1")
def test_nobody_removes_the_closing_date_of_another_organisation(db):
    one, other = make_organisation(), make_organisation()
    closing = add_closing_date(SYSTEM, other, first_day=date(2026, 8, 4), last_day=date(2026, 8, 4), now=NOW)

    remove_closing_date(SYSTEM, one, closing.id, now=NOW)

    assert not calendar_of(other.id).is_working_day(date(2026, 8, 4))
    assert calendar_of(one.id).is_working_day(date(2026, 8, 4))


READER = """
import sys, django
django.setup()
from django.db import connection, transaction
connection.settings_dict["NAME"] = sys.argv[1]
from rouage.accounts.calendars import calendar_of
for line in sys.stdin:
    print(calendar_of(int(line)).opens, flush=True)
"""


@pytest.mark.req("AUT-10")
@pytest.mark.serial
@pytest.mark.django_db(transaction=True)
def test_a_process_that_has_the_calendar_in_its_cache_sees_the_change_of_another():
    organisation = make_organisation()
    command = [sys.executable, "-c", READER, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        alarm = threading.Timer(60, reader.kill)
        alarm.start()

        def asked():
            reader.stdin.write(f"{organisation.id}\n")
            reader.stdin.flush()
            return reader.stdout.readline().strip()

        assert asked() == "09:00:00"
        change(organisation, opens=time(7))
        assert asked() == "07:00:00"
        alarm.cancel()
        reader.stdin.close()
        reader.wait(30)


@pytest.mark.serial
def test_the_holidays_are_loaded_when_first_asked_for_and_stay_small():
    """Start and memory of a process that never looks at a calendar pay nothing; the others at most 30 MB."""
    code = """
import json, sys
import django
django.setup()
from rouage.accounts import calendars
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4
before, loaded = resident(), "holidays" in sys.modules
calendars._public_holidays("FR", "57")
print(json.dumps([loaded, "holidays" in sys.modules, resident() - before]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded_before, loaded_after, kilobytes = json.loads(done.stdout)
    assert (loaded_before, loaded_after) == (False, True)
    assert kilobytes < 30_000
