from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import translation

from rouage.accounts.access import NotFound, Refused
from rouage.automations.dry_run import hit_today, simulate
from rouage.mail.models import Message
from tests.engine.conftest import mails, sink  # noqa: F401 -- fixtures
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import draft, make_published
from tests.factories.engine import later, mail, rows, settle, step
from tests.factories.records import line, make_client, make_event, make_invoice, make_opportunity, make_quote, pay

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def quote(member):
    client = make_client(member.organisation, contacts=[{"name": "Laure Faure", "email": "l.faure@exemple.fr"}])
    return make_quote(client, status="sent", lines=[line(unit_price="3650")], validity_date=(NOW + 29 * DAY).date())


def everything():
    """Every row of every table of the product."""
    return {
        model._meta.label: sorted(map(repr, model._default_manager.order_by("pk").values_list()))
        for model in apps.get_models()
        if model.__module__.startswith("rouage.")
    }


def around(field, amount, **values):
    return {"type": "around", "field": field, "amount": amount, "direction": "before", **values}


@pytest.mark.req("AUT-13")
def test_a_trial_shows_what_would_happen_and_changes_nothing(member, quote):
    definition = draft(
        mail(later(7), subject="Relance {{ number }}", body="Bonjour {{ contact.document.name }}"),
        step(timing=around("validity_date", 3, at="09:00"), title="Appeler"),
        conditions=rows(("total_net", "is_at_least", "500"), ("client.name", "contains", "hôtel")),
    )
    before = everything()
    seen = simulate(member, definition, quote.pk, now=NOW)
    assert everything() == before
    assert (seen.problems, seen.matches, seen.holds, seen.record) == ((), True, True, quote.number)
    assert [
        (row.field, row.value, row.found.replace("\u00a0", " ").replace("\u202f", " ")) for row in seen.conditions
    ] == [
        ("Total HT", True, "3 650,00 €"),
        ("Client\u00a0: nom", True, quote.client.name),
    ]
    first, second = seen.steps
    assert (first.status, first.planned_at, first.due_at) == ("planned", NOW + 7 * DAY, NOW + 7 * DAY)
    assert first.message.to == (("Laure Faure", "l.faure@exemple.fr"),)
    assert (first.message.subject, first.message.text) == (f"Relance {quote.number}", "Bonjour Laure Faure")
    assert second.due_at == NOW + 26 * DAY - timedelta(hours=1)
    assert seen.ends_at == second.due_at


@pytest.mark.req("AUT-13", "AUT-10")
def test_work_outside_the_sending_hours_is_shown_where_it_will_be(member, quote):
    seen = simulate(member, draft(mail(later(5))), quote.pk, now=NOW)
    (sent,) = seen.steps
    assert (sent.planned_at, sent.due_at) == (NOW + 5 * DAY, NOW + 7 * DAY - timedelta(hours=1))
    assert "07/03/2026 10:00" in sent.explanation.text
    assert "09/03/2026 09:00" in sent.explanation.text


@pytest.mark.req("AUT-13", "AUT-3")
def test_false_and_unknown_conditions_are_shown_with_what_was_read(member, quote):
    conditions = {
        "mode": "any",
        "of": [
            {"field": "total_net", "operator": "is_more_than", "value": "9000"},
            rows(("accepted_at", "is_in_the_past", None), mode="none"),
        ],
    }
    seen = simulate(member, draft(conditions=conditions), quote.pk, now=NOW)
    assert seen.holds is None
    assert [(row.field, row.value, row.mode, row.depth) for row in seen.conditions] == [
        ("Total HT", False, "any", 1),
        ("Accepté le", None, "none", 2),
    ]
    assert seen.conditions[1].why
    assert (seen.steps, seen.starts_at) == ((), None)
    assert seen.not_started.code == "start.conditions_unknown"


@pytest.mark.req("AUT-13", "REC-1")
def test_a_step_that_would_fail_says_so_and_ends_the_trial(member):
    quote = make_quote(make_client(member.organisation, contacts=[{"name": "Laure Faure", "email": ""}]), status="sent")
    seen = simulate(member, draft(mail(), step()), quote.pk, now=NOW)
    (failed,) = seen.steps
    assert (failed.status, failed.explanation.code) == ("failed", "recipient.address_missing")


@pytest.mark.req("AUT-13", "AUT-9")
def test_a_stop_condition_that_is_met_stops_the_trial(member):
    invoice = make_invoice(make_client(member.organisation))
    pay(invoice)
    trigger = {"type": "status_changed", "config": {"to_statuses": ["sent"]}}
    seen = simulate(member, draft(step(), kind="invoice", trigger=trigger), invoice.pk, now=NOW)
    assert seen.matches is False
    assert [one.status for one in seen.steps] == ["stopped"]
    assert [row.value for row in seen.stops] == [True]


