import json
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, connection, transaction

from rouage.journal import bulk
from rouage.journal.append_only import Immutable
from rouage.journal.models import DomainEvent, Entry
from tests.journal.bench_bulk import measure
from tests.journal.conftest import Sample

NOON = datetime(2026, 3, 2, 11, 30, 15, 123456, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


class Word(StrEnum):
    DONE = "done"


VALUES = {
    "number": 2**40,
    "small": -7,
    "text": 'é " \\ \t',
    "long": "one\ntwo\\N",
    "yes": True,
    "day": date(2026, 2, 28),
    "clock": time(23, 59, 58, 700),
    "moment": NOON,
    "span": timedelta(days=-3, seconds=5, microseconds=7),
    "amount": Decimal("-1234.50"),
    "share": 0.1,
    "data": {"name": "Zoë “x”", "list": [1, None, True, 2.5, "\\"], "text": ""},
    "key": uuid.UUID("12345678-1234-5678-1234-567812345678"),
    "address": "2001:db8::1",
    "raw": b"\x00\xff\\",
}


def as_row(values):
    return tuple(json.dumps(value) if name == "data" else value for name, value in values.items())


@pytest.mark.parametrize("name", [name for name in VALUES if name != "number"])
def test_insert_writes_the_column_as_the_orm_reads_it(sample, name):
    bulk.insert(sample, ("number", name), [(1, *as_row({name: VALUES[name]})), (2, None if name != "text" else "")])

    first, second = sample.objects.order_by("number").values_list(name, flat=True)

    assert (bytes(first) if name == "raw" else first) == VALUES[name]
    assert second == ("" if name == "text" else None)


@pytest.mark.parametrize("name", [name for name in VALUES if name != "number"])
def test_insert_writes_what_the_orm_itself_would_have_written(sample, name):
    """Filters compare what is stored: the same value must have the same form however it came in."""
    bulk.insert(sample, ("number", name), [(1, *as_row({name: VALUES[name]}))])
    sample.objects.create(number=2, **{name: VALUES[name]})

    rows = bulk.query(f'select "{name}" from tests_sample order by number')

    assert [bytes(row[0]) if name == "raw" else _parsed(row[0]) for row in rows] == [
        bytes(VALUES[name]) if name == "raw" else _parsed(rows[0][0])
    ] * 2
    if name not in {"data", "raw"}:
        assert sample.objects.filter(**{name: VALUES[name]}).count() == 2


def _parsed(value):
    return json.loads(value) if isinstance(value, str) and value[:1] in "{[" else value


@pytest.mark.parametrize("name", [name for name in VALUES if name != "number"])
def test_update_sets_the_column_where_its_guard_holds(sample, name):
    kept = "" if name == "text" else None
    bulk.insert(sample, ("id", "number", name), [(1, 10, kept), (2, 20, kept), (3, 30, kept)])
    new = as_row({name: VALUES[name]})

    updated = bulk.update(sample, ("number",), (name,), [(1, 10, *new), (2, 99, *new), (3, 30, kept)])

    found = dict(sample.objects.values_list("id", name))
    assert updated == {1, 3}
    assert (bytes(found[1]) if name == "raw" else found[1]) == VALUES[name]
    assert (found[2], found[3]) == (kept, kept)


@pytest.mark.parametrize("name", sorted(set(VALUES) - {"number", "data", "share"}))
def test_update_guards_by_a_column_of_any_type_and_by_null(sample, name):
    rest = {other: value for other, value in VALUES.items() if other not in {name, "number"}}
    empty = "" if name == "text" else None
    bulk.insert(
        sample, ("id", "number", name, *rest), [(1, 1, VALUES[name], *as_row(rest)), (2, 1, empty, *as_row(rest))]
    )

    rows = [(1, VALUES[name], 5), (2, empty, 6)]

    assert bulk.update(sample, (name,), ("number",), rows) == {1, 2}
    assert bulk.update(sample, (name,), ("number",), [(1, empty, 7), (2, VALUES[name], 8)]) == set()
    assert dict(sample.objects.values_list("id", "number")) == {1: 5, 2: 6}


def test_update_of_many_rows_tells_which_were_still_theirs(sample):
    rows = [(number, number, "old") for number in range(1, 501)]
    bulk.insert(sample, ("id", "number", "text"), rows)
    sample.objects.filter(id__gt=400).update(text="taken")

    updated = bulk.update(sample, ("text", "number"), ("text", "small"), [(n, "old", n, "new", 1) for n, _, _ in rows])

    assert updated == set(range(1, 401))
    assert sample.objects.filter(text="new", small=1).count() == 400
    assert sample.objects.filter(text="taken", small=None).count() == 100


def test_mark_gives_the_same_values_to_the_rows_named(sample):
    bulk.insert(sample, ("id", "number"), [(1, 1), (2, 2), (3, 3)])

    bulk.mark(sample, [1, 3], moment=NOON, amount=Decimal("2.5"), span=timedelta(hours=1), text="x", small=None)
    bulk.mark(sample, [], text="nobody")

    marked = sample.objects.filter(moment=NOON, amount=Decimal("2.50"), span=timedelta(hours=1), text="x")
    assert sorted(marked.values_list("id", flat=True)) == [1, 3]
    assert sample.objects.get(id=2).text == ""


def test_nothing_to_write_asks_the_database_nothing(sample, django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.insert(sample, ("number",), [])
        assert bulk.update(sample, (), ("number",), []) == set()
        assert bulk.reserve_ids(sample, 0) == []


def test_statements_are_counted_like_those_of_the_orm(sample, django_assert_num_queries):
    with django_assert_num_queries(3):
        bulk.insert(sample, ("id", "number"), [(1, 1), (2, 2)])
        bulk.update(sample, (), ("number",), [(1, 5), (2, 6)])
        bulk.query("select 1")


def test_a_text_enum_is_written_as_its_value(sample):
    bulk.insert(sample, ("id", "number", "text"), [(1, 1, Word.DONE)])
    assert bulk.update(sample, ("text",), ("text",), [(1, Word.DONE, Word.DONE)]) == {1}
    assert sample.objects.get(id=1).text == "done"


def test_a_moment_of_another_zone_is_written_as_the_same_moment(sample):
    twice = [datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=fold) for fold in (0, 1)]
    bulk.insert(sample, ("number", "moment"), [(1, twice[0]), (2, twice[1])])

    assert list(sample.objects.order_by("number").values_list("moment", flat=True)) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ]


