"""What is wrong with a definition: where it stands and what to do, in the user's language."""

import pytest
from django.utils import translation

from rouage.automations.definition import MAX_STEPS
from rouage.automations.validation import Scope, problems
from tests.factories.automations import draft
from tests.factories.engine import later, mail, rows, step

SCOPE = Scope(
    members={1, 2}, stages={1: "open", 2: "won"}, templates={5: ("Devis {{ number }}", "Bonjour"), 6: ("{{ x }}", "B")}
)


def found(definition):
    with translation.override("en"):
        return [(problem.where, problem.code) for problem in problems(definition, SCOPE)]


def texts(definition, language="fr"):
    with translation.override(language):
        return [problem.text for problem in problems(definition, SCOPE)]


def around(field, **values):
    return {"type": "around", "field": field, "amount": 1, **values}


def stop_if(when):
    return {"action": {"type": "stop_if", "config": {"when": when}}}


def task(**config):
    return step("create_task", title="A", **config)


def test_a_sound_definition_has_no_problem():
    sound = draft(
        mail(later(7, at="09:00"), rows(("total_net", "is_at_least", "500"))),
        step("send_email", around("validity_date", at="09:00"), recipients={"members": [1]}, template=5),
        stop_if(rows(("trigger.to", "is", "sent"))),
        conditions=rows(("client.name", "contains", "Hôtel"), ("created_at", "is_older_than", 3)),
        limits={"gap_days": 3, "cap": 2},
    )
    assert problems(sound, SCOPE) == []


@pytest.mark.req("AUT-6")
@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({}, [("kind", "missing"), ("trigger", "missing")]),
        ("text", [("", "model_type")]),
        (draft(kind="client"), [("kind", "kind.unknown")]),
        (draft(colour="red"), [("colour", "extra_forbidden")]),
        (draft(steps=[]), [("steps", "steps.none")]),
        (draft(steps=[step()] * (MAX_STEPS + 1)), [("steps", "too_long")]),
        (draft(trigger={"type": "telepathy"}), [("trigger.type", "type.unknown")]),
        (draft(trigger={"type": "stage_changed"}), [("trigger.type", "type.unfit")]),
        (draft(trigger={"type": "idle"}), [("trigger.config.days", "missing")]),
        (
            draft(trigger={"type": "status_changed", "config": {"to_statuses": ["paid"]}}),
            [("trigger.config.to_statuses", "status.unknown")],
        ),
        (
            draft(trigger={"type": "date_reached", "config": {"field": "due_date"}}),
            [("trigger.config.field", "date.unknown")],
        ),
        (
            draft(trigger={"type": "field_changed", "config": {"field": "number"}}),
            [("trigger.config.field", "field.not_writable")],
        ),
        (
            draft(kind="opportunity", trigger={"type": "stage_changed", "config": {"to_stages": [1, 77]}}),
            [("trigger.config.to_stages", "stage.unknown")],
        ),
        (draft(conditions=rows(("colour", "is", "red"))), [("conditions.of.0.field", "field.unknown")]),
        (draft(conditions=rows(("status", "is_at_least", "sent"))), [("conditions.of.0.operator", "operator.unfit")]),
        (draft(conditions=rows(("status", "sings", "sent"))), [("conditions.of.0.operator", "operator.unfit")]),
        (
            draft(conditions=rows(("total_net", "is_at_least", "cinq cents"))),
            [("conditions.of.0.value", "operand.number")],
        ),
        (
            draft(conditions=rows(("validity_date", "is_before", "31/11/2026"))),
            [("conditions.of.0.value", "operand.date")],
        ),
        (draft(conditions=rows(("status", "is", "payé"))), [("conditions.of.0.value", "choice.unknown")]),
        (
            draft(conditions=rows(("status", "is_one_of", ["sent", "payé"]))),
            [("conditions.of.0.value", "choice.unknown")],
        ),
        (draft(stop=rows(("trigger.stage", "is", "x"), mode="any")), [("stop.of.0.field", "field.unknown")]),
        (draft(step(timing=later(-1))), [("steps.0.timing.amount", "greater_than_equal")]),
        (draft(step(timing=later(9999))), [("steps.0.timing.amount", "timing.too_long")]),
        (draft(step(timing=later(2, "hours", at="09:00"))), [("steps.0.timing.at", "timing.time")]),
        (draft(step(timing=later(2, at="25:00"))), [("steps.0.timing.at", "time_parsing")]),
        (draft(step(timing=around("start_at"))), [("steps.0.timing.field", "date.unknown")]),
        (draft(step(timing={"type": "never"})), [("steps.0.timing", "union_tag_invalid")]),
        (draft(task(people={"roles": ["contact.main"]})), [("steps.0.action.config.people.roles", "role.unknown")]),
        (draft(task(people={"members": [3]})), [("steps.0.action.config.people.members", "member.unknown")]),
        (draft(task(due_in="demain")), [("steps.0.action.config.due_in", "int_parsing")]),
        (draft(step("send_email", recipients={"roles": ["owner"]})), [("steps.0.action.config", "email.no_text")]),
        (draft(mail(recipients={"roles": ["assignee"]})), [("steps.0.action.config.recipients.roles", "role.unknown")]),
        (draft(mail(recipients={})), [("steps.0.action.config.recipients", "recipients.none")]),
        (
            draft(mail(recipients={"addresses": ["a@b.fr", "pas une adresse"]})),
            [("steps.0.action.config.recipients.addresses.1", "mail.address_malformed")],
        ),
        (
            draft(mail(subject="{{ client.nom }} {{ x }}")),
            [("steps.0.action.config.subject", "merge.unknown_field")] * 2,
        ),
        (draft(mail(template=7)), [("steps.0.action.config.template", "template.unknown")]),
        (draft(mail(template=6)), [("steps.0.action.config.template", "merge.unknown_field")]),
        (draft(step("change_status", status="opened!")), [("steps.0.action.config.status", "status.unknown")]),
        (
            draft(step("change_status", status="paid"), kind="invoice"),
            [("steps.0.action.config.status", "status.follows")],
        ),
        (
            draft(step("change_field", field="number", value="1")),
            [("steps.0.action.config.field", "field.not_writable")],
        ),
        (
            draft(step("change_field", field="validity_date", value="demain")),
            [("steps.0.action.config.value", "field.invalid")],
        ),
        (draft(step("call_webhook", url="ftp://exemple.fr")), [("steps.0.action.config", "webhook.url")]),
        (draft(step("call_webhook", url="https://a:b@exemple.fr")), [("steps.0.action.config", "webhook.url")]),
        (
            draft(step("call_webhook", url="https://exemple.fr", headers={"Host": "x"})),
            [("steps.0.action.config", "webhook.header")],
        ),
        (
            draft(step("call_webhook", url="https://exemple.fr", body="{n: 1}")),
            [("steps.0.action.config", "webhook.body")],
        ),
        (
            draft(step("call_webhook", url="https://exemple.fr", body='"{{ x }}"')),
            [("steps.0.action.config.body", "merge.unknown_field")],
        ),
        (draft(stop_if({})), [("steps.0.action.config.when", "conditions.none")]),
        (draft(stop_if(rows(("x", "is", "y")))), [("steps.0.action.config.when.of.0.field", "field.unknown")]),
        (draft(step("create_record", new="spaceship")), [("steps.0.action.config.new", "literal_error")]),
        (draft(step("run_function")), [("steps.0.action.type", "type.unknown")]),
        (draft({"id": "s1", **step()}, {"id": "s1", **step()}), [("steps.1.id", "step.twice")]),
        (draft(limits={"cap": 0}), [("limits.cap", "greater_than_equal")]),
        (draft(reentry="sometimes"), [("reentry", "enum")]),
    ],
)
def test_each_fault_is_found_where_it_is(definition, expected):
    if isinstance(definition, dict) and definition.get("kind") == "invoice":
        definition = {**definition, "trigger": {"type": "record_created"}}
    assert found(definition) == expected