@pytest.mark.req("AUT-13")
def test_later_steps_see_what_earlier_ones_would_change(member, quote):
    definition = draft(
        step("change_status", status="expired"),
        step("create_task", when=rows(("status", "is", "expired")), title="Expiré"),
        step("change_field", field="subject", value="Nouveau"),
        step("add_note", text="{{ subject }}"),
    )
    seen = simulate(member, definition, quote.pk, now=NOW)
    assert [(one.action, one.status) for one in seen.steps] == [
        ("change_status", "planned"),
        ("create_task", "planned"),
        ("change_field", "planned"),
        ("add_note", "planned"),
    ]
    assert seen.steps[3].result == {"text": "Nouveau"}


@pytest.mark.req("AUT-13", "AUT-11")
def test_the_gap_between_reminders_moves_the_next_one(member, quote):
    reminder = mail(reminder=True)
    seen = simulate(member, draft(reminder, reminder, limits={"gap_days": 3}), quote.pk, now=NOW)
    assert [one.due_at for one in seen.steps] == [NOW, NOW + 3 * DAY]


@pytest.mark.req("AUT-13", "AUT-11")
def test_reminders_that_the_client_has_had_count(member, mails):  # noqa: F811 -- a fixture
    client = make_client(member.organisation)
    make_published(member, mail(reminder=True))
    quote = make_quote(client, status="sent")
    settle(NOW)
    assert Message.objects.count() == 1
    seen = simulate(member, draft(mail(reminder=True), limits={"gap_days": 3}), quote.pk, now=NOW + DAY)
    assert seen.steps[0].due_at == NOW + 3 * DAY


@pytest.mark.req("AUT-13", "AUT-12")
def test_a_date_that_has_passed_is_left_out_with_its_reason(member, quote):
    seen = simulate(member, draft(step(timing=around("validity_date", 60)), step()), quote.pk, now=NOW)
    skipped, done = seen.steps
    assert (skipped.status, skipped.explanation.code) == ("skipped", "step.date_passed")
    assert done.status == "planned"


@pytest.mark.req("AUT-13")
def test_a_date_trigger_begins_on_its_date(member):
    event = make_event(make_client(member.organisation), days=30)
    trigger = {"type": "date_reached", "config": {"field": "start_at", "amount": 7, "at": "09:00"}}
    seen = simulate(member, draft(step(), kind="event", trigger=trigger), event.pk, now=NOW)
    assert seen.starts_at == seen.steps[0].due_at == NOW + 23 * DAY - timedelta(hours=1)


def test_a_record_without_the_date_waits_for_it(member):
    opportunity = make_opportunity(make_client(member.organisation))
    definition = draft(step(timing=around("close_date", 3)), kind="opportunity", trigger={"type": "record_created"})
    (waiting,) = simulate(member, definition, opportunity.pk, now=NOW).steps
    assert (waiting.status, waiting.due_at) == ("planned", None)


@pytest.mark.req("AUT-13")
def test_a_definition_with_faults_shows_them_instead(member, quote):
    seen = simulate(member, draft(mail(subject="{{ client.nom }}")), quote.pk, now=NOW)
    assert [problem.where for problem in seen.problems] == ["steps.0.action.config.subject"]
    assert (seen.steps, hit_today(member, {}, now=NOW)) == ((), [])


@pytest.mark.req("ACC-1", "ACC-2")
def test_a_record_of_another_organisation_cannot_be_tried_on(member):
    with pytest.raises(NotFound):
        simulate(member, draft(), make_quote(status="sent").pk, now=NOW)
    blind = make_member(member.organisation, privileges=set())
    with pytest.raises(Refused):
        simulate(blind, draft(), make_quote(make_client(member.organisation), status="sent").pk, now=NOW)


@pytest.mark.req("AUT-13", "AUT-7")
def test_who_would_be_hit_today(member):
    client = make_client(member.organisation)
    due, later_on, paid = make_invoice(client, due=-7), make_invoice(client, due=-3), make_invoice(client, due=-7)
    pay(paid)
    make_invoice(make_client(), due=-7)
    trigger = {
        "type": "date_reached",
        "config": {"field": "due_date", "amount": 7, "direction": "after", "at": "15:00"},
    }
    definition = draft(step(), kind="invoice", trigger=trigger)
    before = everything()
    assert [(one.record_id, one.label, one.due_at) for one in hit_today(member, definition, now=NOW)] == [
        (due.pk, due.number, NOW + timedelta(hours=5))
    ]
    assert everything() == before
    assert [one.record_id for one in hit_today(member, definition, now=NOW + 4 * DAY)] == [later_on.pk]
