from datetime import date, timedelta
from decimal import Decimal

import pytest

from rouage.records import commands, queries
from rouage.records.kinds import KINDS
from rouage.records.queries import Filters, Mark
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.records import (
    ACTOR,
    TODAY,
    line,
    make_client,
    make_contract,
    make_event,
    make_intervention,
    make_invoice,
    make_opportunity,
    make_quote,
    make_record,
    make_task,
    pay,
)

pytestmark = pytest.mark.django_db


def ids(page):
    return [row.pk for row in page.rows]


def walk(organisation_id, kind, filters=None, size=2):
    found, after = [], None
    for _ in range(50):
        page = queries.records(organisation_id, kind, filters, after=after, size=size)
        found += ids(page)
        if page.next is None:
            return found
        after = Mark.read(str(page.next))
        assert after == page.next
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_pages_hold_every_record_once_and_none_of_others(kind):
    organisation = make_organisation()
    mine = [make_record(kind, organisation).pk for _ in range(5)]
    make_record(kind)
    gone = make_record(kind, organisation, **({"status": "draft"} if kind == "invoice" else {}))
    commands.delete_record(ACTOR, gone, now=NOW)
    if kind not in {"client", "task"}:
        # Each was made with a client of its own.
        assert len(walk(organisation.pk, "client")) == 6
    assert sorted(walk(organisation.pk, kind)) == sorted(mine)


def test_quotes_come_newest_first_whatever_their_order_of_making():
    client = make_client()
    days = [3, 9, 1, 9, 5]
    made = [make_quote(client, issue_date=TODAY - timedelta(days=day)) for day in days]
    expected = [
        quote.pk for _day, _id, quote in sorted((day, -quote.pk, quote) for day, quote in zip(days, made, strict=True))
    ]
    assert walk(client.organisation_id, "quote") == expected


def test_records_without_a_date_come_last_and_are_paged_too():
    client = make_client()
    undated = [make_event(client, start_at=None, end_at=None) for _ in range(3)]
    dated = [make_event(client, days=day) for day in (1, 5, 3)]
    expected = [dated[1].pk, dated[2].pk, dated[0].pk, *(event.pk for event in reversed(undated))]
    assert walk(client.organisation_id, "event") == expected
    contracts = [make_contract(client, renewal=day) for day in (90, 30)] + [make_contract(client, renewal_date=None)]
    assert walk(client.organisation_id, "contract", size=1) == [contracts[1].pk, contracts[0].pk, contracts[2].pk]


def test_clients_come_by_name_without_regard_to_accents():
    organisation = make_organisation()
    made = {name: make_client(organisation, name=name).pk for name in ("Zèbre", "École", "abbaye", "Eau")}
    assert walk(organisation.pk, "client") == [made[name] for name in ("abbaye", "Eau", "École", "Zèbre")]


def test_tasks_come_soonest_first():
    organisation = make_organisation()
    late = make_task(organisation, due_at=NOW - timedelta(days=1))
    never = make_task(organisation)
    soon = make_task(organisation, due_at=NOW + timedelta(days=1))
    assert walk(organisation.pk, "task", size=1) == [late.pk, soon.pk, never.pk]


@pytest.mark.parametrize(
    "text",
    ["", "x", "_", "2026-03-02", "2026-03-02_", "2026-03-02_-1", "2026-03-02_x", "a\x00_1", f"2026-03-02_{2**63}"],
)
def test_mark_that_is_none_is_read_as_none(text):
    assert Mark.read(text) is None


@pytest.mark.parametrize("value", ["demain", "2026-13-01", "9" * 40, "2026-03-02T00:00:00"])
def test_mark_with_a_value_of_another_list_starts_at_the_head(value):
    event = make_event()
    page = queries.records(event.organisation_id, "event", after=Mark(value, 5))
    assert ids(page) == [event.pk]


def test_filter_by_status_client_and_owner():
    organisation = make_organisation()
    one, other = make_client(organisation), make_client(organisation)
    owner = make_member(organisation)
    sent, accepted = make_quote(one, status="sent"), make_quote(other, status="accepted", owner_id=owner.pk)
    draft = make_quote(one)

    def found(**filters):
        return set(ids(queries.records(organisation.pk, "quote", Filters(**filters))))

    assert found(statuses=["sent", "accepted"]) == {sent.pk, accepted.pk}
    assert found(client_id=one.pk) == {sent.pk, draft.pk}
    assert found(owner_id=owner.pk) == {accepted.pk}
    assert found(client_id=one.pk, statuses=["accepted"]) == set()


