"""The journal of runs: columns, tabs, filters in the address, pages, export; why nothing happened."""

import csv
import io
from datetime import timedelta
from itertools import chain

import pytest

from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.models import Evaluation, Run
from rouage.automations.queries import runs as run_queries
from rouage.records import commands as records
from rouage.records.models import Quote
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import asked, make_published, make_runs
from tests.factories.engine import later, mail, rows, settle, step
from tests.factories.records import ACTOR, make_client, make_event, make_quote
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def browser(client, member):
    return sign_in(client, member)


def words(response):
    return text(response).replace("\xa0", " ").replace("'", "’")


def shown(response):
    """The numbers of the runs in the list, from the top."""
    body = response.content.decode()
    return [int(part.partition('"')[0]) for part in body.split('<tr id="run-')[1:]]


def all_statuses(member):
    """One run in each status but the running one."""
    made = make_published(member, step(timing=later(30)), name="Relances")
    waiting, paused, cancelled = make_runs(made, 3)
    commands.pause_run(asked(member), paused.pk)
    commands.cancel_run(asked(member), cancelled.pk)
    finished = make_runs(make_published(member, step(), name="Tout de suite"), 1)[0]
    failing = make_published(member, mail(), name="Email", kind="event", trigger={"type": "record_created"})
    make_event(make_client(member.organisation, contacts=[{"name": "Denis Morel", "email": ""}]))
    settle(NOW)
    failed = Run.objects.get(automation=failing)
    return {"waiting": waiting, "paused": paused, "cancelled": cancelled, "finished": finished, "failed": failed}


@pytest.mark.req("RUN-1")
def test_columns_are_those_of_the_specification(browser, member):
    make_runs(make_published(member))
    page = browser.get("/runs")
    head = page.content.decode().partition("<thead>")[2].partition("</thead>")[0]

    assert [word for word in words(head).split("  ") if word] == [
        "Automatisation Objet Déclenchée le Statut Dernière action Détails"
    ]
    assert "Voir les détails" in words(page)
    assert "Outils Automatisations Exécutions" in words(page)
    assert inline_code(page) == []


@pytest.mark.req("RUN-1", "RUN-2")
def test_journal_shows_every_run_newest_first_with_its_record_and_status(browser, member):
    runs = all_statuses(member)
    page = browser.get("/runs")

    assert set(shown(page)) == set(Run.objects.values_list("id", flat=True))
    ordered = Run.objects.order_by("-triggered_at", "-id").values_list("id", flat=True)
    assert shown(page) == list(ordered)
    for word in ("En attente", "Terminée", "Échouée", "Annulée", "En pause"):
        assert word in words(page)
    for css in ("badge wait", "badge ok", "badge fail", "badge paused"):
        assert css in page.content.decode()
    quote = runs["waiting"]
    assert f'<a href="/quotes/{quote.record_id}">{quote.label}</a>' in page.content.decode()
    # The reason is in the row: nobody has to open it to know.
    assert "Denis Morel n’a pas d’adresse email." in words(page)


@pytest.mark.req("RUN-2", "RUN-4")
@pytest.mark.parametrize("status", ["waiting", "finished", "failed", "cancelled", "paused"])
def test_tab_of_a_status_shows_its_runs(browser, member, status):
    runs = all_statuses(member)
    page = browser.get(f"/runs?status={status}")

    assert runs[status].pk in shown(page)
    assert {one.status for one in Run.objects.filter(pk__in=shown(page))} == {status}


@pytest.mark.req("RUN-4")
def test_tabs_count_what_the_other_filters_leave(browser, member):
    all_statuses(member)
    tabs = words(browser.get("/runs?kind=event")).partition("Démarrer")[0]

    assert "Toutes 1 En attente 0 Terminées 0 Échouées 1 Annulées 0" in tabs


@pytest.mark.req("RUN-4")
def test_counts_are_bounded(browser, member, monkeypatch):
    monkeypatch.setattr(run_queries, "COUNTED", 2)
    monkeypatch.setattr(run_queries.ranges, "COUNTED", 2)
    make_runs(make_published(member, step(timing=later(30))), 3)

    assert "En attente 2+" in words(browser.get("/runs"))


