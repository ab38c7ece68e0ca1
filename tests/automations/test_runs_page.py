from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from rouage.accounts.access import Refused
from rouage.automations import commands
from rouage.automations.models import Run
from rouage.automations.queries.ranges import Key, RunFilter
from rouage.automations.queries.runs import coming_up, export, runs_of, runs_page, status_counts
from rouage.planner.model import RunStatus
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import asked, draft, make_published
from tests.factories.engine import later, settle, step
from tests.factories.records import make_client, make_invoice, make_quote

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def member():
    return make_member(language="en")


def labels(page):
    return [row.label for row in page.rows]


@pytest.fixture
def company(member):
    """Two automations of quotes and one of invoices; two clients; runs on three days, one version published between."""
    organisation = member.organisation
    quotes = make_published(member, step(timing=later(7)), name="Relances")
    notes = make_published(member, step("add_note", text="Vu"), name="Notes")
    invoices = make_published(member, step(), kind="invoice", name="Factures", trigger={"type": "record_created"})
    hotel, garage = make_client(organisation, name="Hôtel Beau Rivage"), make_client(organisation, name="Garage Morel")
    made = {}
    for day, client in enumerate((hotel, garage, hotel)):
        if day == 2:
            commands.save_draft(member, quotes, draft(step(timing=later(9))), now=NOW)
            commands.publish(member, quotes, now=NOW + DAY)
        made[day] = make_quote(client, status="sent", now=NOW + day * DAY)
        settle(NOW + day * DAY)
    made["invoice"] = make_invoice(garage, now=NOW + 3 * DAY)
    settle(NOW + 3 * DAY)
    commands.cancel_run(asked(member, now=NOW + 3 * DAY), Run.objects.get(automation=quotes, record_id=made[0].pk).pk)
    # What must never show.
    stranger = make_member()
    make_published(stranger, step(), name="Relances")
    make_quote(make_client(stranger.organisation, name="Hôtel Beau Rivage"), status="sent")
    settle(NOW + 3 * DAY)
    return {"quotes": quotes, "notes": notes, "invoices": invoices, "hotel": hotel, "garage": garage, **made}


def found(member, **wanted):
    page = runs_page(member, RunFilter(**wanted))
    assert page.next is None
    return sorted((row.automation, row.label) for row in page.rows)


@pytest.mark.req("RUN-1")
def test_the_page_shows_all_runs_newest_first(member, company):
    with translation.override("en"):
        page = runs_page(member)
    assert [row.automation for row in page.rows] == [
        "Factures",
        "Notes",
        "Relances",
        "Notes",
        "Relances",
        "Notes",
        "Relances",
    ]
    newest, cancelled = page.rows[0], page.rows[-1]
    assert (newest.status, newest.action, newest.label, newest.version) == (
        "finished",
        "Create a task",
        company["invoice"].number,
        1,
    )
    assert (cancelled.status, cancelled.why) == ("cancelled", "Cancelled.")
    waiting = page.rows[2]
    assert (waiting.status, waiting.due_at, waiting.version) == ("waiting", NOW + 11 * DAY, 2)


@pytest.mark.req("RUN-4")
def test_every_filter_alone_and_together(member, company):
    one, two, three, bill = (company[key].number for key in (0, 1, 2, "invoice"))
    relances, notes = (
        [("Relances", one), ("Relances", two), ("Relances", three)],
        [("Notes", one), ("Notes", two), ("Notes", three)],
    )
    assert found(member, automation_id=company["quotes"].pk) == relances
    assert found(member, kind="invoice") == [("Factures", bill)]
    assert found(member, kind="quote") == sorted(relances + notes)
    assert found(member, kind="event") == found(member, kind="nothing") == found(member, status="nothing") == []
    assert found(member, status="waiting") == [("Relances", two), ("Relances", three)]
    assert found(member, status="cancelled") == [("Relances", one)]
    assert found(member, kind="quote", record_id=company[1].pk) == [("Notes", two), ("Relances", two)]
    assert found(member, kind="invoice", record_id=company[1].pk) == []
    assert found(member, client_id=company["garage"].pk) == [("Factures", bill), ("Notes", two), ("Relances", two)]
    version = company["quotes"].versions.get(number=1)
    assert found(member, version_id=version.pk) == relances[:2]
    assert found(member, since=NOW + DAY, until=NOW + 3 * DAY) == [
        ("Notes", two),
        ("Notes", three),
        ("Relances", two),
        ("Relances", three),
    ]
    assert found(member, search="beau  rivage") == sorted([*relances[::2], *notes[::2]])
    assert found(member, search=two[-6:]) == [("Notes", two), ("Relances", two)]
    assert found(member, search="100%") == found(member, search="introuvable") == []
    assert found(member, automation_id=company["quotes"].pk, status="waiting", client_id=company["hotel"].pk) == [
        ("Relances", three)
    ]
    assert found(member, search="Beau", version_id=version.pk, status="cancelled") == [("Relances", one)]


