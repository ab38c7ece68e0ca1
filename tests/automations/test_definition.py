import pytest

from rouage.automations.definition import (
    DefinitionIn,
    NotRunnable,
    compile_definition,
    compiled,
    forget,
    load,
    parse,
    settled,
    stop_statuses,
    why_not,
)
from rouage.automations.models import Version
from rouage.automations.registry import ACTIONS
from rouage.planner.model import ALWAYS, ENROLLED, NEVER, Around, Immediately, Later, Limits, Unit
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import draft, make_published
from tests.factories.engine import later, mail, rows, step


def read(*steps, **definition):
    return DefinitionIn.model_validate(draft(*steps, **definition))


@pytest.mark.req("AUT-1")
def test_the_planners_form_has_everything():
    definition = compile_definition(
        read(
            step(),
            mail(later(3, "working_days", at="09:30"), rows(("total_net", "is_at_least", "500")), reminder=True),
            step(timing={"type": "around", "field": "validity_date", "amount": 2, "past": "run"}),
            conditions=rows(("validity_date", "is_after", "2026-04-01")),
            reentry="restart",
            limits={"gap_days": 3, "cap": 2, "period_days": 30},
            max_late_hours=48,
            self_trigger=True,
        )
    )
    assert definition.listens == {"quote.status_changed", ENROLLED}
    assert [type(one.timing) for one in definition.steps] == [Immediately, Later, Around]
    assert [(one.action, one.outside, one.window, one.reminder) for one in definition.steps] == [
        ("create_task", False, False, False),
        ("send_email", True, True, True),
        ("create_task", False, False, False),
    ]
    assert definition.steps[1].timing == Later(amount=3, unit=Unit.WORKING_DAYS, at=definition.steps[1].timing.at)
    assert definition.steps[0].when is ALWAYS
    assert str(definition.steps[1].when.of[0].value) == "500"
    assert definition.conditions.of[0].value.isoformat() == "2026-04-01"
    assert (definition.reentry, definition.self_trigger, definition.max_late.total_seconds()) == (
        "restart",
        True,
        172_800,
    )
    assert definition.limits == Limits(gap=definition.limits.gap, cap=2, period=definition.limits.period)
    assert (definition.limits.gap.days, definition.limits.period.days) == (3, 30)
    assert definition.watches == {"validity_date"}


def test_what_comes_back_from_json_is_the_same():
    definition = read(mail(later(3, at="09:30")), conditions=rows(("status", "is_one_of", ["sent", "opened"])))
    assert DefinitionIn.model_validate(definition.stored()) == definition


@pytest.mark.req("AUT-9")
def test_the_kinds_stop_conditions_apply_but_for_those_it_starts_from_or_sets():
    assert stop_statuses(read()) == ("accepted", "refused", "invoiced", "cancelled")
    accepted = {"type": "status_changed", "config": {"to_statuses": ["accepted"]}}
    assert stop_statuses(read(trigger=accepted)) == ("refused", "invoiced", "cancelled")
    cancelling = read(step("change_status", status="cancelled"), trigger=accepted)
    assert stop_statuses(cancelling) == ("refused", "invoiced")
    won = {"type": "stage_changed", "config": {"to_stages": [5]}}
    assert stop_statuses(read(kind="opportunity", trigger=won), {5: "won"}) == ("lost",)
    assert stop_statuses(read(stop_defaults=False)) == stop_statuses(read(continue_despite_status=True)) == ()


@pytest.mark.req("AUT-9")
def test_continuing_despite_the_status_switches_every_stop_condition_off():
    stop = rows(("status", "is", "expired"), mode="any")
    assert len(compile_definition(read(stop=stop)).stop.of) == 2
    assert compile_definition(read(stop=stop, continue_despite_status=True)).stop is NEVER
    assert compile_definition(read(stop_defaults=False)).stop is NEVER


def test_a_settled_definition_keeps_its_meaning_and_names_its_steps():
    definition = read({"id": "s2", **step()}, step(), step(), stop=rows(("status", "is", "expired"), mode="any"))
    fixed = settled(definition)
    assert [one.id for one in fixed.steps] == ["s2", "s1", "s3"]
    assert fixed.stop_defaults is False
    assert compile_definition(fixed).stop == compile_definition(definition).stop
    assert settled(fixed) == fixed


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        ({"kind": "quote"}, "definition.settings_refused"),
        (draft(trigger={"type": "telepathy"}), "definition.type_unknown"),
        (draft(step("run_function")), "definition.type_unknown"),
        (draft(step("create_task", title="")), "definition.settings_refused"),
    ],
)
def test_what_cannot_run_says_why(stored, code):
    with pytest.raises(NotRunnable) as refused:
        compile_definition(parse(stored))
    assert refused.value.reason.code == code


@pytest.mark.req("AUT-3")
def test_a_condition_whose_field_vanished_or_changed_its_type_still_loads():
    vanished = compile_definition(read(conditions=rows(("colour", "is", "red"), ("validity_date", "is", "soon"))))
    assert [test.field for test in vanished.conditions.of] == ["colour", "validity_date"]


def test_settings_of_an_older_version_are_read_through_the_type(monkeypatch):
    action = ACTIONS["add_note"]
    monkeypatch.setattr(type(action), "version", 2)
    monkeypatch.setattr(action, "upgrade", lambda config, _version: {"text": config["note"]}, raising=False)
    old = {"action": {"type": "add_note", "version": 1, "config": {"note": "Vu"}}}
    new = {"action": {"type": "add_note", "version": 2, "config": {"text": "Vu"}}}
    assert [one.config.text for one in compile_definition(read(old, new)).steps] == ["Vu", "Vu"]


@pytest.mark.django_db
def test_versions_are_read_once(django_assert_num_queries):
    member = make_member()
    made = make_published(member)
    broken = Version.objects.create(
        organisation=member.organisation, automation=made, number=2, definition={}, published_at=NOW
    )
    forget()
    ids = [made.published_id, broken.pk, 10**9]
    assert compiled(made.published_id) is None
    with django_assert_num_queries(1):
        found = load(ids)
    assert list(found) == [made.published_id]
    assert compiled(made.published_id) is found[made.published_id]
    with django_assert_num_queries(0):
        assert load(ids[:2]) == found
    assert (why_not(broken.pk).code, why_not(10**9).code) == ("definition.settings_refused", "definition.gone")
