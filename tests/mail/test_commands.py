import pytest
from django.utils.translation import override

from rouage.accounts.errors import Invalid
from rouage.journal.actors import SYSTEM
from rouage.journal.models import Entry
from rouage.mail.commands import (
    AccountSettings,
    TemplateText,
    change_account,
    change_template,
    create_template,
    delete_template,
    merge_fields,
)
from rouage.mail.models import EmailTemplate, MailAccount
from rouage.mail.secrets import unseal
from rouage.mail.states import Mode, Security
from rouage.records.kinds import KINDS
from tests.factories.accounts import make_organisation
from tests.factories.mail import NOW

pytestmark = pytest.mark.django_db

SMTP = {"mode": Mode.SMTP, "host": "smtp.atelier.fr", "from_address": "factures@atelier.fr", "user": "factures"}


def text(**changes):
    settings = {
        "name": "Relance",
        "language": "fr",
        "kind": "invoice",
        "subject": "Facture {{ number }}",
        "body": "Bonjour {{ contact.document.name | first_name }},\n{{ organisation.name }}",
    }
    return TemplateText(**(settings | changes))


def errors_of(call, *args, **options):
    with override("fr"), pytest.raises(Invalid) as caught:
        call(*args, **options)
    return caught.value.errors


@pytest.mark.req("SND-6")
def test_template_is_kept_and_journalled(organisation):
    template = create_template(SYSTEM, organisation, text(name="  Relance "), now=NOW)

    template.refresh_from_db()
    assert (template.organisation, template.name, template.kind) == (organisation, "Relance", "invoice")
    [entry] = Entry.objects.filter(verb__startswith="email_template.")
    assert (entry.verb, entry.record_id, entry.data) == (
        "email_template.created", template.id, {"name": "Relance", "language": "fr"},
    )  # fmt: skip


@pytest.mark.req("SND-6")
def test_unknown_field_is_refused_before_anything_is_sent(organisation):
    errors = errors_of(
        create_template, SYSTEM, organisation, text(subject="{{ numbr }}", body="{{ client.nme }} {{ x | y }}"), now=NOW
    )
    assert errors["subject"].startswith("Champ inconnu\u00a0: numbr.")
    assert "number" in errors["subject"]
    assert "client.name" in errors["body"]
    assert "Filtre inconnu\u00a0: y" in errors["body"]
    assert EmailTemplate.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"language": "de"}, "language"),
        ({"kind": "rocket"}, "kind"),
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 301}, "subject"),
        ({"body": " \n"}, "body"),
        ({"body": "x" * 20_001}, "body"),
        ({"kind": ""}, "subject"),  # not every kind has a number
    ],
)
def test_bad_template_is_refused(organisation, changes, field):
    assert next(iter(errors_of(create_template, SYSTEM, organisation, text(**changes), now=NOW))) == field


def test_same_name_in_the_same_language_is_refused(organisation):
    create_template(SYSTEM, organisation, text(), now=NOW)
    create_template(SYSTEM, organisation, text(language="en"), now=NOW)
    create_template(SYSTEM, make_organisation(), text(), now=NOW)

    assert list(errors_of(create_template, SYSTEM, organisation, text(), now=NOW)) == ["name"]
    assert EmailTemplate.objects.count() == 3


def test_change_is_journalled_with_what_was_before(organisation):
    template = create_template(SYSTEM, organisation, text(), now=NOW)
    create_template(SYSTEM, organisation, text(name="Autre"), now=NOW)

    change_template(SYSTEM, template, text(subject="Relance {{ number }}"), now=NOW)

    entry = Entry.objects.get(verb="email_template.changed")
    assert entry.data == {"changes": {"subject": ["Facture {{ number }}", "Relance {{ number }}"]}}
    assert list(errors_of(change_template, SYSTEM, template, text(name="Autre"), now=NOW)) == ["name"]


def test_deleted_template_stays_in_the_journal(organisation):
    template = create_template(SYSTEM, organisation, text(), now=NOW)

    delete_template(SYSTEM, template, now=NOW)

    assert EmailTemplate.objects.count() == 0
    assert Entry.objects.get(verb="email_template.deleted").data["subject"] == "Facture {{ number }}"


def test_fields_of_a_text_are_those_of_its_kind():
    assert "due_date" in merge_fields("invoice")
    assert "due_date" not in merge_fields("")
    assert {"client.name", "organisation.name"} <= merge_fields("")
    for kind in KINDS:
        assert set(KINDS[kind].by_name) <= merge_fields(kind)


def test_own_server_is_kept_with_its_password_sealed(organisation):
    account = change_account(SYSTEM, organisation, AccountSettings(**SMTP, password="motdepassé"), now=NOW)

    account.refresh_from_db()
    assert (account.mode, account.host, account.port, account.security) == (
        "smtp", "smtp.atelier.fr", 587, Security.STARTTLS,
    )  # fmt: skip
    assert unseal(account.secret) == "motdepassé"
    assert not any("motdepass" in str(entry.data) for entry in Entry.objects.all())
    assert Entry.objects.filter(verb="mail_account.password_changed").count() == 1


def test_password_is_kept_where_none_is_given(organisation):
    change_account(SYSTEM, organisation, AccountSettings(**SMTP, password="motdepasse"), now=NOW)
    change_account(SYSTEM, organisation, AccountSettings(**(SMTP | {"port": 465})), now=NOW)

    account = MailAccount.objects.get()
    assert (account.port, unseal(account.secret)) == (465, "motdepasse")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mode": Mode.PROVIDER}, "mode"),
        ({"host": " "}, "host"),
        ({"port": 0}, "port"),
        ({"port": 70_000}, "port"),
        ({"from_address": ""}, "from_address"),
        ({"from_address": "factures@atelier"}, "from_address"),
        ({"reply_to": "réponse"}, "reply_to"),
    ],
)
def test_bad_account_is_refused(organisation, changes, field):
    assert list(errors_of(change_account, SYSTEM, organisation, AccountSettings(**(SMTP | changes)), now=NOW)) == [
        field
    ]
    assert MailAccount.objects.count() == 0


def test_deployments_service_needs_nothing(organisation):
    account = change_account(SYSTEM, organisation, AccountSettings(mode=Mode.DEPLOYMENT), now=NOW)
    assert account.mode == "deployment"
