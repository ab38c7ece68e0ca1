"""A new action is one file: it then is in the editor's schema, in the API's, in the sentence, and it runs."""

import sys

import pytest

from rouage.automations import commands
from rouage.automations.catalogue import catalogue, definition_schema, types_for
from rouage.automations.definition import DefinitionIn
from rouage.automations.models import Run, Step
from rouage.automations.registry import ACTIONS
from rouage.automations.sentence import sentence
from rouage.automations.validation import Scope, problems
from rouage.journal.models import Entry
from tests.contracts import test_types as contract
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import draft
from tests.factories.engine import settle
from tests.factories.records import make_client, make_quote

FILE = '''
"""The action "stamp"."""

from pydantic import Field

from rouage.automations.context import Action, Outcome
from rouage.automations.merging import merged
from rouage.automations.shapes import Strict
from rouage.planner.model import Done, Failed
from rouage.planner.words import N_
from rouage.records.effects import NewNote


class Stamp(Action):
    key = "stamp_it"
    label = N_("Stamp the record")
    help = N_("Puts a stamp into the activity of the record.")
    icon = "stamp"
    group = "organise"
    example = {"text": "Seen {{ number }}"}

    class Config(Strict):
        text: str = Field(min_length=1, title=N_("Text"), json_schema_extra={"widget": "merge_line"})

    def execute(self, config, context):
        text = merged(config.text, context)
        if isinstance(text, Failed):
            return Outcome(text)
        note = NewNote(
            organisation_id=context.organisation.id, kind=context.kind, record_id=context.record_id,
            run_id=context.run_id, position=context.position, actor=context.automation_name,
            cause=context.cause, text=text,
        )
        return Outcome(Done(data={"text": text}), (note,))

    def summary(self, config, words):
        return words(N_("stamp it %(text)s"), text=words.quoted(config.text))


TYPE = Stamp()
'''


@pytest.fixture
def stamp(tmp_path, monkeypatch):
    package = tmp_path / "acme_actions"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "stamp_it.py").write_text(FILE)
    monkeypatch.syspath_prepend(tmp_path)
    with ACTIONS.including("acme_actions"):
        yield ACTIONS["stamp_it"]
    for name in [name for name in sys.modules if name.startswith("acme_actions")]:
        monkeypatch.delitem(sys.modules, name)


def stamped(**config):
    return draft({"action": {"type": "stamp_it", "config": config}})


def test_it_is_in_the_catalogue_the_editor_and_the_api(stamp):
    (found,) = [action for action in catalogue("en")["actions"] if action["key"] == "stamp_it"]
    assert (found["label"], found["group"]) == ("Stamp the record", "organise")
    assert found["schema"]["properties"]["text"]["widget"] == "merge_line"
    assert "stamp_it" in [action["key"] for action in types_for("quote", "fr")["actions"]]
    schemas = definition_schema("en")["$defs"]["Action"]["oneOf"]
    assert "stamp_it" in [schema["properties"]["type"]["const"] for schema in schemas]


def test_its_settings_are_checked_and_its_sentence_is_told(stamp):
    scope = Scope()
    assert problems(stamped(text="Vu {{ number }}"), scope) == []
    assert [problem.where for problem in problems(stamped(text="{{ nombre }}"), scope)] == [
        "steps.0.action.config.text"
    ]
    assert [problem.where for problem in problems(stamped(), scope)] == ["steps.0.action.config.text"]
    text = sentence(DefinitionIn.model_validate(stamped(text="Vu")), "en")
    assert text.startswith("When a quote is sent, stamp it “Vu”.")


def test_it_keeps_the_contract_of_every_action(stamp):
    every, action = contract.TestEveryType(), contract.TestEveryAction()
    every.test_it_says_what_it_is(stamp)
    every.test_its_example_is_valid_and_comes_back_from_json(stamp)
    every.test_its_settings_refuse_an_unknown_word(stamp)
    every.test_its_example_makes_a_definition_that_can_be_published_and_compiled(stamp)
    every.test_it_is_a_clause_in_both_languages(stamp, "fr")
    every.test_it_is_in_the_schema_of_the_editor_and_of_the_api(stamp)
    action.test_it_gives_a_result_and_the_same_one_each_time(stamp)
    action.test_it_never_raises_on_a_record_that_holds_nothing(stamp)


@pytest.mark.django_db
def test_it_runs(stamp):
    member = make_member()
    made = commands.create(member, name="Tampon", kind="quote", draft=stamped(text="Vu {{ number }}"), now=NOW)
    commands.publish(member, made, now=NOW)
    quote = make_quote(make_client(member.organisation), status="sent")
    settle(NOW)
    assert Run.objects.get().status == "finished"
    assert Step.objects.get().result == {"text": f"Vu {quote.number}"}
    assert Entry.objects.get(verb="note.added").data["text"] == f"Vu {quote.number}"


def test_once_it_is_gone_it_is_nowhere():
    assert "stamp_it" not in ACTIONS
    assert [problem.code for problem in problems(stamped(text="Vu"), Scope())] == ["type.unknown"]
