"""The editor: making an automation, structure, undo, problems at their places, sentence, rights."""

import pytest

from rouage.accounts.privileges import Privilege, Role
from rouage.automations import commands
from rouage.automations.definition import parse
from rouage.automations.models import Automation
from rouage.mail.models import EmailTemplate
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import draft, make_published
from tests.factories.engine import later, mail, rows, step
from tests.web.editing import HTMX, address, make_draft, send, sentence_of, stored
from tests.web.filled import filled
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def browser(client, member):
    return sign_in(client, member)


@pytest.mark.req("TPL-4", "AUT-1")
def test_automation_is_made_from_nothing(browser, member):
    page = browser.get("/automations/new")
    assert "Que faut-il surveiller" in text(page)
    assert inline_code(page) == []
    response = browser.post("/automations/new", {"name": "Relances", "start": "quote:status_changed"})
    made = Automation.objects.get()
    assert response["Location"] == f"/automations/{made.pk}?at=trigger#trigger"
    send(browser, made, changes={"trigger.config.to_statuses": "sent"})
    send(browser, made, "add-step:create_task")
    send(browser, made, changes={
        "steps.0.action.config.title": "Appeler {{ client.name }}", "steps.0.timing.when": "later",
        "steps.0.timing.amount": "3", "steps.0.timing.unit": "working_days",
    })  # fmt: skip

    assert parse(stored(made)).steps[0].timing.amount == 3
    assert "Créer une tâche « Appeler [Client : nom] » pour la personne responsable après 3 jours ouvrés" in text(
        browser.get(address(made))
    )


def test_new_automation_without_a_name_is_named_after_its_trigger(browser):
    for expected in ("Devis : fiche créée", "Devis : fiche créée 2"):
        browser.post("/automations/new", {"start": "quote:record_created"})
        assert Automation.objects.order_by("-id").first().name.replace("\xa0", " ") == expected


@pytest.mark.parametrize("start", ["", "quote:nothing", "task:record_created", "nothing:record_created"])
def test_new_automation_that_watches_nothing_is_asked_again(browser, start):
    response = browser.post("/automations/new", {"name": "Relances", "start": start})

    assert response.status_code == 422
    assert "Choisissez ce qu’il faut surveiller" in text(response)
    assert 'value="Relances"' in response.content.decode()


def test_new_automation_with_a_name_that_is_taken_is_asked_again(browser, member):
    make_draft(member, step())
    response = browser.post("/automations/new", {"name": "relances", "start": "quote:record_created"})

    assert response.status_code == 422
    assert Automation.objects.count() == 1


@pytest.mark.req("AUT-1")
@pytest.mark.parametrize(
    ("fields", "timing"),
    [
        ({"when": "immediately"}, {"type": "immediately"}),
        ({"when": "later", "amount": "7", "unit": "days", "at": "09:00"},
         {"type": "later", "amount": 7, "unit": "days", "at": "09:00"}),
        ({"when": "later", "amount": "4", "unit": "hours", "at": "09:00"},
         {"type": "later", "amount": 4, "unit": "hours", "at": None}),
        ({"when": "before", "amount": "3", "unit": "working_days", "field": "validity_date", "past": "run"},
         {"type": "around", "amount": 3, "unit": "working_days", "at": None, "field": "validity_date",
          "direction": "before", "past": "run"}),
        ({"when": "after", "amount": "0", "unit": "days", "field": "sent_at", "past": "skip"},
         {"type": "around", "amount": 0, "unit": "days", "at": None, "field": "sent_at", "direction": "after",
          "past": "skip"}),
    ],
)  # fmt: skip
def test_every_timing_can_be_chosen(browser, member, fields, timing):
    made = make_draft(member, step())
    send(browser, made, changes={f"steps.0.timing.{name}": value for name, value in fields.items()})

    assert stored(made)["steps"][0]["timing"] == timing


@pytest.mark.req("AUT-1")
def test_steps_are_moved_copied_and_removed_with_their_identifiers(browser, member):
    made = make_draft(member, step(title="Un"), step(title="Deux"), step(title="Trois"))

    def titles():
        return [(one["id"], one["action"]["config"]["title"]) for one in stored(made)["steps"]]

    send(browser, made, "down:steps.0")
    assert titles() == [("s2", "Deux"), ("s1", "Un"), ("s3", "Trois")]
    send(browser, made, "copy:steps.1")
    assert titles() == [("s2", "Deux"), ("s1", "Un"), ("s4", "Un"), ("s3", "Trois")]
    send(browser, made, "remove:steps.0")
    send(browser, made, "up:steps.2")
    assert titles() == [("s1", "Un"), ("s3", "Trois"), ("s4", "Un")]


