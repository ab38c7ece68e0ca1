"""AUT-15: one sentence for every automation, in French and English, with their typography."""

import re

import pytest

from rouage.automations.definition import DefinitionIn
from rouage.automations.names import Names
from rouage.automations.registry import ACTIONS, TRIGGERS
from rouage.automations.sentence import sentence
from rouage.planner.types import fits
from rouage.records.kinds import KINDS
from tests.factories.automations import draft
from tests.factories.engine import later, mail, rows, step
from tools.typography import french_problems

NAMES = Names(
    members={1: "Marie Petit"},
    templates={5: "Relance 1"},
    stages={1: "Négociation", 2: "Gagnée"},
    outcomes={1: "open", 2: "won"},
)
TEMPLATE = {"recipients": {"roles": ["contact.document"]}, "template": 5}


def said(definition, language="fr"):
    return sentence(DefinitionIn.model_validate(definition), language, NAMES).replace("\u00a0", "~")


def around(field, amount, direction="before", **values):
    return {"type": "around", "field": field, "amount": amount, "direction": direction, **values}


def date_trigger(field, amount, direction):
    return {"type": "date_reached", "config": {"field": field, "amount": amount, "direction": direction}}


CASES = [
    (
        draft(
            step("send_email", later(7), **TEMPLATE),
            step(timing=around("validity_date", 3, at="09:00"), title="Appeler le client", people={"roles": ["owner"]}),
            conditions=rows(("total_net", "is_at_least", "500")),
        ),
        (
            "Quand un devis est envoyé, si «~Total HT~» est au moins 500,00~€, envoyer l’email «~Relance 1~» au "
            "contact de la fiche après 7 jours, puis créer une tâche «~Appeler le client~» pour la personne "
            "responsable 3 jours avant la fin de validité à 09:00. S’arrête s’il est accepté, refusé, facturé ou "
            "annulé."
        ),
        (
            "When a quote is sent, if “Total excluding VAT” is at least €500.00, send the email “Relance 1” to "
            "the contact of the record after 7 days, then create a task “Appeler le client” for the owner 3 days "
            "before the end of the validity at 09:00. Stops if it is accepted, refused, invoiced or cancelled."
        ),
    ),
    (
        draft(
            step("send_email", **TEMPLATE),
            step("send_email", later(1, "working_days"), **TEMPLATE),
            kind="invoice",
            trigger=date_trigger("due_date", 3, "after"),
        ),
        (
            "3 jours après l’échéance d’une facture, envoyer l’email «~Relance 1~» au contact de la fiche, puis "
            "envoyer l’email «~Relance 1~» au contact de la fiche après 1 jour ouvré. S’arrête si elle est payée,"
            " annulée ou créditée."
        ),
        (
            "3 days after the due date of an invoice, send the email “Relance 1” to the contact of the record, "
            "then send the email “Relance 1” to the contact of the record after 1 working day. Stops if it is "
            "paid, cancelled or credited."
        ),
    ),
    (
        draft(
            step("create_record", new="event"),
            step("notify_member", people={"members": [1], "roles": ["owner"]}, text="Accepté"),
            trigger={"type": "status_changed", "config": {"to_statuses": ["accepted"]}},
        ),
        (
            "Quand un devis est accepté, créer l’évènement, puis prévenir la personne responsable et Marie Petit."
            " S’arrête s’il est refusé, facturé ou annulé."
        ),
        (
            "When a quote is accepted, create the event, then notify the owner and Marie Petit. Stops if it is "
            "refused, invoiced or cancelled."
        ),
    ),
    (
        draft(
            step(),
            kind="opportunity",
            trigger={"type": "stage_changed", "config": {"from_stages": [1], "to_stages": [2]}},
        ),
        (
            "Quand une opportunité passe de «~Négociation~» à «~Gagnée~», créer une tâche «~Appeler le client~». "
            "S’arrête si elle est perdue."
        ),
        (
            "When an opportunity goes from “Négociation” to “Gagnée”, create a task “Appeler le client”. "
            "Stops if it is lost."
        ),
    ),
    (
        draft(
            step("notify_member", people={"roles": ["owner"]}, text="x"),
            kind="opportunity",
            trigger={"type": "idle", "config": {"days": 21}},
            continue_despite_status=True,
        ),
        (
            "Après 21 jours sans activité sur une opportunité, prévenir la personne responsable. Continue malgré "
            "le changement de statut."
        ),
        "After 21 days without activity on an opportunity, notify the owner. Goes on whatever its status becomes.",
    ),
    (
        draft(
            step("wait", later(2, "hours")),
            step("wait", around("planned_start", 0)),
            step("change_status", when=rows(("client.email", "is_empty", None)), status="planned"),
            kind="intervention",
            trigger={"type": "record_created"},
            stop_defaults=False,
        ),
        (
            "À la création d’une intervention, attendre 2 heures, puis attendre (le jour du début prévu), puis si"
            " «~Client~: email~» est vide, passer le statut à «~Planifiée~»."
        ),
        (
            "When an intervention is created, wait 2 hours, then wait (on the day of the planned start), then if "
            "“Client: email” is empty, change the status to “Planned”."
        ),
    ),
    (
        draft(
            mail(subject="Solde"),
            kind="invoice",
            trigger={"type": "button_pressed", "config": {"text": "Mettre en demeure"}},
            stop=rows(("balance", "is_at_most", "10"), ("status", "is", "overdue"), mode="any"),
        ),
        (
            "Quand quelqu’un appuie sur «~Mettre en demeure~» sur une facture, envoyer l’email «~Solde~» au "
            "contact de la fiche. S’arrête si elle est payée, annulée, créditée ou en retard, ou si «~Reste dû~» "
            "est au plus 10,00~€."
        ),
        (
            "When somebody presses “Mettre en demeure” on an invoice, send the email “Solde” to the contact of "
            "the record. Stops if it is paid, cancelled, credited or overdue, or if “Balance due” is at most "
            "€10.00."
        ),
    ),
    (
        {"kind": "event", "trigger": {"type": ""}, "steps": []},
        "Quand …, …. S’arrête s’il est annulé.",
        "When …, …. Stops if it is cancelled.",
    ),
]