@pytest.mark.req("RUN-1")
def test_pages_follow_one_another_without_gap_or_repetition_while_runs_arrive(member, company):
    seen, after = [], None
    while True:
        page = runs_page(member, after=after, size=2)
        seen += [row.id for row in page.rows]
        if page.next is None:
            break
        after = Key.read(page.next.text)
        make_quote(company["hotel"], status="sent", now=NOW + 9 * DAY)
        settle(NOW + 9 * DAY)
    assert len(seen) == len(set(seen)) == 7


def test_a_key_that_is_none_begins_at_the_top(member, company):
    for text in ("", "x", "2026-03-02_x", "_", "9" * 50):
        assert Key.read(text) is None


@pytest.mark.req("RUN-4")
def test_counts_by_status_follow_the_other_filters(member, company):
    def counted(**wanted):
        return {
            status: count.number for status, count in status_counts(member, RunFilter(**wanted)).items() if count.number
        }

    assert counted() == {"waiting": 2, "finished": 4, "cancelled": 1}
    assert counted(status="waiting") == counted()
    assert counted(automation_id=company["quotes"].pk) == {"waiting": 2, "cancelled": 1}
    assert counted(client_id=company["garage"].pk) == {"waiting": 1, "finished": 2}
    assert counted(search="beau rivage", since=NOW + DAY) == {"waiting": 1, "finished": 1}
    assert counted(kind="event") == {}
    assert set(status_counts(member)) == set(RunStatus)


@pytest.mark.parametrize("wanted", [{}, {"kind": "quote"}, {"search": "beau"}])
def test_a_page_has_two_queries_whatever_it_shows(member, company, wanted):
    for size in (1, 3):
        with CaptureQueriesContext(connection) as asked_for:
            assert len(runs_page(member, RunFilter(**wanted), size=size).rows) == size
        assert len(asked_for) == 2


@pytest.mark.req("RUN-6")
def test_the_box_of_a_record_shows_open_runs_first(member, company):
    rows = runs_of(member, "quote", company[1].pk)
    assert [(row.automation, row.status) for row in rows] == [("Relances", "waiting"), ("Notes", "finished")]
    assert runs_of(member, "quote", 10**9) == ()


def test_what_comes_next(member, company):
    assert [row.due_at for row in coming_up(member, limit=2)] == [NOW + 8 * DAY, NOW + 11 * DAY]


@pytest.mark.req("RUN-4")
def test_the_export_holds_every_run_of_the_filter(member, company, monkeypatch):
    monkeypatch.setattr("rouage.automations.queries.runs._EXPORTED", 2)
    assert [row.id for row in export(member)] == [row.id for row in runs_page(member).rows]
    assert [row.automation for row in export(member, RunFilter(kind="invoice"))] == ["Factures"]


@pytest.mark.req("ACC-1", "ACC-2")
def test_who_may_not_see_runs_sees_none_and_nobody_sees_others(member, company):
    stranger = make_member()
    blind = make_member(member.organisation, privileges=set())
    for wanted in (RunFilter(), RunFilter(automation_id=company["quotes"].pk), RunFilter(client_id=company["hotel"].pk),
                   RunFilter(kind="quote", record_id=company[0].pk), RunFilter(search="beau rivage")):  # fmt: skip
        assert runs_page(stranger, wanted).rows == ()
        assert not any(count.number for count in status_counts(stranger, wanted).values())
        with pytest.raises(Refused):
            runs_page(blind, wanted)
    assert runs_of(stranger, "quote", company[0].pk) == coming_up(stranger) == ()
