"""The API: automations and runs for programs, one organisation at a time."""

import json

import pytest
from django.test import Client

from rouage.automations.models import Automation, Run
from rouage.mail.models import Message
from tests.api.conftest import Program
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.engine import later, mail, make_automation, settle, step
from tests.factories.records import make_client, make_quote

pytestmark = pytest.mark.django_db

DEFINITION = {
    "kind": "quote",
    "trigger": {"type": "status_changed", "config": {"to_statuses": ["sent"]}},
    "steps": [
        {
            "timing": {"type": "later", "amount": 3, "unit": "days"},
            "action": {"type": "create_task", "config": {"title": "Appeler {{ client.name }}"}},
        }
    ],
}


def test_types_hold_every_trigger_and_action_with_its_schema(program):
    status, found = program.get("/types")
    assert status == 200
    assert {"send_email", "create_task", "call_webhook"} <= {action["key"] for action in found["actions"]}
    assert {"date_reached", "status_changed"} <= {trigger["key"] for trigger in found["triggers"]}


def test_openapi_describes_the_definition_of_every_type(program):
    status, found = program.get("/openapi.json")
    assert status == 200
    text = json.dumps(found["components"]["schemas"])
    assert "#/$defs/" not in text
    assert "send_email" in text
    for name, schema in found["components"]["schemas"].items():
        for reference in _references(schema):
            assert reference.split("/")[-1] in found["components"]["schemas"], (name, reference)


def _references(value):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from [item] if key == "$ref" else _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


@pytest.mark.req("AUT-5", "AUT-6")
def test_an_automation_from_draft_to_deletion(program):
    status, made = program.post("/automations", {"name": "Relance", "kind": "quote"})
    assert (status, made["is_active"]) == (201, False)
    path = f"/automations/{made['id']}"
    status, problem = program.post(f"{path}/publish")
    assert (status, problem["type"]) == (422, "urn:rouage:problem:not-publishable")
    assert {error["at"] for error in problem["errors"]} & {"steps", "trigger.type", "trigger"}
    status, saved = program.ask("PUT", f"{path}/draft", {"definition": DEFINITION, "base": made["draft_number"]})
    assert (status, saved["draft"]["kind"]) == (200, "quote")
    status, stale = program.ask("PUT", f"{path}/draft", {"definition": DEFINITION, "base": made["draft_number"]})
    assert (status, stale["type"]) == (409, "urn:rouage:problem:draft.moved")
    status, published = program.post(f"{path}/publish", {"note": "première"})
    assert (status, published) == (200, {"version": 1, "enrolled": 0, "changed": 0, "refused": 0})
    assert program.post(f"{path}/disable")[1]["changed"] == 0
    assert program.get("/automations?hide_inactive=true")[1] == []
    program.post(f"{path}/enable")
    (row,) = program.get("/automations")[1]
    assert (row["name"], row["version"], row["is_active"]) == ("Relance", 1, True)
    assert "devis" in row["sentence"].lower()
    assert program.ask("DELETE", path)[0] == 204
    assert program.get("/automations")[1] == []


@pytest.mark.req("AUT-13")
def test_a_dry_run_shows_the_timeline_and_changes_nothing(program, organisation):
    automation = make_automation(organisation, mail(later(7)), step(timing=later(3)), owner=program.member)
    quote = make_quote(make_client(organisation), status="sent")
    before = (Run.objects.count(), Message.objects.count())
    status, found = program.post(f"/automations/{automation.pk}/dry-run", {"record_id": quote.pk})
    assert status == 200
    assert [(one["action"], one["status"]) for one in found["steps"]] == [
        ("send_email", "planned"),
        ("create_task", "planned"),
    ]
    assert found["steps"][0]["message"]["subject"] == "Votre devis"
    assert (Run.objects.count(), Message.objects.count()) == before


@pytest.mark.req("AUT-13")
def test_a_dry_run_of_a_broken_definition_names_the_problem(program, organisation):
    automation = make_automation(organisation, owner=program.member)
    quote = make_quote(make_client(organisation))
    broken = {**DEFINITION, "steps": [step("create_task", title="{{ client.nom }}")]}
    status, found = program.post(f"/automations/{automation.pk}/dry-run", {"record_id": quote.pk, "definition": broken})
    assert status == 200
    assert any("client.nom" in problem["text"] for problem in found["problems"])


