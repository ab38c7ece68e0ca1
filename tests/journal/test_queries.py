import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from rouage.journal.actors import ActorKind
from rouage.journal.append import append_entries
from rouage.journal.models import Entry
from rouage.journal.paging import Mark, page
from rouage.journal.queries import Filters, activity, entries

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def write(*rows):
    """Rows of (minutes, organisation, verb, kind, record, run, actor kind, actor)."""
    append_entries([
        (organisation, verb, actor_kind, actor, "", run, kind, record, "{}", NOW + timedelta(minutes=minutes))
        for minutes, organisation, verb, kind, record, run, actor_kind, actor in rows
    ])  # fmt: skip


def note(minutes, *, organisation=1, verb="quote.changed", kind="quote", record=1, run=None, by=("system", None)):
    return (minutes, organisation, verb, kind, record, run, *by)


def minutes(found):
    return [int((entry.at - NOW).total_seconds() // 60) for entry in found.rows]


@pytest.mark.req("REC-9")
def test_activity_is_that_of_one_record_newest_first(db):
    write(note(1), note(3), note(2), note(4, record=2), note(5, kind="invoice"), note(6, organisation=2))

    assert minutes(activity(1, "quote", 1)) == [3, 2, 1]
    assert minutes(activity(2, "quote", 1)) == [6]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), [6, 5, 4, 3, 2, 1]),
        (Filters(kind="invoice"), [2]),
        (Filters(kind="quote", record_id=9), [3]),
        (Filters(run_id=7), [4]),
        (Filters(thing="member"), [6]),
        (Filters(verb="quote.created"), [5]),
        (Filters(actor_kind=ActorKind.MEMBER, actor_id=3), [1]),
        (Filters(since=NOW + timedelta(minutes=2), until=NOW + timedelta(minutes=4)), [3, 2]),
    ],
)
def test_entries_filter_by_what_is_given(db, filters, expected):
    write(
        note(1, by=("member", 3)),
        note(2, kind="invoice", by=("member", 4)),
        note(3, record=9),
        note(4, run=7),
        note(5, verb="quote.created"),
        note(6, verb="member.added"),
        note(7, organisation=2, kind="invoice", record=9, run=7, verb="member.added", by=("member", 3)),
    )

    assert minutes(entries(1, filters)) == expected


def test_pages_follow_each_other_without_gap_or_repetition(db):
    """Also through many entries of the same moment, and while new ones arrive at the head."""
    write(*[note(number // 4) for number in range(23)])
    shown, after = [], None
    for _ in range(20):
        found = entries(1, after=after, size=5)
        shown += [entry.id for entry in found.rows]
        write(note(100))
        after = found.next and Mark.read(str(found.next))
        if after is None:
            break

    first = list(
        Entry.objects.order_by("-at", "-id").exclude(at=NOW + timedelta(minutes=100)).values_list("id", flat=True)
    )
    assert shown == first
    assert len(shown) == 23


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_is_one_query(db, django_assert_num_queries, count):
    write(*[note(number) for number in range(count)])
    with django_assert_num_queries(1):
        assert len(entries(1).rows) == count


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_last_page_has_no_next(db, size):
    write(note(1), note(2), note(3))
    found = page(Entry.objects.all(), "at", None, size)
    assert (found.next is None) == (size == 3)


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (Filters(), "entry_page"),
        (Filters(since=NOW), "entry_page"),
        (Filters(kind="quote", record_id=1), "entry_by_record"),
        (Filters(run_id=1), "entry_by_run"),
        (Filters(actor_kind=ActorKind.MEMBER, actor_id=3), "entry_by_member"),
    ],
)
def test_a_page_deep_in_a_long_journal_is_read_from_an_index(db, django_assert_num_queries, filters, index):
    write(
        *[note(number, record=number % 500, run=number % 900 or None, by=_somebody(number)) for number in range(5000)]
    )
    with django_assert_num_queries(1) as captured:
        entries(1, filters, after=Mark(NOW + timedelta(minutes=2500), 10))
    statement = captured.captured_queries[0]["sql"]

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("analyze journal_entry")
            cursor.execute(f"explain {statement}")
        else:
            # Without statistics, as on a box that nobody has tuned.
            cursor.execute(f"explain query plan {_quoted(statement)}")
        plan = "\n".join(str(row) for row in cursor.fetchall())

    assert index in plan, plan
    # A run or a record has few entries: sorting them costs nothing.
    assert index != "entry_page" or not re.search(r"TEMP B-TREE|'\W*Sort ", plan), plan


def _somebody(number):
    return ("run", number) if number % 10 else ("member", number % 7)


def _quoted(statement):
    """Django shows SQLite's moments without their quotes."""
    return re.sub(r"(?<!['\d])(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)(?!')", r"'\1'", statement)


def test_a_mark_comes_back_from_its_text():
    mark = Mark(NOW + timedelta(microseconds=5), 42)
    assert Mark.read(str(mark)) == mark


@pytest.mark.parametrize(
    "text", ["", "x", "_", "2026-03-02_1", "2026-03-02T09:00:00_1", f"{NOW.isoformat()}_x", f"{NOW.isoformat()}_-1",
             f"{NOW.isoformat()}_{2**63}", "9" * 5000, "2026-03-02T09:00:00+00:00_" + "9" * 5000]
)  # fmt: skip
def test_what_is_no_mark_starts_at_the_head(text):
    assert Mark.read(text) is None
