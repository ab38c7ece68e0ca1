"""The editor’s forms come from the schemas of the types: every type, one of an installed package, one that is gone."""

import pytest

from rouage.automations import commands
from rouage.automations.definition import parse
from rouage.automations.models import Automation
from rouage.automations.registry import ACTIONS, TRIGGERS
from tests.contracts.test_types import example_definition
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import make_published
from tests.factories.engine import later, mail, rows, step
from tests.factories.records import make_opportunity
from tests.planner.packages import temporary_package
from tests.web.editing import address, make_draft, send, stored
from tests.web.pages import text

pytestmark = pytest.mark.django_db
TYPES = [*TRIGGERS.values(), *ACTIONS.values()]


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def browser(client, member):
    return sign_in(client, member)


@pytest.mark.req("AUT-2", "AUT-4")
@pytest.mark.parametrize("found", TYPES, ids=lambda found: found.key)
def test_settings_of_every_type_come_back_from_its_form_unchanged(browser, member, found):
    """The form is drawn from the schema and read by it: a type has no template and no code here."""
    make_opportunity(now=NOW)
    definition = example_definition(found)
    made = commands.create(member, name="Essai", kind=definition["kind"], draft=definition, now=NOW)
    send(browser, made)
    after = parse(stored(made))
    before = parse(definition)

    assert after.trigger.config == _complete(TRIGGERS, before.trigger)
    assert [one.action.config for one in after.steps] == [_complete(ACTIONS, one.action) for one in before.steps]
    assert [one.timing for one in after.steps] == [one.timing for one in before.steps]


def _complete(registry, given):
    """With the defaults that a form fills in."""
    found = registry[given.type]
    return found.read(given.config, given.version).model_dump(mode="json")


@pytest.mark.req("AUT-6")
def test_opening_and_saving_what_runs_makes_no_draft(browser, member):
    when = rows(("total_net", "is_at_least", "500"), ("client.name", "contains", "Hôtel"))
    made = make_published(member, mail(later(7, at="09:00"), when=when), step(), conditions=when)
    send(browser, made)

    assert stored(made) is None


PLUGIN = '''
"""An action of an installed package: nothing of the product knows its settings."""
from typing import Literal
from pydantic import BaseModel, Field
from rouage.automations.context import Action, Outcome
from rouage.automations.shapes import Strict
from rouage.planner.model import Done

class Paper(Strict):
    colour: Literal["white", "yellow"] = "white"
    weight: int = Field(default=80, title="Grammage")

class SendFax(Action):
    key = "send_fax"
    label = "Envoyer un fax"
    help = "Pour les clients qui y tiennent."
    icon = "printer"
    group = "papier"
    example = {"number": "0472000000"}

    class Config(Strict):
        number: str = Field(title="Numéro de fax", min_length=4, max_length=20)
        quality: Literal["fine", "normal"] = Field(
            default="normal", title="Qualité", json_schema_extra={"labels": {"fine": "Fine", "normal": "Normale"}}
        )
        tries: int = Field(default=3, ge=1, le=9, title="Essais")
        margin: float | None = Field(default=None, title="Marge")
        urgent: bool = Field(default=False, title="Urgent")
        copies: tuple[str, ...] = Field(default=(), title="Copies à")
        paper: Paper = Field(default=Paper(), title="Papier")
        cover: str = Field(default="", max_length=900, title="Page de garde", json_schema_extra={"widget": "hologram"})

    def execute(self, config, context):
        return Outcome(Done())

    def summary(self, config, words):
        return f"envoyer un fax au {config.number}"

TYPE = SendFax()
'''


@pytest.mark.req("TPL-4")
def test_action_of_an_installed_package_is_edited_without_a_line_here(browser, member, tmp_path, monkeypatch):
    package = temporary_package(tmp_path, monkeypatch, send_fax=PLUGIN)
    with ACTIONS.including(package):
        made = make_draft(member, step())
        assert "Envoyer un fax" in text(browser.get(address(made)))
        send(browser, made, "add-step:send_fax")
        place = "steps.1.action.config"
        page = browser.get(address(made))
        for label in ("Numéro de fax", "Qualité", "Essais", "Marge", "Urgent", "Copies à", "Papier", "Page de garde"):
            assert label in text(page)
        send(browser, made, changes={
            f"{place}.number": "0472000000", f"{place}.quality": "fine", f"{place}.tries": "5",
            f"{place}.margin": "1,5", f"{place}.urgent": "1", f"{place}.copies": "a@exemple.fr\nb@exemple.fr",
            f"{place}.paper.colour": "yellow", f"{place}.paper.weight": "90", f"{place}.cover": "Bonjour",
        })  # fmt: skip

        assert stored(made)["steps"][1]["action"]["config"] == {
            "number": "0472000000", "quality": "fine", "tries": 5, "margin": 1.5, "urgent": True,
            "copies": ["a@exemple.fr", "b@exemple.fr"], "paper": {"colour": "yellow", "weight": 90},
            "cover": "Bonjour",
        }  # fmt: skip
        assert "Envoyer un fax au 0472000000" in text(browser.get(address(made)))


@pytest.mark.req("AUT-6")
def test_type_that_is_no_longer_installed_keeps_its_settings(browser, member, tmp_path, monkeypatch):
    fax = step("send_fax", number="0472000000")
    made = make_draft(member, fax, step())
    send(browser, made, changes={"steps.1.action.config.title": "Rappeler"})

    first, second = stored(made)["steps"]
    assert first["action"] == fax["action"]
    assert second["action"]["config"]["title"] == "Rappeler"
    assert "« send_fax » n’est pas installé" in text(browser.get(address(made, "?check=1"))).replace("'", "’")


@pytest.mark.parametrize(
    "broken",
    [{"conditions": "nonsense"}, {"steps": [{"action": {"type": "create_task"}, "timing": {"type": "later"}}]},
     {"steps": ["x", None]}, {"trigger": 7}, {"limits": "x"}, {"stop": {"mode": "sometimes", "of": [1]}}],
)  # fmt: skip
def test_draft_that_no_form_has_made_is_still_shown(browser, member, broken):
    """A program may have written it through the API."""
    made = make_draft(member, step())
    Automation.objects.filter(pk=made.pk).update(draft={**made.draft, **broken})

    assert browser.get(address(made, "?check=1")).status_code == 200
