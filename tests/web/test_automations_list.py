"""The list of automations: switch with its questions, rename, duplicate, delete, filters, floods."""

from datetime import timedelta

import pytest
from django.utils import timezone

from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.models import Automation, Run
from rouage.journal.models import Entry
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import draft, make_published, make_runs
from tests.factories.engine import later, mail, settle, step
from tests.factories.records import make_client, make_quote
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def browser(client, member):
    return sign_in(client, member)


def words(response):
    return text(response).replace("\xa0", " ").replace("'", "’")


def row(response, automation):
    return response.content.decode().partition(f'id="automation-{automation.pk}"')[2].partition("</li>")[0]


def switch(browser, automation, **fields):
    return browser.post(f"/automations/{automation.pk}/switch", fields)


@pytest.mark.req("AUT-5", "AUT-15")
def test_list_says_what_each_automation_does_and_how_its_last_run_went(browser, member):
    made = make_published(member, mail(later(7)), name="Relances de devis")
    make_runs(made)
    page = browser.get("/automations")
    shown = words(page)

    assert "Quand un devis est envoyé, envoyer l’email « Votre devis » au contact de la fiche après 7 jours." in shown
    assert "En attente" in row(page, made)
    assert f'href="/automations/{made.pk}"' in row(page, made)
    assert 'role="switch" name="on" value="false" aria-checked="true"' in row(page, made)
    assert "Créer une automatisation" in shown
    assert inline_code(page) == []


@pytest.mark.req("AUT-15")
def test_sentence_speaks_english_to_an_english_reader(client):
    member = make_member(make_organisation(), language="en")
    make_published(member, mail(later(7)))

    assert "When a quote is sent, send the email “Votre devis”" in words(sign_in(client, member).get("/automations"))


def test_list_asks_as_many_questions_for_three_automations_as_for_one(browser, member, django_assert_max_num_queries):
    make_runs(make_published(member))
    browser.get("/automations")
    with django_assert_max_num_queries(20) as one:
        browser.get("/automations")
    for _ in range(2):
        make_runs(make_published(member))
    with django_assert_max_num_queries(20) as three:
        browser.get("/automations")

    assert len(three) == len(one)


def test_empty_list_leads_on(browser):
    page = browser.get("/automations")

    assert "Aucune automatisation pour l’instant" in words(page)
    assert 'class="btn primary" href="/automations/new"' in page.content.decode()


@pytest.mark.req("AUT-5")
def test_inactive_ones_are_hidden_and_shown_again(browser, member):
    on, off = make_published(member, name="Active"), make_published(member, name="Éteinte")
    commands.disable(member, off, now=NOW)
    page = browser.get("/automations")
    assert "Masquer les inactifs" in words(page)
    hidden = browser.get("/automations?hide=1")

    assert "Afficher les inactifs" in words(hidden)
    assert (row(hidden, off), bool(row(hidden, on))) == ("", True)


def test_filters_by_word_and_kind_are_in_the_address(browser, member):
    quote = make_published(member, mail(later(7)), name="Relances")
    invoice = make_published(member, step(), name="Factures", kind="invoice", trigger={"type": "record_created"})

    assert row(browser.get("/automations?q=RELANCES"), invoice) == ""
    assert row(browser.get("/automations?q=contact+de+la+fiche"), quote) != ""
    assert row(browser.get("/automations?kind=invoice"), quote) == ""
    assert "Aucune automatisation ne correspond" in words(browser.get("/automations?q=zzz"))


@pytest.mark.req("AUT-5", "AUT-6")
def test_switching_off_without_open_runs_asks_nothing_and_can_be_undone(browser, member):
    made = make_published(member, name="Relances")
    response = browser.get(switch(browser, made, on="false")["Location"])
    made.refresh_from_db()
    assert not made.is_active
    assert "« Relances » est désactivée." in words(response)
    assert f'action="/automations/{made.pk}/switch"' in response.content.decode().partition('class="toast"')[2]
    switch(browser, made, on="true", resume="keep_dates")
    made.refresh_from_db()

    assert made.is_active


@pytest.mark.req("AUT-6")
def test_switching_off_asks_what_becomes_of_open_runs(browser, member):
    made = make_published(member, name="Relances")
    make_runs(made, 2)
    response = switch(browser, made, on="false")
    made.refresh_from_db()
    assert made.is_active
    assert response["Location"] == f"/automations?panel=off-{made.pk}"
    page = browser.get(response["Location"])

    assert "Désactiver « Relances » ?" in words(page)
    assert "2 exécutions sont ouvertes" in words(page)
    assert 'value="hold" id="id_runs_0" checked' in page.content.decode()


@pytest.mark.req("AUT-6")
@pytest.mark.parametrize(("choice", "status"), [("hold", "paused"), ("cancel", "cancelled")])
def test_runs_are_held_or_cancelled_by_switching_off(browser, member, choice, status):
    made = make_published(member)
    (run,) = make_runs(made)
    switch(browser, made, on="false", runs=choice)
    run.refresh_from_db()

    assert run.status == status


@pytest.mark.req("AUT-6")
@pytest.mark.parametrize("choice", ["keep_dates", "restart_delays", "active_time"])
def test_switching_on_again_asks_how_held_runs_go_on(browser, member, choice):
    made = make_published(member, step(timing=later(30)))
    (run,) = make_runs(made, now=timezone.now() - timedelta(days=3))
    planned = run.planned_at
    commands.disable(member, made, now=timezone.now() - timedelta(days=1))
    page = browser.get(switch(browser, made, on="true")["Location"])
    for sentence in (
        "1 exécution est retenue", "Garder les dates", "Recommencer les délais",
        "Compter seulement le temps actif",
    ):  # fmt: skip
        assert sentence in words(page)
    switch(browser, made, on="true", resume=choice)
    run.refresh_from_db()

    assert run.status == "waiting"
    if choice == "keep_dates":
        assert run.planned_at == planned
    else:
        assert run.planned_at > planned