@pytest.mark.req("AUT-15", "UX-1")
@pytest.mark.parametrize(("definition", "french", "english"), CASES)
def test_the_sentence_in_both_languages(definition, french, english):
    assert said(definition) == french
    assert said(definition, "en") == english


@pytest.mark.req("AUT-15")
def test_many_conditions_and_steps_are_counted():
    conditions = rows(*[("number", "contains", str(n)) for n in range(5)])
    definition = draft(*[step(title=f"T{n}") for n in range(8)], conditions=conditions)
    text = said(definition)
    assert "et 2 autres conditions" in text
    assert "T5" in text
    assert "puis 2 autres étapes." in text


@pytest.mark.req("AUT-15")
@pytest.mark.parametrize("kind", [kind.key for kind in KINDS.values() if kind.automatable])
def test_every_kind_trigger_and_action_makes_good_french(kind):
    """Grammar that can be checked: punctuation, elisions, no left-over place, one capital."""
    for trigger in TRIGGERS.values():
        if not fits(trigger.kinds, kind):
            continue
        for action in ACTIONS.values():
            if not fits(action.kinds, kind):
                continue
            config = dict(trigger.example)
            if "field" in config:
                names = {"date_reached": KINDS[kind].date_fields[0].name, "field_changed": "owner.id"}
                config["field"] = names[trigger.key]
            if trigger.key == "status_changed":
                config = {"to_statuses": [KINDS[kind].statuses[1].key]}
            step_ = {"action": {"type": action.key, "config": dict(action.example)}}
            definition = DefinitionIn.model_validate(
                draft(step_, kind=kind, trigger={"type": trigger.key, "config": config})
            )
            text = sentence(definition, "fr", NAMES)
            assert text[0].isupper() or text[0].isdigit(), text
            assert list(french_problems(text)) == [], text
            assert not re.search(r"%\(|\bde (le|les|un|une)\b|\bd’(le|la|les)\b|\bà (le|les)\b|  ", text), text


def test_a_condition_names_people_and_choices():
    definition = draft(step(), conditions=rows(("owner.id", "is", 1), ("status", "is_one_of", ["sent", "opened"])))
    assert "“Owner” is Marie Petit and “Status” is one of Sent or Opened" in said(definition, "en")