def test_filter_by_owner_finds_leads_and_assignees_too():
    client = make_client()
    member = make_member(client.organisation)
    led, assigned = make_event(client, lead_id=member.pk), make_intervention(client, assignee_id=member.pk)
    make_event(client)
    make_intervention(client)
    for kind, record in (("event", led), ("intervention", assigned)):
        assert ids(queries.records(client.organisation_id, kind, Filters(owner_id=member.pk))) == [record.pk]


def test_filter_by_dates_includes_both_days_of_the_organisation():
    client = make_client()
    made = [make_quote(client, issue_date=TODAY + timedelta(days=day)) for day in range(3)]
    filters = Filters(since=TODAY, until=TODAY + timedelta(days=1))
    assert set(ids(queries.records(client.organisation_id, "quote", filters))) == {made[0].pk, made[1].pk}
    # 23:30 in Greenwich is the next day in Paris.
    event = make_event(client, start_at=NOW.replace(hour=23, minute=30), end_at=None)
    day = TODAY + timedelta(days=1)
    for zone, expected in (("Europe/Paris", [event.pk]), ("UTC", [])):
        filters = Filters(since=day, until=day, zone=zone)
        assert ids(queries.records(client.organisation_id, "event", filters)) == expected
    assert ids(queries.records(client.organisation_id, "event", Filters(until=date.max))) == [event.pk]


def test_filter_by_stage_and_pipeline():
    first = make_opportunity()
    make_opportunity(make_client())
    found = queries.records(first.organisation_id, "opportunity", Filters(stage_id=first.stage_id))
    assert ids(found) == [first.pk]
    found = queries.records(first.organisation_id, "opportunity", Filters(pipeline_id=first.pipeline_id + 1))
    assert ids(found) == []


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("d-2026-0001", {"a"}),
        ("2026", {"a", "b"}),
        ("eclairage", {"a"}),
        ("ÉCLAIRAGE", {"a"}),
        ("beau rivage", {"a", "b"}),
        ("rivage éclairage", {"a"}),
        ("perrin", set()),
        ("1284", {"b"}),
        ("1 284,00 €", {"b"}),
        ("%", set()),
        ("_", set()),
        ("gala\x00x", set()),
        ("gala\x00", {"b"}),
        ("", {"a", "b"}),
    ],
)
def test_search_finds_numbers_subjects_clients_and_amounts(text, hits):
    client = make_client(name="Hôtel Beau Rivage")
    made = {
        "a": make_quote(client, status="sent", subject="Éclairage scénique"),
        "b": make_quote(client, status="sent", subject="Gala", lines=[line(unit_price="1070")]),
    }
    make_quote(status="sent", subject="Éclairage scénique", lines=[line(unit_price="1070")])
    found = set(ids(queries.records(client.organisation_id, "quote", Filters(search=text))))
    assert found == {made[name].pk for name in hits}


def test_search_follows_a_client_who_changes_name():
    client = make_client(name="Garage Morel")
    quote = make_quote(client)
    commands.change_client(ACTOR, client, {"name": "Carrosserie Morel"}, now=NOW)
    assert ids(queries.records(client.organisation_id, "quote", Filters(search="carrosserie"))) == [quote.pk]
    assert ids(queries.records(client.organisation_id, "quote", Filters(search="garage"))) == []


def test_summaries_count_and_add_up_by_status():
    client = make_client()
    make_invoice(client, status="draft", lines=[line(unit_price="50")])
    pay(make_invoice(client))
    make_invoice(client)
    make_invoice(client)
    make_invoice(make_client())
    found = queries.summaries(client.organisation_id, "invoice", Filters(statuses=["paid"]))
    assert {status: (each.count, each.amount) for status, each in found.items()} == {
        "draft": (1, Decimal("60.00")),
        "paid": (1, Decimal("120.00")),
        "sent": (2, Decimal("240.00")),
    }
    assert queries.summaries(client.organisation_id, "client")[""].count == 1
    assert queries.summaries(client.organisation_id, "task") == {}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_number_of_queries_of_a_list_is_fixed(kind, django_assert_num_queries):
    organisation = make_organisation()
    member = make_member(organisation)
    people = {"event": "lead_id", "intervention": "assignee_id", "task": "assignee_id"}
    for size in (1, 3):
        make_record(kind, organisation, **{people.get(kind, "owner_id"): member.pk})
        if size == 3:
            make_record(kind, organisation, **{people.get(kind, "owner_id"): member.pk})
        with django_assert_num_queries(1):
            rows = queries.records(organisation.pk, kind).rows
            for row in rows:
                str(row)
                for name in ("client", "owner", "lead", "assignee", "stage", "pipeline"):
                    str(getattr(row, name, ""))
        with django_assert_num_queries(1):
            queries.summaries(organisation.pk, kind)
