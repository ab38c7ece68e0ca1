import json

import pytest

from rouage.automations.catalogue import catalogue, definition_schema, types_for
from rouage.automations.definition import DefinitionIn
from rouage.automations.registry import ACTIONS, OPERATORS, TRIGGERS
from rouage.records.kinds import KINDS


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_editor_finds_everything_in_both_languages(language):
    found = json.loads(json.dumps(catalogue(language)))
    assert {kind["key"] for kind in found["kinds"]} == {kind.key for kind in KINDS.values() if kind.automatable}
    assert {one["key"] for one in found["triggers"]} == set(TRIGGERS)
    assert {one["key"] for one in found["actions"]} == set(ACTIONS)
    assert {one["key"] for one in found["operators"]} == set(OPERATORS)
    assert {action["group"] for action in found["actions"]} <= {group["key"] for group in found["groups"]}


def test_labels_are_in_the_language_that_was_asked_for():
    french, english = catalogue("fr"), catalogue("en")
    assert [action["label"] for action in french["actions"] if action["key"] == "stop_if"] == ["S’arrêter si…"]
    assert [action["label"] for action in english["actions"] if action["key"] == "stop_if"] == ["Stop if…"]
    (quote,) = [kind for kind in french["kinds"] if kind["key"] == "quote"]
    assert (quote["label"], quote["plural"]) == ("Devis", "Devis")
    assert {"key": "sent", "label": "Envoyé", "settable": True} in quote["statuses"]
    assert [unit["label"] for unit in french["units"]] == ["minutes", "heures", "jours", "jours ouvrés"]


def test_a_field_tells_which_comparisons_go_with_it():
    (quote,) = [kind for kind in catalogue("fr")["kinds"] if kind["key"] == "quote"]
    fields = {field["name"]: field for field in quote["fields"]}
    assert "is_at_least" in fields["total_net"]["operators"]
    assert "is_older_than" in fields["sent_at"]["operators"]
    assert "is_at_least" not in fields["status"]["operators"]
    assert "organisation.name" in [field["name"] for field in quote["merge_fields"]]
    assert set(quote["dates"]) >= {"validity_date", "sent_at"}


def test_a_kind_gets_the_types_that_go_with_it():
    assert "stage_changed" not in [one["key"] for one in types_for("quote", "fr")["triggers"]]
    assert "stage_changed" in [one["key"] for one in types_for("opportunity", "fr")["triggers"]]
    assert "create_record" not in [one["key"] for one in types_for("invoice", "fr")["actions"]]


def test_a_triggers_facts_are_fields_of_its_conditions():
    (trigger,) = [one for one in catalogue("fr")["triggers"] if one["key"] == "status_changed"]
    assert [(fact["name"], fact["label"]) for fact in trigger["facts"]] == [
        ("trigger.from", "Ancien statut"),
        ("trigger.to", "Nouveau statut"),
    ]


def test_the_schema_of_a_definition_names_the_settings_of_every_type():
    schema = definition_schema("en")
    assert set(schema["properties"]) == set(DefinitionIn.model_fields)
    names = {one["properties"]["type"]["const"] for one in schema["$defs"]["Action"]["oneOf"]}
    assert names == set(ACTIONS)
    references = json.dumps(schema).split('"$ref": "#/$defs/')[1:]
    assert {reference.split('"')[0] for reference in references} <= set(schema["$defs"])
