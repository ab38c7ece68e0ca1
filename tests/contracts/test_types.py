"""Every type of the registries keeps its contract: a new file is tested the moment it exists."""

import json

import pytest
from django.utils import translation

from rouage.automations.catalogue import catalogue, config_schema, definition_schema
from rouage.automations.definition import DefinitionIn, compile_definition
from rouage.automations.phrases import Phrases
from rouage.automations.registry import ACTIONS, OPERATORS, TRIGGERS
from rouage.automations.sentence import sentence
from rouage.automations.validation import Scope, problems
from rouage.planner.model import Done, Ended, Failed, Started
from rouage.planner.types import fits
from rouage.records.kinds import KINDS
from tests.factories.contexts import make_context

TYPES = [*TRIGGERS.values(), *ACTIONS.values()]
EVERYTHING = Scope(members={1, 2}, stages={1: "open"}, templates={5: ("Sujet", "Texte")})


def example_definition(found):
    """A definition that uses the example of one type."""
    trigger = {"type": "record_created"}
    steps = [{"action": {"type": "add_note", "config": {"text": "Vu"}}}]
    if found.key in TRIGGERS:
        trigger = {"type": found.key, "version": found.version, "config": dict(found.example)}
    else:
        steps = [{"action": {"type": found.key, "version": found.version, "config": dict(found.example)}}]
    return {"kind": found.example_kind, "trigger": trigger, "steps": steps}


@pytest.mark.parametrize("found", TYPES, ids=lambda found: found.key)
class TestEveryType:
    def test_it_says_what_it_is(self, found):
        assert found.label
        assert found.help.endswith((".", "…"))
        assert found.icon
        assert fits(found.kinds, found.example_kind)
        assert found.kinds == {"*"} or found.kinds <= set(KINDS)

    def test_its_example_is_valid_and_comes_back_from_json(self, found):
        config = found.read(found.example, found.version)
        assert found.Config.model_validate_json(config.model_dump_json()) == config

    def test_its_settings_refuse_an_unknown_word(self, found):
        stored = example_definition(found)
        where = stored["trigger"] if found.key in TRIGGERS else stored["steps"][0]["action"]
        where["config"] = {**where["config"], "no_such_setting": 1}
        assert [problem.code for problem in problems(stored, EVERYTHING)] == ["extra_forbidden"]

    def test_its_example_makes_a_definition_that_can_be_published_and_compiled(self, found):
        stored = example_definition(found)
        assert problems(stored, EVERYTHING) == []
        compiled = compile_definition(DefinitionIn.model_validate(stored))
        assert compiled.kind == found.example_kind

    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_it_is_a_clause_in_both_languages(self, found, language):
        with translation.override(language):
            phrases = Phrases(KINDS[found.example_kind])
            clause = found.summary(found.read(found.example, found.version), phrases)
        assert clause
        assert clause[0] == clause[0].lower()
        assert not clause.endswith(".")
        assert "%(" not in clause
        whole = sentence(DefinitionIn.model_validate(example_definition(found)), language)
        assert clause.split(" ")[-1] in whole

    def test_its_labels_are_translated(self, found):
        with translation.override("fr"):
            assert str(translation.gettext(found.label)) != found.label
            assert str(translation.gettext(found.help)) != found.help

    def test_each_setting_has_a_title_that_the_schema_tells_in_both_languages(self, found):
        for name, info in found.Config.model_fields.items():
            assert info.title, name
        titles = []
        for language in ("en", "fr"):
            with translation.override(language):
                titles.append([part["title"] for part in config_schema(found.Config)["properties"].values()])
        assert titles[0] == [info.title for info in found.Config.model_fields.values()]
        assert len(titles[0]) == len(titles[1])

    def test_it_is_in_the_schema_of_the_editor_and_of_the_api(self, found):
        part = "triggers" if found.key in TRIGGERS else "actions"
        assert found.key in [item["key"] for item in catalogue("fr")[part]]
        union = definition_schema("en")["$defs"]["Trigger" if found.key in TRIGGERS else "Action"]["oneOf"]
        assert found.key in [item["properties"]["type"]["const"] for item in union]
        json.dumps(union)


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=lambda trigger: trigger.key)
def test_a_trigger_listens_to_events_of_its_kind(trigger):
    config = trigger.read(trigger.example, trigger.version)
    listens = trigger.listens(config, trigger.example_kind)
    assert listens
    assert all(type_.startswith(f"{trigger.example_kind}.") for type_ in listens)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda action: action.key)
class TestEveryAction:
    def context(self, action):
        ready = {"status": "accepted"} if action.key == "create_record" else {}
        return make_context(action.example_kind, facts=ready)

    def test_it_gives_a_result_and_the_same_one_each_time(self, action):
        config, context = action.read(action.example, action.version), self.context(action)
        first, second = action.execute(config, context), action.execute(config, context)
        assert isinstance(first.result, Done | Started | Ended)
        assert first.result == second.result
        assert [type(effect) for effect in first.effects] == [type(effect) for effect in second.effects]

    def test_what_leaves_the_database_has_the_key_of_the_step_and_its_cause(self, action):
        outcome = action.execute(action.read(action.example, action.version), self.context(action))
        assert isinstance(outcome.result, Started) is action.outside
        for effect in outcome.effects:
            assert effect.organisation_id == 1
            assert effect.run_id == 900
            if action.outside:
                assert effect.idempotency_key == "900:0"
                assert effect.cause[-1].run_id == 900

    def test_a_deliberate_repetition_has_another_key(self, action):
        context = make_context(action.example_kind, repeat=2)
        outcome = action.execute(action.read(action.example, action.version), context)
        if action.outside:
            assert [effect.idempotency_key for effect in outcome.effects] == ["900:0:2"]

    def test_it_never_raises_on_a_record_that_holds_nothing(self, action):
        empty = dict.fromkeys(self.context(action).snapshot) | {"status": "sent", "kind": action.example_kind}
        outcome = action.execute(action.read(action.example, action.version), make_context(snapshot=empty))
        assert isinstance(outcome.result, Done | Started | Failed | Ended)
        if isinstance(outcome.result, Failed):
            assert outcome.effects == ()


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=lambda operator: operator.key)
def test_an_operator_has_a_label_in_both_languages(operator):
    assert operator.types
    with translation.override("fr"):
        assert translation.gettext(operator.label) != operator.label