@pytest.mark.parametrize(
    "do",
    ["up:steps.0", "down:steps.2", "remove:steps.9", "add-step:nothing", "trigger:nothing", "remove:nothing.1",
     "add-row:nothing", "add-group:steps.7.when", "copy:steps.x", "nonsense"],
)  # fmt: skip
def test_button_that_means_nothing_changes_nothing(browser, member, do):
    made = make_draft(member, step(title="Un"), step(title="Deux"), step(title="Trois"))
    assert send(browser, made, do).status_code == 302

    assert [one["action"]["config"]["title"] for one in stored(made)["steps"]] == ["Un", "Deux", "Trois"]
    assert stored(made)["trigger"]["type"] == "status_changed"


@pytest.mark.req("AUT-6")
def test_undo_and_redo_walk_the_drafts(browser, member):
    made = make_draft(member, step(title="Un"))
    send(browser, made, changes={"steps.0.action.config.title": "Deux"})
    send(browser, made, changes={"steps.0.action.config.title": "Trois"})

    def title():
        return stored(made)["steps"][0]["action"]["config"]["title"]

    browser.post(address(made, "/undo"))
    assert title() == "Deux"
    browser.post(address(made, "/undo"))
    assert title() == "Un"
    browser.post(address(made, "/redo"))
    assert title() == "Deux"
    page = browser.get(address(made)).content.decode()
    assert 'id="undo"' in page
    assert "disabled" not in page.partition('id="redo"')[2].partition(">")[0]


def test_undo_with_nothing_to_undo_says_so(browser, member):
    made = make_draft(member, step())
    response = browser.post(address(made, "/undo"), headers=HTMX)

    assert "Il n’y a rien à annuler" in text(response).replace("'", "’")


@pytest.mark.req("AUT-6")
def test_colleague_s_newer_draft_is_not_overwritten(client, member):
    colleague = make_member(member.organisation)
    made = make_draft(member, step(title="Un"))
    page = filled(sign_in(client, member).get(address(made)), "editor-form")
    send(sign_in(client, colleague), made, changes={"steps.0.action.config.title": "Du collègue"})
    response = sign_in(client, member).post(
        address(made, "/draft"), page | {"steps.0.action.config.title": ["Le mien"]}, headers=HTMX
    )

    assert response.status_code == 409
    assert "Quelqu’un d’autre" in text(response).replace("'", "’")
    assert stored(made)["steps"][0]["action"]["config"]["title"] == "Du collègue"


def test_own_saves_may_overtake_one_another(browser, member):
    """Typing goes on while an answer is under way: the next save still names the former revision."""
    made = make_draft(member, step(title="Un"))
    page = filled(browser.get(address(made)), "editor-form")
    for title in ("Deux", "Trois"):
        response = browser.post(address(made, "/draft"), page | {"steps.0.action.config.title": [title]}, headers=HTMX)
        assert response.status_code == 200

    assert stored(made)["steps"][0]["action"]["config"]["title"] == "Trois"


@pytest.mark.req("AUT-6")
def test_htmx_gets_the_editor_alone_and_says_when_it_was_saved(browser, member):
    made = make_draft(member, step())
    response = send(browser, made, "add-step:add_note", headers=HTMX)
    body = response.content.decode()

    assert body.lstrip().startswith('<div class="stack" id="editor">')
    assert "<html" not in body
    assert "Brouillon enregistré à" in text(response)
    # Where the reader goes on: the step that was just added.
    assert body.partition("data-lands")[0].rpartition("<details")[2].partition('id="')[2].startswith("step-s2")
    assert inline_code(response) == []


def test_name_is_changed_in_place_and_a_taken_one_is_refused_with_the_draft_saved(browser, member):
    make_published(member, name="Autre")
    made = make_draft(member, step(title="Un"))
    response = send(browser, made, changes={"name": "autre", "steps.0.action.config.title": "Deux"}, headers=HTMX)
    assert response.status_code == 422
    assert 'value="autre"' in response.content.decode()
    assert stored(made)["steps"][0]["action"]["config"]["title"] == "Deux"
    send(browser, made, changes={"name": "Relances de printemps"})
    made.refresh_from_db()

    assert made.name == "Relances de printemps"