@pytest.mark.req("AUT-7")
@pytest.mark.parametrize(("choice", "runs"), [("new", 0), ("too", 2)])
def test_switching_on_asks_about_records_that_exist_already(browser, member, choice, runs):
    made = make_published(member, step(timing=later(30)))
    commands.disable(member, made, now=NOW)
    client = make_client(member.organisation)
    for _ in range(2):
        make_quote(client, status="sent")
    settle(NOW)
    page = browser.get(switch(browser, made, on="true")["Location"])
    assert "Aussi les 2 fiches qui correspondent déjà" in words(page)
    assert 'value="new" id="id_existing_0" checked' in page.content.decode()
    switch(browser, made, on="true", existing=choice, confirmed="2")
    settle(timezone.now())

    assert Run.objects.filter(automation=made).count() == runs


def test_switch_by_htmx_gives_the_list_again_with_its_figures(browser, member):
    made = make_published(member)
    shown_at = {"HX-Current-URL": "http://testserver/automations?q=rel"}
    headers = {"HX-Request": "true", "HX-Target": "div#automations-page"} | shown_at
    response = browser.post(f"/automations/{made.pk}/switch", {"on": "false"}, headers=headers)

    assert response.content.decode().lstrip().startswith('<div class="stack" id="automations-page">')
    assert 'value="rel"' in response.content.decode()
    assert 'aria-checked="false"' in row(response, made)


@pytest.mark.req("AUT-5")
def test_automation_is_renamed_and_a_taken_name_is_refused(browser, member):
    made, other = make_published(member, name="Relances"), make_published(member, name="Autre")
    page = browser.get(f"/automations?panel=rename-{made.pk}")
    assert 'value="Relances"' in page.content.decode()
    refused = browser.post(f"/automations/{made.pk}/rename", {"name": "autre"})
    assert refused.status_code == 422
    assert "Une autre automatisation porte ce nom" in words(refused)
    browser.post(f"/automations/{made.pk}/rename", {"name": "Relances de printemps"})
    made.refresh_from_db()
    other.refresh_from_db()

    assert (made.name, other.name) == ("Relances de printemps", "Autre")


@pytest.mark.req("AUT-5")
def test_automation_is_duplicated_as_a_draft(browser, member):
    made = make_published(member, name="Relances")
    response = browser.post(f"/automations/{made.pk}/duplicate")
    copy = Automation.objects.exclude(pk=made.pk).get()

    assert response["Location"] == f"/automations/{copy.pk}"
    assert (copy.published_id, copy.is_active, copy.draft["steps"][0]["action"]["type"]) == (None, False, "create_task")


@pytest.mark.req("AUT-5", "RUN-5")
def test_deleting_asks_says_that_it_is_final_and_keeps_the_journal(browser, member):
    made = make_published(member, name="Relances")
    (run,) = make_runs(made)
    page = browser.get(f"/automations?panel=delete-{made.pk}")
    assert "Supprimer « Relances » ?" in words(page)
    assert "C’est définitif." in words(page)
    assert "Le journal de ce qu’elle a déjà fait est conservé" in words(page)
    browser.post(f"/automations/{made.pk}/delete")
    run.refresh_from_db()

    assert run.status == "cancelled"
    assert row(browser.get("/automations"), made) == ""
    assert "Relances" in words(browser.get("/runs"))
    assert Entry.objects.filter(verb="automation.deleted", record_id=made.pk).exists()
    assert "Cette automatisation a été supprimée" in words(browser.get(f"/automations/{made.pk}"))


@pytest.mark.req("AUT-14")
@pytest.mark.parametrize(("do", "status"), [("release", "waiting"), ("purge", "cancelled")])
def test_flood_is_ended_from_the_list(browser, member, do, status):
    made = make_published(member)
    (run,) = make_runs(made)
    Run.objects.filter(pk=run.pk).update(status="paused", hold="flood", due_at=None)
    Automation.objects.filter(pk=made.pk).update(flooded_at=NOW)
    assert "elle lance trop d’exécutions par minute" in words(browser.get("/automations"))
    browser.post(f"/automations/{made.pk}/flood", {"do": do})
    run.refresh_from_db()
    made.refresh_from_db()

    assert (run.status, made.flooded_at) == (status, None)


@pytest.mark.req("ACC-2", "ACC-3")
def test_controls_are_for_those_who_may_use_them(client, member):
    theirs = make_published(member, name="La leur")
    author = make_member(member.organisation, privileges={Privilege.SEE_RUNS, Privilege.CREATE_AUTOMATIONS})
    own = commands.create(author, name="La mienne", kind="quote", draft=draft(), now=NOW)
    page = sign_in(client, author).get("/automations")

    assert 'role="switch"' not in page.content.decode()
    assert "Supprimer" not in row(page, theirs)
    assert "Supprimer" in row(page, own)
    for path in ("switch", "rename", "delete"):
        assert client.post(f"/automations/{theirs.pk}/{path}", {"name": "x", "on": "false"}).status_code == 403
    assert "off-form" not in client.get(f"/automations?panel=off-{theirs.pk}").content.decode()


@pytest.mark.parametrize("panel", ["", "nothing-1", "rename-x", "rename-999", "off-", "-1"])
def test_panel_that_does_not_exist_is_not_opened(browser, member, panel):
    make_published(member)
    page = browser.get(f"/automations?panel={panel}")

    assert page.status_code == 200
    assert 'aria-labelledby="panel-title"></dialog>' in page.content.decode()