@pytest.mark.req("RUN-4")
def test_filters_are_in_the_address(browser, member):
    runs = all_statuses(member)
    waiting = runs["waiting"]
    for query, expected in [
        (f"automation={waiting.automation_id}", {"waiting", "paused", "cancelled"}),
        (f"version={runs['finished'].version_id}", {"finished"}),
        (f"kind=quote&record={waiting.record_id}", {"waiting"}),
        (f"client={runs['failed'].client_id}", {"failed"}),
        (f"q={waiting.label}", {"waiting"}),
        ("kind=event", {"failed"}),
        ("period=custom&since=2026-03-02&until=2026-03-02", set(runs)),
        ("period=custom&since=2026-03-03", set()),
        ("period=custom&until=2026-03-01", set()),
        ("status=nothing", set(runs)),
    ]:
        found = set(shown(browser.get(f"/runs?{query}")))
        assert {name for name, run in runs.items() if run.pk in found} >= expected, query
        if expected != set(runs):
            own = {run.pk for name, run in runs.items() if name not in expected}
            assert not found & own, query


@pytest.mark.req("RUN-4")
def test_filters_without_a_field_are_chips_that_are_taken_away(browser, member):
    run = make_runs(make_published(member, name="Relances"))[0]
    page = browser.get(f"/runs?kind=quote&record={run.record_id}&client={run.client_id}&version={run.version_id}")

    for chip in (run.label, "Relances, version 1", "Client : "):
        assert chip in words(page)
    assert page.content.decode().count('class="chip on"') == 3
    # The form sends them along.
    assert f'<input type="hidden" name="client" value="{run.client_id}">' in page.content.decode()


def test_filters_that_find_nothing_lead_on(browser, member):
    make_runs(make_published(member))
    page = browser.get("/runs?q=zzz")

    assert "Aucune exécution ne correspond à ces filtres" in words(page)
    assert 'href="/runs/why-nothing"' in page.content.decode()


def test_empty_journal_leads_to_the_automations(browser):
    page = browser.get("/runs")

    assert "Aucune exécution pour l’instant" in words(page)
    assert 'class="btn primary" href="/automations"' in page.content.decode()


@pytest.mark.req("RUN-1")
def test_pages_follow_one_another_without_gap_or_repetition(browser, member, monkeypatch):
    monkeypatch.setattr(run_queries, "PAGE", 2)
    monkeypatch.setattr(run_queries.runs_page, "__defaults__", (run_queries.ALL, None, 2))
    make_runs(make_published(member, step(timing=later(30))), 5)
    seen, path = [], "/runs?status=waiting"
    while path:
        page = browser.get(path)
        seen.append(shown(page))
        older = page.content.decode().partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        path = "/runs" + older.replace("&amp;", "&") if 'rel="next"' in page.content.decode() else ""
    newer = page.content.decode().partition('rel="prev"')[0].rpartition('href="')[2].partition('"')[0]

    assert [len(one) for one in seen] == [2, 2, 1]
    assert [*chain(*seen)] == list(Run.objects.order_by("-triggered_at", "-id").values_list("id", flat=True))
    assert shown(browser.get("/runs" + newer.replace("&amp;", "&"))) == seen[1]


@pytest.mark.req("RUN-1")
def test_list_asks_as_many_questions_for_three_runs_as_for_one(browser, member, django_assert_max_num_queries):
    made = make_published(member)
    make_runs(made)
    browser.get("/runs")
    with django_assert_max_num_queries(18) as one:
        browser.get("/runs")
    make_runs(made, 2)
    with django_assert_max_num_queries(18) as three:
        browser.get("/runs")

    assert len(three) == len(one)


def test_htmx_gets_the_results_alone(browser, member):
    make_runs(make_published(member))
    body = browser.get("/runs?q=x", headers=HTMX | {"HX-Target": "div#results"}).content.decode()

    assert body.lstrip().startswith('<div class="stack-3" id="results">')


def test_run_of_a_deleted_record_and_automation_is_still_shown(browser, member):
    made = make_published(member, name="Relances")
    (run,) = make_runs(made)
    quote = Quote.objects.get(pk=run.record_id)
    records.delete_record(ACTOR, quote, now=NOW)
    commands.delete(member, made, now=NOW)
    page = browser.get("/runs")

    assert "Relances" in words(page)
    assert run.label in words(page)
    assert f'href="/quotes/{run.record_id}"' not in page.content.decode()


@pytest.mark.req("ACC-2")
def test_who_may_only_see_gets_no_controls(client, member):
    make_runs(make_published(member))
    page = sign_in(client, make_member(member.organisation, privileges={Privilege.SEE_RUNS})).get("/runs")

    assert "data-select" not in page.content.decode()
    assert 'id="bulk"' not in page.content.decode()
    assert client.post("/runs/bulk", {"do": "cancel", "run": ["1"]}).status_code == 403


@pytest.mark.req("ACC-2")
def test_journal_is_not_for_those_without_the_privilege(client, member):
    sign_in(client, make_member(member.organisation, privileges={Privilege.SEE_RECORDS}))

    for path in ("/runs", "/runs/export", "/runs/why-nothing", "/runs/1"):
        assert client.get(path).status_code == 403