@pytest.mark.req("AUT-6")
def test_problems_stand_at_their_places_once_one_wants_to_publish(browser, member):
    made = make_draft(
        member,
        mail(subject="Bonjour {{ inconnu }}", recipients={"roles": []}),
        conditions=rows(("total_net", "is_at_least", "cinq cents")),
    )
    quiet = browser.get(address(made))
    assert "Il manque 3 choses" in text(quiet)
    assert 'id="problems"' not in quiet.content.decode()
    response = send(browser, made, "publish")
    page = browser.get(response["Location"].partition("#")[0])
    body = page.content.decode()

    assert 'id="problems" data-lands' in body
    for ident in ("f-conditions-of-0-value", "f-steps-0-action-config-recipients", "f-steps-0-action-config-subject"):
        assert f'href="#{ident}"' in body
        assert f'id="{ident}"' in body
    assert "« cinq cents »" in text(page)
    assert body.count("card step bad") == 2
    made.refresh_from_db()
    assert made.published_id is None


def test_problem_disappears_as_soon_as_it_is_repaired(browser, member):
    made = make_draft(member, step(title=""))
    before = send(browser, made, query="?check=1", headers=HTMX)
    after = send(browser, made, changes={"steps.0.action.config.title": "Appeler"}, query="?check=1", headers=HTMX)

    assert 'id="problems"' in before.content.decode()
    assert 'id="problems"' not in after.content.decode()


@pytest.mark.req("AUT-15")
@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "Quand un devis est envoyé, envoyer l’email « Votre devis » au contact de la fiche après 7 jours."),
     ("en", "When a quote is sent, send the email “Votre devis” to the contact of the record after 7 days.")],
)  # fmt: skip
def test_sentence_leads_to_its_parts_in_both_languages(client, language, words):
    member = make_member(make_organisation(), language=language)
    made = make_draft(member, mail(later(7)))
    page = sign_in(client, member).get(address(made))
    body = page.content.decode()

    assert words in sentence_of(page)
    for part in ("trigger", "step-s1", "stop"):
        assert f'<a href="#{part}">' in body
        assert f'id="{part}"' in body


@pytest.mark.req("AUT-15")
def test_sentence_of_an_unfinished_draft_has_blanks(browser):
    browser.post("/automations/new", {"start": "quote:status_changed"})
    page = browser.get(address(Automation.objects.get())).content.decode()

    assert '<span class="blank">une action à choisir</span>' in page


@pytest.mark.req("AUT-13", "SND-6")
def test_email_templates_of_the_kind_are_offered(browser, member):
    texts = {"subject": "Votre devis", "body": "Bonjour", "organisation": member.organisation}
    mine = EmailTemplate.objects.create(name="Relance 1", kind="quote", **texts)
    EmailTemplate.objects.create(name="Rappel", kind="invoice", **texts)
    made = make_draft(member, mail(template=mine.pk))
    page = text(browser.get(address(made)))

    assert "Relance 1" in page
    assert "Rappel" not in page


@pytest.mark.req("ACC-2", "ACC-3")
def test_those_who_may_not_edit_read_what_it_does(client, member):
    made = make_published(member, mail(later(7)))
    reader = make_member(member.organisation, privileges={Privilege.SEE_RUNS, Privilege.CREATE_AUTOMATIONS})
    page = sign_in(client, reader).get(address(made))

    assert "Envoyer l’email « Votre devis »" in text(page).replace("'", "’")
    assert "editor-form" not in page.content.decode()
    assert client.post(address(made, "/draft"), {"do": "save"}).status_code == 403
    assert client.post(address(made, "/undo")).status_code == 403


@pytest.mark.req("ACC-2", "ACC-3")
def test_pages_of_automations_are_not_for_every_member(client, member):
    made = make_published(member)
    sign_in(client, make_member(member.organisation, role=Role.MEMBER))

    assert client.get("/automations").status_code == 403
    assert client.get("/automations/new").status_code == 403
    assert client.get(address(made)).status_code == 403


def test_discarded_draft_gives_way_to_what_runs(browser, member):
    made = make_published(member, step(title="Un"))
    send(browser, made, changes={"steps.0.action.config.title": "Deux"})
    assert stored(made) is not None
    browser.post(address(made, "/discard"))

    assert stored(made) is None


def test_editor_asks_as_many_questions_for_three_steps_as_for_one(browser, member, django_assert_max_num_queries):
    one, three = make_draft(member, mail()), None
    three = commands.create(member, name="Trois", kind="quote", draft=draft(mail(), mail(later(7)), step()), now=NOW)
    browser.get(address(one))
    with django_assert_max_num_queries(60) as first:
        browser.get(address(one))
    with django_assert_max_num_queries(60) as second:
        browser.get(address(three))

    assert len(second) == len(first)
