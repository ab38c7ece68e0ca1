"""Publishing a draft, what becomes of waiting runs and existing records; versions; the dry run; who would be hit."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.models import Run, Version
from rouage.journal.models import DomainEvent, Entry
from rouage.mail.models import Message
from rouage.records.models import Task
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import draft, make_published, make_runs
from tests.factories.engine import later, mail, rows, settle, step
from tests.factories.records import line, make_client, make_quote
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db
SENT = rows(("status", "is", "sent"))


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def browser(client, member):
    return sign_in(client, member)


def redraft(member, automation, *steps, **definition):
    commands.save_draft(member, automation, draft(*steps, **definition), now=NOW)
    return automation


def words(response):
    return text(response).replace("\xa0", " ").replace("'", "’")


@pytest.mark.req("AUT-5", "AUT-6")
def test_first_version_is_active_at_once(browser, member):
    made = commands.create(member, name="Relances", kind="quote", draft=draft(mail(later(7))), now=NOW)
    panel = browser.get(f"/automations/{made.pk}?panel=publish")
    assert "Activer « Relances » ?" in words(panel)
    assert "Que deviennent les exécutions" not in words(panel)
    response = browser.post(f"/automations/{made.pk}/publish", {"note": "Pour commencer"}, follow=True)
    made.refresh_from_db()

    assert (made.is_active, made.published.number, made.published.note) == (True, 1, "Pour commencer")
    assert "« Relances » est active." in words(response)


@pytest.mark.req("AUT-6")
@pytest.mark.parametrize(
    ("choice", "status", "version"), [("finish", "waiting", 1), ("move", "waiting", 2), ("cancel", "cancelled", 1)]
)
def test_publishing_asks_what_becomes_of_waiting_runs(browser, member, choice, status, version):
    made = make_published(member, step(timing=later(7)))
    (run,) = make_runs(made)
    redraft(member, made, step(timing=later(9)))
    panel = browser.get(f"/automations/{made.pk}?panel=publish")
    for sentence in (
        "Publier la version 2", "1 exécution est ouverte", "Les laisser finir en version 1",
        "Les passer en version 2", "Les annuler",
    ):  # fmt: skip
        assert sentence in words(panel)
    assert 'value="finish" id="id_waiting_0" checked' in panel.content.decode()
    assert inline_code(panel) == []
    browser.post(f"/automations/{made.pk}/publish", {"waiting": choice, "existing": "new"})
    run.refresh_from_db()

    assert (run.status, run.version.number) == (status, version)


@pytest.mark.req("AUT-6")
def test_publishing_says_what_changes(browser, member):
    made = make_published(member, step(timing=later(5)))
    changed = step(timing=later(7)) | {"id": "s1"}
    redraft(member, made, changed, conditions=rows(("total_net", "is_at_least", "500")))
    page = words(browser.get(f"/automations/{made.pk}?panel=publish"))

    assert "après 5 jours → créer une tâche « Appeler le client » après 7 jours" in page
    assert "« Total HT » est au moins 500,00 €" in page


@pytest.mark.req("AUT-7")
@pytest.mark.parametrize(("choice", "runs"), [("new", 0), ("too", 2)])
def test_publishing_asks_which_existing_records_it_acts_on(browser, member, choice, runs):
    client = make_client(member.organisation)
    for _ in range(2):
        make_quote(client, status="sent")
    make_quote(client)
    settle(NOW)
    made = commands.create(member, name="Relances", kind="quote", draft=draft(step(timing=later(7))), now=NOW)
    panel = browser.get(f"/automations/{made.pk}?panel=publish")
    assert "Seulement les nouvelles" in words(panel)
    assert "Aussi les 2 fiches qui correspondent déjà" in words(panel)
    assert 'value="new" id="id_existing_0" checked' in panel.content.decode()
    browser.post(f"/automations/{made.pk}/publish", {"existing": choice, "confirmed": "2"})
    settle(timezone.now())

    assert Run.objects.filter(automation=made).count() == runs


@pytest.mark.req("AUT-7")
def test_more_records_than_confirmed_are_not_taken_in(browser, member):
    client = make_client(member.organisation)
    for _ in range(2):
        make_quote(client, status="sent")
    made = commands.create(member, name="Relances", kind="quote", draft=draft(step(timing=later(7))), now=NOW)
    response = browser.post(f"/automations/{made.pk}/publish", {"existing": "too", "confirmed": "1"}, follow=True)
    made.refresh_from_db()

    assert "2 fiches existantes correspondent maintenant, plus que les 1 que vous avez confirmées" in words(response)
    assert made.published_id is None


def test_draft_with_problems_is_not_published(browser, member):
    made = commands.create(member, name="Relances", kind="quote", draft=draft(step(title="")), now=NOW)
    assert "publish-form" not in browser.get(f"/automations/{made.pk}?panel=publish").content.decode()
    response = browser.post(f"/automations/{made.pk}/publish", {})

    assert response["Location"] == f"/automations/{made.pk}?check=1&at=problems#problems"
    assert not Version.objects.exists()


@pytest.mark.req("ACC-2")
def test_who_may_not_publish_sees_no_button_and_is_refused(client, member):
    author = make_member(member.organisation, privileges={Privilege.SEE_RUNS, Privilege.CREATE_AUTOMATIONS})
    made = commands.create(author, name="Relances", kind="quote", draft=draft(), now=NOW)
    page = sign_in(client, author).get(f"/automations/{made.pk}?panel=publish")

    assert 'value="publish"' not in page.content.decode()
    assert "publish-form" not in page.content.decode()
    assert "Une personne autorisée à publier l’active" in words(page)
    assert client.post(f"/automations/{made.pk}/publish", {}).status_code == 403


@pytest.mark.req("AUT-6")
def test_versions_are_compared_and_restored(browser, member):
    made = make_published(member, step(timing=later(5)))
    redraft(member, made, step(timing=later(7)))
    commands.publish(member, made, note="Deux jours de plus", now=NOW)
    page = browser.get(f"/automations/{made.pk}/versions")
    for sentence in ("Version 2", "Actuelle", "Deux jours de plus", "Camille Renaud", "1 différence", "après 5 jours"):
        assert sentence in words(page)
    assert inline_code(page) == []
    response = browser.post(f"/automations/{made.pk}/versions/1/restore", follow=True)
    made.refresh_from_db()

    assert made.draft["steps"][0]["timing"]["amount"] == 5
    assert made.published.number == 2
    assert "La version 1 est maintenant votre brouillon" in words(response)
    assert "le brouillon" in words(browser.get(f"/automations/{made.pk}/versions?before=2&after=draft"))


def test_versions_compared_by_htmx_are_the_comparison_alone(browser, member):
    made = make_published(member, step(timing=later(5)))
    redraft(member, made, step(timing=later(7)))
    headers = {"HX-Request": "true", "HX-Target": "section#compared"}
    body = browser.get(f"/automations/{made.pk}/versions?before=1&after=draft", headers=headers).content.decode()

    assert body.lstrip().startswith('<section class="card" id="compared"')


def test_version_that_does_not_exist_is_not_restored(browser, member):
    assert browser.post(f"/automations/{make_published(member).pk}/versions/9/restore").status_code == 404


@pytest.mark.req("AUT-13")
def test_dry_run_shows_conditions_dates_recipients_and_the_email(browser, member):
    client = make_client(member.organisation, contacts=[{"name": "Laure Faure", "email": "l.faure@exemple.fr"}])
    quote = make_quote(client, status="sent", lines=[line(unit_price=Decimal(900))])
    made = commands.create(
        member, name="Relances", kind="quote", now=NOW,
        draft=draft(
            mail(later(7), subject="Votre devis {{ number }}", body="Bonjour {{ contact.document.name }}"),
            step(timing=later(3), title="Appeler"),
            conditions=rows(("total_net", "is_at_least", "500"), ("client.city", "is", "Lyon"), mode="any"),
        ),
    )  # fmt: skip
    before = DomainEvent.objects.count(), Entry.objects.count()
    page = browser.get(f"/automations/{made.pk}")
    shown = words(page)

    assert f"{quote.number} · {client.name}" in shown
    assert "lu : 900,00 €" in shown
    assert "à Laure Faure (l.faure@exemple.fr)" in shown
    assert f"Objet Votre devis {quote.number}" in shown
    assert "Bonjour Laure Faure" in shown
    assert "2 étapes vérifiées" in shown
    assert page.content.decode().count('<li class="planned">') == 3
    assert "Rien n’est envoyé ni créé pendant un essai" in shown
    assert (DomainEvent.objects.count(), Entry.objects.count()) == before
    assert [kind.objects.count() for kind in (Message, Task, Run)] == [0, 0, 0]


@pytest.mark.req("AUT-3", "AUT-13")
@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        (("total_net", "is_at_least", "5000"), ("Les conditions ne sont pas remplies", "faux : Total HT est au moins")),
        (("validity_date", "is_before", "2020-01-01"), ("Conditions sans réponse", "inconnu : ")),
    ],
)
def test_dry_run_says_why_nothing_would_begin(browser, member, condition, shown):
    make_quote(make_client(member.organisation), status="sent", validity_date=None)
    made = commands.create(
        member, name="Relances", kind="quote", draft=draft(step(), conditions=rows(condition)), now=NOW
    )
    page = words(browser.get(f"/automations/{made.pk}"))

    for sentence in (*shown, "Aucune exécution ne commencerait", "Ne démarrerait pas"):
        assert sentence in page


@pytest.mark.req("AUT-13", "REC-1")
def test_dry_run_says_which_step_would_fail(browser, member):
    client = make_client(member.organisation, contacts=[{"name": "Denis Morel", "email": ""}])
    make_quote(client, status="sent")
    made = commands.create(member, name="Relances", kind="quote", draft=draft(mail()), now=NOW)
    page = words(browser.get(f"/automations/{made.pk}"))

    assert "Échoue à l’étape 1" in page
    assert "Denis Morel n’a pas d’adresse email." in page


@pytest.mark.req("AUT-13")
def test_dry_run_is_on_the_record_that_is_chosen(browser, member):
    client = make_client(member.organisation)
    first, second = make_quote(client, status="sent"), make_quote(client, status="sent")
    made = commands.create(member, name="Relances", kind="quote", draft=draft(step()), now=NOW)
    page = words(browser.get(f"/automations/{made.pk}?record={first.pk}"))

    assert f"Comme si cela arrivait à {first.number} maintenant" in page
    assert f"Comme si cela arrivait à {second.number} maintenant" in words(
        browser.get(f"/automations/{made.pk}?record={second.pk}")
    )


@pytest.mark.req("AUT-13", "AUT-7")
def test_records_that_match_are_counted_and_listed(browser, member):
    client = make_client(member.organisation)
    for _ in range(2):
        make_quote(client, status="sent")
    other = make_quote(client)
    made = commands.create(member, name="Relances", kind="quote", draft=draft(step()), now=NOW)
    listed = browser.get(f"/automations/{made.pk}/matching")
    counted = browser.get(f"/automations/{made.pk}/matching/count")

    assert "2 fiches existantes correspondent en ce moment." in words(counted)
    assert words(listed).count(client.name) == 2
    assert f"/quotes/{other.pk}" not in listed.content.decode()
    assert "<html" not in counted.content.decode()


@pytest.mark.req("AUT-13")
def test_records_hit_today_are_those_whose_first_step_comes_today(browser, member):
    client = make_client(member.organisation, now=timezone.now())
    quote = make_quote(client, status="sent", now=timezone.now())
    at_once = commands.create(member, name="Tout de suite", kind="quote", draft=draft(step()), now=NOW)
    in_a_week = commands.create(member, name="Plus tard", kind="quote", draft=draft(step(timing=later(7))), now=NOW)

    assert f"/quotes/{quote.pk}" in browser.get(f"/automations/{at_once.pk}/matching?when=today").content.decode()
    assert "Personne ne serait touché aujourd’hui" in words(
        browser.get(f"/automations/{in_a_week.pk}/matching?when=today")
    )


def test_matching_records_of_an_unfinished_draft_lead_to_the_editor(browser, member):
    made = commands.create(member, name="Relances", kind="quote", draft=draft(step(title="")), now=NOW)

    assert "L’automatisation n’est pas complète" in words(browser.get(f"/automations/{made.pk}/matching"))
    assert "une fois l’automatisation complète" in words(browser.get(f"/automations/{made.pk}/matching/count"))


def test_button_trigger_has_no_matching_records(browser, member):
    made = make_published(member, step(), trigger={"type": "button_pressed", "config": {"text": "Relancer"}})

    assert "Rien ne peut correspondre d’avance" in words(browser.get(f"/automations/{made.pk}/matching"))


@pytest.mark.req("AUT-6")
def test_published_page_of_a_switched_off_automation_says_so(browser, member):
    made = make_published(member, step(timing=later(5)))
    commands.disable(member, made, now=NOW + timedelta(hours=1))
    redraft(member, made, step(timing=later(7)))

    assert "La nouvelle version agit une fois l’automatisation activée" in words(
        browser.get(f"/automations/{made.pk}?panel=publish")
    )