def test_conditions_may_be_nested_five_deep_and_no_more():
    tree = rows(("status", "is", "sent"))
    for _ in range(4):
        tree = {"mode": "any", "of": [tree]}
    assert found(draft(conditions=tree)) == []
    assert found(draft(conditions={"mode": "none", "of": [tree]})) == [
        ("conditions.of.0.of.0.of.0.of.0.of.0", "conditions.depth")
    ]


def test_the_sentences_say_what_to_do_in_french_and_english():
    wrong = draft(
        mail(subject="Devis {{ client.nom }}"),
        step(timing=around("start_at")),
        conditions=rows(("couleur", "is", "rouge")),
        steps=[mail(subject="Devis {{ client.nom }}"), step(timing=around("start_at"))],
    )
    assert texts(wrong) == [
        "Le champ «\u00a0couleur\u00a0» n’existe pas ou plus. Choisissez-en un autre.",
        (
            "Champ inconnu\u00a0: client.nom. Choisissez-en un dans la liste des champs. "
            "Vouliez-vous dire\u00a0: client.name, client.code, client.phone\u00a0?"
        ),
        "Devis\u00a0: il n’y a pas de date «\u00a0start_at\u00a0». Choisissez l’une de ses dates.",
    ]
    assert texts(wrong, "en")[0] == "The field “couleur” does not exist (any more). Choose another one."


def test_the_step_of_a_problem_is_known():
    (problem,) = problems(draft(step(), mail(recipients={})), SCOPE)
    assert problem.step == 1
    (problem,) = problems(draft(conditions=rows(("x", "is", "y"))), SCOPE)
    assert problem.step is None
