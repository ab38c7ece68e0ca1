from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from rouage.accounts.access import NotFound, Refused
from rouage.automations import commands
from rouage.automations.models import Evaluation, Run
from rouage.automations.queries.evaluations import evaluations_of, evaluations_page
from rouage.automations.queries.timeline import timeline
from rouage.automations.registry import ACTIONS
from rouage.records.commands import change_contact
from rouage.records.models import Contact
from tests.engine.conftest import mails, sink  # noqa: F401 -- fixtures
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import asked, make_published, make_runs
from tests.factories.engine import later, mail, rows, settle, step
from tests.factories.records import ACTOR, line, make_client, make_quote

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1, minutes=1)


@pytest.fixture
def member():
    return make_member()


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


@pytest.fixture
def failed(member, mails):  # noqa: F811 -- a fixture
    make_published(
        member, mail(subject="Premier"), step(title="Appeler"), mail(later(1), subject="Second"), step(timing=later(3))
    )
    client = make_client(member.organisation, contacts=[{"name": "Laure Faure", "email": "l.faure@exemple.fr"}])
    make_quote(client, status="sent")
    settle(NOW)
    change_contact(ACTOR, Contact.objects.get(), {"email": ""}, now=NOW)
    settle(NOW + DAY)
    return Run.objects.get()


@pytest.mark.req("RUN-3")
def test_the_panel_tells_everything_about_a_run(member, failed):
    told = timeline(member, failed.pk)
    assert [(one.position, one.label, one.status) for one in told.steps] == [
        (0, "Envoyer un email", "done"),
        (1, "Créer une tâche", "done"),
        (2, "Envoyer un email", "failed"),
    ]
    first, task, last = told.steps
    assert (first.message.subject, first.message.status) == ("Premier", "sent")
    assert "avez-vous pu le lire" in first.message.text
    (recipient,) = first.message.recipients
    assert (recipient.address, recipient.state, recipient.reason) == ("l.faure@exemple.fr", "sent", "")
    assert first.planned_at == first.started_at == NOW
    assert NOW <= first.ended_at < NOW + timedelta(minutes=1)
    assert (task.summary, task.result["title"]) == ("créer une tâche «\u00a0Appeler\u00a0»", "Appeler")
    assert last.has_failed
    assert last.config["subject"] == "Second"
    assert last.explanation.text == "Laure Faure n’a pas d’adresse email."
    assert last.explanation.advice == "Ajoutez-la sur la fiche client, puis relancez."
    assert told.explanation == last.explanation
    assert told.sentence.startswith("Quand un devis est envoyé, envoyer l’email «\u00a0Premier\u00a0»")
    assert [entry.label for entry in told.entries] == [
        "Email confié à l’envoi",
        "Email envoyé",
        "Tâche créée",
        "Exécution échouée",
    ]
    assert told.planned == ()


@pytest.mark.req("RUN-3", "RUN-6")
def test_what_is_to_come_is_dated_for_the_next_step_only(member):
    (run,) = make_runs(make_published(member, step(timing=later(7), title="Un"), step(timing=later(3), title="Deux")))
    told = timeline(member, run.pk)
    assert [(one.position, one.summary, one.due_at) for one in told.planned] == [
        (0, "créer une tâche «\u00a0Un\u00a0» après 7 jours", NOW + timedelta(days=7)),
        (1, "créer une tâche «\u00a0Deux\u00a0» après 3 jours", None),
    ]


@pytest.mark.req("RUN-3")
def test_a_run_that_waits_for_its_date_says_so(member):
    trigger = {"type": "date_reached", "config": {"field": "validity_date", "amount": 3, "at": "09:00"}}
    make_published(member, step(), trigger=trigger)
    make_quote(make_client(member.organisation), validity_date=(NOW + timedelta(days=30)).date())
    settle(NOW)
    told = timeline(member, Run.objects.get().pk)
    assert [one.label for one in told.planned] == ["La date du déclencheur", "Créer une tâche"]
    assert told.planned[0].due_at == NOW + timedelta(days=27) - timedelta(hours=2)


@pytest.mark.req("RUN-3", "RUN-7")
def test_notes_of_people_and_the_runs_that_took_it_up_are_there(member, failed):
    change_contact(ACTOR, Contact.objects.get(), {"email": "l.faure@exemple.fr"}, now=NOW + DAY)
    new_id, _ = commands.relaunch(asked(member, now=NOW + DAY, note="Adresse corrigée"), failed.pk)
    told = timeline(member, failed.pk)
    assert told.relaunched_as == (new_id,)
    assert (told.entries[-1].label, told.entries[-1].note, told.entries[-1].actor) == (
        "Exécution relancée",
        "Adresse corrigée",
        member.user.name,
    )
    assert timeline(member, new_id).run.relaunched_from == failed.pk


def test_a_version_whose_types_are_gone_still_shows(member, failed, monkeypatch):
    monkeypatch.setattr(ACTIONS, "_types", {key: value for key, value in ACTIONS.items() if key != "send_email"})
    told = timeline(member, failed.pk)
    assert [one.label for one in told.steps] == ["send_email", "Créer une tâche", "send_email"]


def test_the_panel_has_a_fixed_number_of_queries(member):
    one = make_runs(make_published(member, step(title="Un")))[0]
    three = make_runs(make_published(member, *[step(title=f"T{n}") for n in range(3)], name="Trois"))[-1]
    counts = []
    for run in (one, three):
        with CaptureQueriesContext(connection) as asked_for:
            timeline(member, run.pk)
        counts.append(len(asked_for))
    assert counts[0] == counts[1] <= 13


@pytest.mark.req("ACC-1", "ACC-2")
def test_another_organisations_run_is_not_found(member, failed):
    with pytest.raises(NotFound):
        timeline(make_member(), failed.pk)
    with pytest.raises(Refused):
        timeline(make_member(member.organisation, privileges=set()), failed.pk)


@pytest.mark.req("RUN-9")
def test_why_did_nothing_happen(member):
    made = make_published(member, step(), conditions=rows(("total_gross", "is_at_least", "500")), name="Grands devis")
    client = make_client(member.organisation)
    small = make_quote(client, status="sent", lines=[line(unit_price="100")])
    settle(NOW)
    (row,) = evaluations_of(member, "quote", small.pk)
    assert (row.automation, row.automation_id, row.event_type) == ("Grands devis", made.pk, "quote.status_changed")
    text = row.explanation.text.replace("\u00a0", " ")
    assert "Total TTC" in text
    assert "120,00 €" in text
    assert "500,00 €" in text
    for _ in range(3):
        make_quote(client, status="sent", now=NOW + timedelta(days=1))
    settle(NOW + timedelta(days=1))
    page = evaluations_page(member, size=2)
    rest = evaluations_page(member, after=page.next, size=2)
    assert len({row.id for row in (*page.rows, *rest.rows)}) == Evaluation.objects.count() == 4
    assert rest.next is None
    assert evaluations_page(member, automation_id=made.pk + 1).rows == ()
    stranger = make_member()
    assert evaluations_page(stranger).rows == evaluations_of(stranger, "quote", small.pk) == ()