@pytest.mark.sqlite
def test_a_moment_without_zone_is_refused(sample):
    with pytest.raises(ValueError, match="no time zone"):
        bulk.insert(sample, ("number", "moment"), [(1, datetime(2026, 1, 1))])  # noqa: DTZ001 -- what must fail


def test_decimals_keep_their_places(sample):
    bulk.insert(sample, ("id", "number", "amount"), [(1, 1, Decimal(5)), (2, 2, Decimal("1E+2"))])

    assert [str(amount) for amount in sample.objects.order_by("id").values_list("amount", flat=True)] == [
        "5.00",
        "100.00",
    ]
    assert [str(bulk.decimal(row[0], 2)) for row in bulk.query("select amount from tests_sample order by id")] == [
        "5.00",
        "100.00",
    ]


def test_query_gives_moments_back(sample):
    bulk.insert(sample, ("id", "number", "moment"), [(1, 1, NOON), (2, 2, NOON.replace(microsecond=0))])

    rows = bulk.query("select moment from tests_sample where moment <= %s order by id", (bulk.moment(NOON),))

    assert [bulk.aware(row[0]) for row in rows] == [NOON, NOON.replace(microsecond=0)]


@pytest.mark.parametrize(
    ("columns", "row", "error"),
    [
        (("number", "amount"), (1, Decimal("12345678.90")), DataError),
        (("number",), (None,), IntegrityError),
        (("id", "number"), (7, 1), IntegrityError),
    ],
)
def test_errors_are_those_of_django_and_leave_the_transaction_usable(sample, columns, row, error):
    bulk.insert(sample, ("id", "number"), [(7, 7)])

    with pytest.raises(error), transaction.atomic():
        bulk.insert(sample, columns, [row])

    assert sample.objects.get().number == 7


def test_a_foreign_key_that_leads_nowhere_is_djangos_error(sample):
    def write():
        with transaction.atomic():
            bulk.insert(sample, ("number", "parent_id"), [(1, 999)])
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        write()
    assert sample.objects.count() == 0


def test_an_update_that_breaks_a_constraint_is_djangos_error(sample):
    bulk.insert(sample, ("id", "number"), [(1, 1), (2, 2)])
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.update(sample, (), ("number",), [(1, 5), (2, None)])
    assert sorted(sample.objects.values_list("number", flat=True)) == [1, 2]


def test_a_wrong_statement_is_djangos_error(sample):
    with pytest.raises((ProgrammingError, OperationalError)), transaction.atomic():
        bulk.query("select nothing from nowhere")


def test_after_a_failure_without_savepoint_nothing_more_is_sent(sample):
    def go_on():
        with transaction.atomic():
            with pytest.raises(IntegrityError), transaction.atomic(savepoint=False):
                bulk.insert(sample, ("number",), [(None,)])
            bulk.insert(sample, ("number",), [(1,)])

    with pytest.raises(transaction.TransactionManagementError):
        go_on()


@pytest.mark.usefixtures("_sample_table")
@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_all_rows_are_written_or_none():
    with pytest.raises(IntegrityError):
        bulk.insert(Sample, ("number",), [(1,), (None,)])
    assert Sample.objects.count() == 0


def test_reserved_ids_are_fresh_and_never_given_twice(sample):
    first = bulk.reserve_ids(sample, 3)
    second = bulk.reserve_ids(sample, 2)
    bulk.insert(sample, ("id", "number"), [(id_, 0) for id_ in second + first])
    own = sample.objects.create(number=1).id

    assert len({*first, *second, own}) == 6
    assert sorted(first) == first
    assert own > max(second)


def test_append_only_models_keep_what_was_written(db):
    event = DomainEvent.objects.create(organisation_id=1, type="a.b", kind="quote", record_id=1)

    assert bulk.update(DomainEvent, ("attempt",), ("attempt", "error"), [(event.id, 0, 1, "x")]) == {event.id}
    with pytest.raises(Immutable):
        bulk.update(DomainEvent, (), ("type",), [(event.id, "c.d")])
    with pytest.raises(Immutable):
        bulk.mark(Entry, [1], verb="c.d")
    event.refresh_from_db()
    assert (event.type, event.attempt, event.error) == ("a.b", 1, "x")


@pytest.mark.serial
def test_bulk_writes_are_many_times_faster_than_djangos(db):
    figures = measure(repeats=7)

    assert figures["insert, bulk_create"] > 3 * figures["insert"], figures
    assert figures["update, bulk_update"] > 10 * figures["update"], figures
