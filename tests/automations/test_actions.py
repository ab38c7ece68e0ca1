"""What each action does on a real-looking record, and how it fails."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import translation

from rouage.automations.explain import explain
from rouage.automations.registry import ACTIONS
from rouage.planner.model import Done, Ended, Failed, Started
from tests.factories.contexts import make_context


def do(key, config, context=None):
    action = ACTIONS[key]
    return action.execute(action.read(config, action.version), context or make_context())


def mail(**changes):
    return {
        "recipients": {"roles": ["contact.document"]},
        "subject": "Devis {{ number }}",
        "body": "Bonjour",
        **changes,
    }


@pytest.mark.req("AUT-4")
class TestSendEmail:
    def test_writes_one_message_to_all_recipients_each_address_once(self):
        recipients = {
            "roles": ["contact.document", "contact.main", "owner"],
            "members": [2],
            "addresses": ["direction@exemple.fr", "LAURE@beaurivage.example"],
        }
        outcome = do("send_email", mail(recipients=recipients, reminder=True))
        (message,) = outcome.effects
        assert [(one.address, one.role) for one in message.recipients] == [
            ("laure@beaurivage.example", "contact.document"),
            ("camille@lumen.example", "owner"),
            ("yanis@lumen.example", "member"),
            ("direction@exemple.fr", "address"),
        ]
        assert (message.subject, message.text, message.reminder) == ("Devis D-2026-0147", "Bonjour", True)
        assert (message.client_id, message.record_id, message.idempotency_key) == (7, 147, "900:0")
        assert isinstance(outcome.result, Started)

    def test_a_template_speaks_the_recipients_language_if_it_can(self):
        english = make_context(facts={"contact.document.language": "en"})
        subjects = [
            do("send_email", {"recipients": {"roles": ["contact.document"]}, "template": 5}, context).effects[0].subject
            for context in (make_context(), english)
        ]
        assert subjects == ["Votre devis D-2026-0147", "Your quote D-2026-0147"]

    def test_a_template_that_has_one_language_only_is_used_as_it_is(self):
        context = make_context(facts={"contact.document.language": "en"})
        only_french = replace(context, templates={5: context.templates[5]})
        (message,) = do("send_email", {"recipients": {"roles": ["contact.main"]}, "template": 5}, only_french).effects
        assert (message.language, message.subject) == ("fr", "Votre devis D-2026-0147")

    @pytest.mark.req("REC-1")
    @pytest.mark.parametrize(
        ("facts", "recipients", "code", "sentence", "advice"),
        [
            (
                {"contact.document.email": ""},
                {"roles": ["contact.document"]},
                "recipient.address_missing",
                "Laure Faure n’a pas d’adresse email.",
                "Ajoutez-la sur la fiche client, puis relancez.",
            ),
            (
                {"contact.document.email": None},
                {"roles": ["contact.main", "contact.document"]},
                "recipient.address_missing",
                "Laure Faure n’a pas d’adresse email.",
                "Ajoutez-la sur la fiche client, puis relancez.",
            ),
            (
                {"contact.document.email": "laure@"},
                {"roles": ["contact.document"]},
                "recipient.address_malformed",
                "L’adresse de Laure Faure n’est pas une adresse email\u00a0: laure@.",
                "Corrigez-la sur la fiche client, puis relancez.",
            ),
            (
                {"assignee.id": None, "assignee.name": None, "assignee.email": None},
                {"roles": ["assignee"]},
                "recipient.nobody",
                "La fiche n’a personne dans le rôle «\u00a0Intervenant\u00a0».",
                "Désignez quelqu’un sur la fiche, puis relancez.",
            ),
            (
                {},
                {"members": [99]},
                "recipient.member_gone",
                "Un membre nommé dans l’étape est parti.",
                "Choisissez quelqu’un d’autre dans l’étape, publiez, puis relancez.",
            ),
        ],
    )
    def test_a_recipient_who_cannot_be_written_to_fails_the_whole_step(
        self, facts, recipients, code, sentence, advice, french
    ):
        outcome = do("send_email", mail(recipients=recipients), make_context("intervention", facts=facts))
        assert outcome.effects == ()
        assert isinstance(outcome.result, Failed)
        assert outcome.result.permanent
        told = explain(outcome.result.reason, "intervention")
        assert (told.code, told.text, told.advice) == (code, sentence, advice)

    @pytest.mark.parametrize(
        ("config", "code", "field"),
        [
            (mail(subject="Devis {{ numero }}"), "merge.unknown_field", "numero"),
            (mail(body="Bonjour {{ contact.document.phone }}"), "merge.unknown_field", "contact.document.phone"),
            (mail(body="Bonjour {{ subject | upper"), "merge.unclosed", "subject | upper"),
            (mail(body="{{ client.phone }}"), "merge.missing_value", "client.phone"),
        ],
    )
    def test_a_text_that_cannot_be_written_fails_with_its_field(self, config, code, field):
        outcome = do("send_email", config, make_context(facts={"client.phone": ""}))
        assert outcome.effects == ()
        assert (outcome.result.reason.code, outcome.result.reason.data["field"]) == (code, field)
        assert explain(outcome.result.reason, "quote").advice

    def test_a_deleted_template_fails(self):
        outcome = do("send_email", {"recipients": {"roles": ["contact.main"]}, "template": 404})
        assert outcome.result.reason.code == "template.gone"

    def test_the_company_is_a_merge_field(self):
        (message,) = do("send_email", mail(subject="{{ organisation.name }}")).effects
        assert message.subject == "Lumen & Fils"


@pytest.mark.req("AUT-4")
class TestCreateTask:
    def test_one_for_each_person_due_at_the_end_of_the_day(self):
        people = {"roles": ["owner", "assignee"], "members": [2]}
        outcome = do("create_task", {"title": "Appeler {{ client.name }}", "people": people, "due_in": 2})
        assert [(task.assignee_id, task.title) for task in outcome.effects] == [
            (1, "Appeler Hôtel Beau Rivage"),
            (2, "Appeler Hôtel Beau Rivage"),
        ]
        assert {task.due_at for task in outcome.effects} == {datetime(2026, 3, 4, 17, 0, tzinfo=UTC)}

    def test_working_days_leave_the_weekend_out(self):
        (task,) = do("create_task", {"title": "Appeler", "due_in": 5, "unit": "working_days"}).effects
        assert task.due_at == datetime(2026, 3, 9, 17, 0, tzinfo=UTC)

    def test_without_anybody_it_is_everybodys(self):
        (task,) = do("create_task", {"title": "Appeler"}).effects
        assert task.assignee_id is None

    def test_somebody_who_is_not_there_fails(self):
        gone = make_context(facts={"owner.id": 77})
        assert do("create_task", {"title": "A", "people": {"roles": ["owner"]}}, gone).result.reason.code == (
            "recipient.member_gone"
        )
        nobody = make_context(facts={"owner.id": None})
        outcome = do("create_task", {"title": "A", "people": {"roles": ["owner"]}}, nobody)
        assert (outcome.result.reason.code, outcome.effects) == ("recipient.nobody", ())

    def test_a_long_name_does_not_break_it(self):
        (task,) = do(
            "create_task", {"title": "{{ client.name }}"}, make_context(facts={"client.name": "x" * 400})
        ).effects
        assert len(task.title) == 200


@pytest.mark.req("AUT-4")
class TestChangeStatus:
    def test_carries_the_status_that_it_saw(self):
        (change,) = do("change_status", {"status": "expired"}).effects
        assert (change.status, change.expected, change.actor) == ("expired", "sent", "Relances de devis")

    def test_the_same_status_is_done_and_changes_nothing(self):
        outcome = do("change_status", {"status": "sent"})
        assert (type(outcome.result), outcome.effects) == (Done, ())

    @pytest.mark.parametrize(
        ("status", "new", "code"), [("invoiced", "sent", "status.not_allowed"), ("sent", "gone", "status.unknown")]
    )
    def test_what_may_not_follow_fails(self, status, new, code):
        outcome = do("change_status", {"status": new}, make_context(facts={"status": status}))
        assert (outcome.result.reason.code, outcome.effects) == (code, ())
        assert explain(outcome.result.reason, "quote").text


@pytest.mark.req("AUT-4")
class TestOthers:
    def test_change_field_writes_a_merged_text(self):
        (change,) = do("change_field", {"field": "subject", "value": "Pour {{ client.name }}"}).effects
        assert (change.field, change.value) == ("subject", "Pour Hôtel Beau Rivage")

    def test_change_field_on_a_field_that_vanished_fails(self):
        outcome = do("change_field", {"field": "colour", "value": "red"})
        assert (outcome.result.reason.code, outcome.effects) == ("field.gone", ())

    def test_add_note(self):
        (note,) = do("add_note", {"text": "Relancé {{ client.name }}"}).effects
        assert note.text == "Relancé Hôtel Beau Rivage"

    def test_notify_member(self):
        outcome = do("notify_member", {"people": {"roles": ["owner"], "members": [2]}, "text": "Voir {{ number }}"})
        assert [(one.member_id, one.text, one.run_id) for one in outcome.effects] == [
            (1, "Voir D-2026-0147", 900),
            (2, "Voir D-2026-0147", 900),
        ]

    def test_notify_nobody_fails(self):
        assert do("notify_member", {"people": {}, "text": "x"}).result.reason.code == "recipients.none"

    def test_wait_does_nothing(self):
        assert (do("wait", {}).result, do("wait", {}).effects) == (Done(), ())

    def test_create_record_from_an_accepted_quote(self):
        (new,) = do(
            "create_record", {"new": "event", "name": "{{ subject }}"}, make_context(facts={"status": "accepted"})
        ).effects
        assert (new.new, new.values) == ("event", {"name": "Éclairage scénique"})

    @pytest.mark.parametrize(
        ("kind", "new", "code"),
        [("quote", "invoice", "create.not_ready"), ("contract", "invoice", "create.wrong_source")],
    )
    def test_create_record_from_what_is_not_ready_fails(self, kind, new, code):
        outcome = do("create_record", {"new": new}, make_context(kind))
        assert (outcome.result.reason.code, outcome.effects) == (code, ())

    def test_stop_if_ends_the_run_with_the_row_that_decided(self):
        when = {"mode": "any", "of": [{"field": "total_net", "operator": "is_less_than", "value": "5000"}]}
        result = do("stop_if", {"when": when}).result
        assert isinstance(result, Ended)
        assert result.reason.data["because"]["data"]["field"] == "total_net"

    def test_stop_if_goes_on_when_false_and_says_so_when_unknown(self):
        false = {"of": [{"field": "total_net", "operator": "is_more_than", "value": "5000"}]}
        unknown = {"of": [{"field": "colour", "operator": "is", "value": "red"}]}
        assert do("stop_if", {"when": false}).result == Done()
        assert do("stop_if", {"when": unknown}).result.data["unknown"]["code"] == "stop.unknown"


@pytest.mark.req("AUT-4")
class TestCallWebhook:
    def test_texts_are_merged_and_lone_fields_keep_their_type(self):
        body = '{"n": "{{ number }}", "gross": "{{ total_gross }}", "to": ["{{ client.name }} !", 1, null]}'
        (call,) = do("call_webhook", {"url": "https://exemple.fr/h", "body": body}).effects
        assert call.body == '{"n": "D-2026-0147", "gross": "4380.00", "to": ["Hôtel Beau Rivage !", 1, null]}'

    def test_a_name_with_quotation_marks_cannot_break_out(self):
        nasty = make_context(facts={"client.name": '", "admin": true, "x": "'})
        (call,) = do(
            "call_webhook", {"url": "https://exemple.fr/h", "body": '{"c": "Nom : {{ client.name }}"}'}, nasty
        ).effects
        assert call.body == '{"c": "Nom : \\", \\"admin\\": true, \\"x\\": \\""}'

    def test_without_a_body_it_tells_of_the_record(self):
        (call,) = do("call_webhook", {"url": "https://exemple.fr/h"}).effects
        assert '"kind": "quote", "id": 147' in call.body

    def test_a_get_has_no_body(self):
        (call,) = do("call_webhook", {"url": "https://exemple.fr/h", "method": "GET"}).effects
        assert (call.method, call.body) == ("GET", "")

    def test_an_unknown_field_fails(self):
        outcome = do("call_webhook", {"url": "https://exemple.fr/h", "body": '{"a": ["{{ nothing }}"]}'})
        assert (outcome.result.reason.code, outcome.effects) == ("merge.unknown_field", ())


@pytest.fixture
def french():
    with translation.override("fr"):
        yield