@pytest.mark.req("RUN-4")
def test_export_is_the_filtered_journal_as_csv(browser, member):
    runs = all_statuses(member)
    response = browser.get("/runs/export?status=failed")
    body = b"".join(response.streaming_content).decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(body), delimiter=";")

    assert response.streaming
    assert "attachment" in response["Content-Disposition"]
    assert head[:7] == [
        "Exécution", "Automatisation", "Version", "Type", "Objet", "Déclenchée le", "Statut",
    ]  # fmt: skip
    (only,) = lines
    failed = runs["failed"]
    assert only[0] == str(failed.pk)
    assert only[5] == "2026-03-02 10:00:00"  # in Paris
    assert only[6] == "Échouée"
    assert "adresse email" in only[-1]


@pytest.mark.req("RUN-4")
@pytest.mark.parametrize("name", ["=1+1", "+33", "-2", "@SUM(A1)"])
def test_export_holds_no_formula(browser, member, name):
    client = make_client(member.organisation)
    make_event(client, name=name)
    made = make_published(member, step(), kind="event", trigger={"type": "record_created"}, name=f"{name} auto")
    make_event(client, name=name)
    settle(NOW)
    body = b"".join(browser.get("/runs/export").streaming_content).decode("utf-8-sig")
    line = list(csv.reader(io.StringIO(body), delimiter=";"))[1]

    assert (line[1], line[4]) == (f"'{made.name}", f"'{name}")


def test_export_speaks_the_reader_s_language(client):
    member = make_member(make_organisation(), language="en")
    make_published(member, mail(), name="Relances")
    make_quote(make_client(member.organisation, contacts=[{"name": "Denis Morel", "email": ""}]), status="sent")
    settle(NOW)
    body = b"".join(sign_in(client, member).get("/runs/export").streaming_content).decode("utf-8-sig")
    head, line = csv.reader(io.StringIO(body))

    assert head[:4] == ["Run", "Automation", "Version", "Kind"]
    assert (line[3], line[6], line[7]) == ("Quote", "Failed", "Send an email")
    assert line[-1] == "Denis Morel has no email address."


@pytest.mark.req("RUN-9")
def test_why_nothing_happened_names_the_condition_with_the_value_read(browser, member):
    made = make_published(member, step(), conditions=rows(("total_net", "is_at_least", "500")), name="Relances")
    quote = make_quote(make_client(member.organisation), status="sent")
    settle(NOW)
    assert Evaluation.objects.count() == 1
    for path in (
        "/runs/why-nothing", f"/runs/why-nothing?automation={made.pk}",
        f"/runs/why-nothing?kind=quote&record={quote.pk}",
    ):  # fmt: skip
        page = browser.get(path)
        assert "« Total HT est au moins 500,00 € » n’est pas vrai (valeur lue : 100,00 €)" in words(page)
        assert f'<a href="/quotes/{quote.pk}">{quote.number}</a>' in page.content.decode()
        assert "Statut changé" in words(page)
    assert inline_code(page) == []
    other = make_published(member, step())
    assert "Aucun déclenchement n’a été écarté ici" in words(browser.get(f"/runs/why-nothing?automation={other.pk}"))


@pytest.mark.req("RUN-9", "AUT-8")
def test_why_nothing_happened_tells_of_ignored_triggers(browser, member):
    make_published(member, step(timing=later(30)))
    quote = make_quote(make_client(member.organisation), status="sent")
    settle(NOW)
    records.change_status(ACTOR, quote, "refused", now=NOW + timedelta(hours=1))
    records.change_status(ACTOR, quote, "sent", now=NOW + timedelta(hours=2))
    Run.objects.update(status="waiting")
    settle(NOW + timedelta(hours=2))

    assert "Ignoré" in words(browser.get("/runs/why-nothing"))


def test_why_nothing_happened_asks_as_many_questions_for_three_as_for_one(
    browser, member, django_assert_max_num_queries
):
    make_published(member, step(), conditions=rows(("total_net", "is_at_least", "500")))
    client = make_client(member.organisation)
    make_quote(client, status="sent")
    settle(NOW)
    browser.get("/runs/why-nothing")
    with django_assert_max_num_queries(18) as one:
        browser.get("/runs/why-nothing")
    for _ in range(2):
        make_quote(client, status="sent")
    settle(NOW)
    with django_assert_max_num_queries(18) as three:
        browser.get("/runs/why-nothing")

    assert len(three) == len(one)
    assert Evaluation.objects.count() == 3


def test_why_nothing_happened_without_any_says_so(browser):
    assert "Chaque déclencheur a lancé une exécution" in words(browser.get("/runs/why-nothing"))
