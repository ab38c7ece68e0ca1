"""The editor’s conditions, statuses that stop, and settings."""

import pytest

from rouage.automations.definition import parse
from rouage.records.models import Stage
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.engine import rows, step
from tests.factories.records import make_client, make_opportunity
from tests.web.editing import address, make_draft, send, stored
from tests.web.filled import filled
from tests.web.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def browser(client, member):
    return sign_in(client, member)


@pytest.mark.req("AUT-3")
def test_conditions_are_built_in_groups_of_all_any_and_none(browser, member):
    made = make_draft(member, step())
    send(browser, made, "add-row:conditions")
    send(browser, made, changes={"conditions.of.0.value": "1 500,50"})
    send(browser, made, "add-group:conditions")
    tree = stored(made)["conditions"]
    assert tree["mode"] == "all"
    assert tree["of"][0] == {
        "mode": "all", "of": [{"field": "total_net", "operator": "is_at_least", "value": "1500.50"}],
    }  # fmt: skip
    send(browser, made, changes={"conditions.of.1.mode": "none", "conditions.of.1.of.0.field": "client.city"})
    send(browser, made, changes={"conditions.of.1.of.0.operator": "contains", "conditions.of.1.of.0.value": "Lyon"})
    assert stored(made)["conditions"]["of"][1] == {
        "mode": "none", "of": [{"field": "client.city", "operator": "contains", "value": "Lyon"}],
    }  # fmt: skip
    send(browser, made, "remove:conditions.of.1.of.0")
    assert [len(group["of"]) for group in stored(made)["conditions"]["of"]] == [1]


@pytest.mark.req("AUT-3")
@pytest.mark.parametrize(
    ("field", "operator", "typed", "value"),
    [
        ("status", "is", "sent", "sent"),
        ("status", "is_one_of", ["sent", "opened"], ["sent", "opened"]),
        ("number", "is_one_of", "D-1; D-2", ["D-1", "D-2"]),
        ("total_net", "is_between", ["100", "1 000,5"], ["100", "1000.5"]),
        ("validity_date", "is_before", "2026-12-31", "2026-12-31"),
        ("validity_date", "is_in_the_next", "7", 7),
        ("sent_at", "is_after", "2026-07-01T09:00", "2026-07-01T09:00:00+02:00"),
        ("client.email", "is_empty", [], None),
        ("total_net", "is_at_least", "cinq cents", "cinq cents"),
    ],
)
def test_value_of_a_condition_has_the_type_of_its_field(browser, member, field, operator, typed, value):
    made = make_draft(member, step(), conditions=rows((field, operator, None)))
    send(browser, made, changes={"conditions.of.0.value": typed})

    assert stored(made)["conditions"]["of"][0] == {"field": field, "operator": operator, "value": value}
    send(browser, made)
    assert stored(made)["conditions"]["of"][0]["value"] == value


@pytest.mark.req("AUT-3")
def test_person_and_stage_of_a_condition_are_chosen_by_their_names(browser, member):
    opportunity = make_opportunity(make_client(member.organisation), now=NOW)
    made = make_draft(
        member, step(), kind="opportunity", trigger={"type": "record_created"},
        conditions=rows(("owner.id", "is", member.pk), ("stage.id", "is", opportunity.stage_id)),
    )  # fmt: skip
    page = text(browser.get(address(made)))
    send(browser, made)

    assert "Camille Renaud" in page
    assert Stage.objects.get(pk=opportunity.stage_id).name in page
    assert [row["value"] for row in stored(made)["conditions"]["of"]] == [member.pk, opportunity.stage_id]


@pytest.mark.req("AUT-3")
def test_other_field_takes_no_value_over(browser, member):
    made = make_draft(member, step(), conditions=rows(("total_net", "is_at_least", "500")))
    send(browser, made, changes={"conditions.of.0.field": "status"})

    assert stored(made)["conditions"]["of"][0] == {"field": "status", "operator": "is", "value": None}


@pytest.mark.req("AUT-9")
def test_stop_statuses_stay_the_kind_s_own_until_somebody_changes_them(browser, member):
    made = make_draft(member, step())
    page = filled(browser.get(address(made)), "editor-form")
    assert page["stop_statuses"] == ["accepted", "refused", "invoiced", "cancelled"]
    send(browser, made)
    assert stored(made)["stop_defaults"] is True
    send(browser, made, changes={"stop_statuses": ["accepted", "expired"]})
    assert (stored(made)["stop_defaults"], stored(made)["stop"]) == (
        False, {"mode": "any", "of": [{"field": "status", "operator": "is_one_of", "value": ["accepted", "expired"]}]},
    )  # fmt: skip
    send(browser, made, "add-row:stop")
    send(browser, made, changes={"stop.of.1.value": "10000"})
    assert stored(made)["stop"]["of"][1] == {"field": "total_net", "operator": "is_at_least", "value": "10000"}
    assert filled(browser.get(address(made)), "editor-form")["stop_statuses"] == ["accepted", "expired"]


@pytest.mark.req("AUT-9")
def test_switch_to_continue_despite_the_status(browser, member):
    made = make_draft(member, step())
    assert "Continuer malgré le changement de statut" in text(browser.get(address(made)))
    send(browser, made, changes={"continue_despite_status": "1"})

    assert stored(made)["continue_despite_status"] is True


@pytest.mark.req("AUT-8", "AUT-11")
def test_reentry_gap_cap_and_lateness_are_settings(browser, member):
    made = make_draft(member, step())
    send(browser, made, changes={
        "reentry": "once", "limits.gap_days": "3", "limits.cap": "2", "limits.period_days": "7",
        "max_late_hours": "48", "self_trigger": "1",
    })  # fmt: skip
    definition = parse(stored(made))

    assert (definition.reentry, definition.max_late_hours, definition.self_trigger) == ("once", 48, True)
    assert definition.limits.model_dump() == {"gap_days": 3, "cap": 2, "period_days": 7}
