import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from rouage.accounts.access import Refused
from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.queries.automations import automations, buttons, compare, versions, waiting_runs
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import draft, make_published, make_runs
from tests.factories.engine import later, mail, rows, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_member()


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


@pytest.mark.req("AUT-5", "AUT-15")
def test_the_list_says_what_each_does_and_can_hide_the_inactive(member):
    on, off = make_published(member, name="B active"), make_published(member, name="A inactive")
    commands.disable(member, off, now=NOW)
    commands.create(member, name="C brouillon", kind="event", now=NOW)
    commands.delete(member, make_published(member, name="Effacée"), now=NOW)
    make_published(make_member(), name="Étrangère")
    found = automations(member)
    assert [(row.name, row.is_active, row.version, row.has_draft) for row in found] == [
        ("A inactive", False, 1, False),
        ("B active", True, 1, False),
        ("C brouillon", False, 0, True),
    ]
    assert found[1].sentence.startswith("Quand un devis est envoyé, créer une tâche")
    assert found[2].sentence == "Quand …, …. S’arrête s’il est annulé."
    assert [row.id for row in automations(member, hide_inactive=True)] == [on.pk]


@pytest.mark.req("ACC-2")
def test_what_one_may_not_do_is_not_offered(member):
    make_published(member)
    viewer = make_member(member.organisation, privileges={Privilege.SEE_RUNS})
    (row,) = automations(viewer)
    assert (row.can_edit, row.can_publish) == (False, False)
    (row,) = automations(member)
    assert (row.can_edit, row.can_publish) == (True, True)
    with pytest.raises(Refused):
        automations(make_member(member.organisation, privileges=set()))


def test_the_list_has_a_fixed_number_of_queries(member):
    counts = []
    for name in ("une", "deux", "trois"):
        make_published(member, name=name)
        with CaptureQueriesContext(connection) as asked_for:
            automations(member)
        counts.append(len(asked_for))
    assert counts[0] == counts[2] <= 6


@pytest.mark.req("AUT-2")
def test_buttons_of_a_kind(member):
    make_published(member, name="Lancer", trigger={"type": "button_pressed", "config": {"text": "Préparer"}})
    make_published(member, name="Autre")
    ((_, text),) = buttons(member, "quote")
    assert text == "Préparer"
    assert buttons(member, "invoice") == buttons(make_member(), "quote") == ()


@pytest.mark.req("AUT-6")
def test_versions_with_their_waiting_runs(member):
    made = make_published(member)
    make_runs(made, 2)
    commands.save_draft(member, made, draft(step(timing=later(9))), now=NOW)
    commands.publish(member, made, note="Plus tard", now=NOW)
    two, one = versions(member, made.pk)
    assert [(row.number, row.is_current, row.note, row.published_by) for row in (two, one)] == [
        (2, True, "Plus tard", member.user.name),
        (1, False, "", member.user.name),
    ]
    assert waiting_runs(member, made.pk) == {two.id: 0, one.id: 2}


@pytest.mark.req("AUT-6")
def test_two_versions_are_compared_in_words(member):
    made = make_published(member, mail(later(5), subject="Relance"), step(timing=later(3)), step(title="À retirer"))
    changed = dict(made.published.definition)
    steps = [dict(one) for one in changed["steps"]]
    steps[0] = {**steps[0], "timing": later(7)}
    steps[1] = {**steps[1], "action": {**steps[1]["action"], "config": {**steps[1]["action"]["config"], "due_in": 4}}}
    new = {"id": "s9", "timing": {"type": "immediately"}, "action": {"type": "wait", "config": {}}}
    changed |= {
        "steps": [steps[0], steps[1], new],
        "conditions": rows(("total_net", "is_at_least", "500")),
        "limits": {"gap_days": 3},
    }
    commands.save_draft(member, made, changed, now=NOW)
    expected = [
        ("Conditions", "", "«\u00a0Total HT\u00a0» est au moins 500,00\u00a0€"),
        ("Limites", "", "écart de 3 jours"),
        (
            "Étape 1",
            "envoyer l’email «\u00a0Relance\u00a0» au contact de la fiche après 5 jours",
            "envoyer l’email «\u00a0Relance\u00a0» au contact de la fiche après 7 jours",
        ),
        ("Étape 2", "Échéance dans\u00a0: 0", "Échéance dans\u00a0: 4"),
        ("Étape 3", "créer une tâche «\u00a0À retirer\u00a0»", ""),
        ("Étape 3", "", "attendre"),
    ]
    assert [(one.part, one.before, one.after) for one in compare(member, made.pk, 1)] == expected
    commands.publish(member, made, now=NOW)
    assert [(one.part, one.before, one.after) for one in compare(member, made.pk, 1, 2)] == expected
    assert compare(member, made.pk, 2, 2) == compare(member, made.pk, 7, 8) == ()


@pytest.mark.req("AUT-6")
def test_steps_that_only_moved_are_told_as_moved(member):
    made = make_published(member, step(title="Un"), step(title="Deux"))
    stored = dict(made.published.definition)
    commands.save_draft(member, made, {**stored, "steps": stored["steps"][::-1]}, now=NOW)
    assert [(one.part, one.before, one.after) for one in compare(member, made.pk, 1)] == [
        ("Étape 1", "Étape 1", "Étape 2"),
        ("Étape 2", "Étape 2", "Étape 1"),
    ]