@pytest.mark.req("RUN-1", "RUN-3", "RUN-6", "RUN-7")
def test_runs_are_listed_shown_paused_and_relaunched(program, organisation):
    automation = make_automation(organisation, step(timing=later(7)), owner=program.member)
    quote = make_quote(make_client(organisation), status="sent")
    settle(NOW)
    status, page = program.get(f"/runs?status=waiting&automation_id={automation.pk}")
    assert status == 200
    (run,) = page["runs"]
    assert (run["label"], run["record_id"], page["next"]) == (quote.number, quote.pk, None)
    assert program.post("/runs/pause", {"runs": [run["id"]], "note": "il rappelle"})[1] == {
        "done": [run["id"]],
        "refused": [],
    }
    status, shown = program.get(f"/runs/{run['id']}")
    assert shown["run"]["status"] == "paused"
    assert [entry["note"] for entry in shown["entries"] if entry["verb"] == "run.paused"] == ["il rappelle"]
    again = program.post("/runs/pause", {"runs": [run["id"]]})[1]
    assert again["done"] == []
    assert again["refused"][0]["text"]
    program.post("/runs/resume", {"runs": [run["id"]]})
    program.post("/runs/cancel", {"runs": [run["id"]]})
    relaunched = program.post("/runs/relaunch", {"runs": [run["id"]], "origin": "start"})[1]
    assert relaunched["refused"] == []
    assert Run.objects.get(pk=relaunched["done"][str(run["id"])]).relaunched_from == run["id"]


@pytest.mark.req("RUN-5")
def test_no_route_deletes_a_run(program, organisation):
    make_automation(organisation, step(timing=later(7)), owner=program.member)
    make_quote(make_client(organisation), status="sent")
    settle(NOW)
    run = Run.objects.get()
    assert program.ask("DELETE", f"/runs/{run.pk}")[0] == 405
    assert Run.objects.count() == 1


@pytest.mark.req("RUN-1")
def test_runs_are_paged_by_key(program, organisation):
    make_automation(organisation, step(timing=later(7)), owner=program.member)
    client = make_client(organisation)
    for _ in range(3):
        make_quote(client, status="sent")
    settle(NOW)
    first = program.get("/runs?size=2")[1]
    second = program.get(f"/runs?size=2&after={first['next']}")[1]
    ids = [run["id"] for run in first["runs"] + second["runs"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), second["next"]) == (3, None)


@pytest.mark.req("RUN-9")
def test_evaluations_say_why_nothing_happened(program, organisation):
    rows = {"mode": "all", "of": [{"field": "total_net", "operator": "is_at_least", "value": 5000}]}
    make_automation(organisation, owner=program.member, conditions=rows)
    make_quote(make_client(organisation), status="sent")
    settle(NOW)
    (found,) = program.get("/evaluations")[1]["evaluations"]
    assert "5" in found["explanation"]["text"]


@pytest.mark.req("ACC-1")
def test_another_organisation_is_not_there(program):
    foreign = make_organisation()
    automation = make_automation(foreign, step(timing=later(7)))
    make_quote(make_client(foreign), status="sent")
    settle(NOW)
    run = Run.objects.get()
    assert program.get("/automations")[1] == []
    assert program.get("/runs")[1]["runs"] == []
    for status, _body in (
        program.get(f"/automations/{automation.pk}"),
        program.get(f"/runs/{run.pk}"),
        program.post(f"/automations/{automation.pk}/disable"),
        program.post(f"/automations/{automation.pk}/dry-run", {"record_id": run.record_id}),
        program.ask("DELETE", f"/automations/{automation.pk}"),
    ):
        assert status == 404
    assert program.post("/runs/cancel", {"runs": [run.pk]})[1]["done"] == []
    run.refresh_from_db()
    assert run.status == "waiting"


@pytest.mark.req("ACC-2")
def test_a_member_without_the_privilege_is_refused_with_whom_to_ask(organisation, program):
    reader = Program(make_member(organisation, role="reader"))
    status, problem = reader.post("/automations", {"name": "Relance", "kind": "quote"})
    assert (status, problem["type"]) == (403, "urn:rouage:problem:not-allowed")
    assert program.member.user.name in problem["detail"]
    assert Automation.objects.count() == 0


def test_a_visitor_and_a_form_of_another_site_are_turned_away(program):
    assert Client().get("/api/v1/runs").status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(program.member.user)
    answer = strict.post("/api/v1/automations", {"name": "x", "kind": "quote"}, content_type="application/json")
    assert answer.status_code == 403
    assert Automation.objects.count() == 0


def test_a_malformed_body_is_a_problem_that_names_the_place(program):
    status, problem = program.post("/runs/pause", {"runs": "all"})
    assert (status, problem["type"]) == (422, "urn:rouage:problem:malformed")
    assert any("runs" in error["at"] for error in problem["errors"])
