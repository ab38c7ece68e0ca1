import pytest

from rouage.automations import commands
from rouage.automations.definition import DefinitionIn, compile_definition
from rouage.automations.library import templates
from rouage.automations.sentence import sentence
from rouage.automations.validation import Scope, problems
from rouage.records.kinds import KINDS
from tests.factories.accounts import NOW, make_member
from tools.typography import french_problems

KEYS = sorted(templates())


def test_there_is_one_for_every_kind_of_record():
    kinds = {template.content["definition"]["kind"] for template in templates().values()}
    assert kinds == {kind.key for kind in KINDS.values() if kind.automatable}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("key", KEYS)
def test_each_can_be_published_in_both_languages(key, language):
    ready = templates()[key].in_language(language)
    assert problems(ready.definition, Scope()) == []
    definition = DefinitionIn.model_validate(ready.definition)
    assert compile_definition(definition).steps
    assert ready.name
    assert ready.summary.endswith(".")
    assert "…" not in sentence(definition, language)


@pytest.mark.parametrize("key", KEYS)
def test_the_french_names_are_well_set(key):
    ready = templates()[key].in_language("fr")
    assert list(french_problems(ready.name)) == list(french_problems(ready.summary)) == []


@pytest.mark.django_db
def test_one_becomes_an_automation_of_ones_own():
    member = make_member()
    ready = templates()["invoice_reminders"].in_language("fr")
    made = commands.create(
        member, name=ready.name, kind="invoice", draft=ready.definition, template_key=ready.key, now=NOW
    )
    version = commands.publish(member, made, now=NOW).version
    assert (version.number, made.template_key) == (1, "invoice_reminders")
