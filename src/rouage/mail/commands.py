"""What people do to e-mail templates and to their organisation's sending account; a door asks for the right first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from rouage.accounts.changes import change
from rouage.accounts.errors import Invalid
from rouage.accounts.models import Organisation
from rouage.accounts.validation import errors_of, language_error, name_error
from rouage.journal.actors import Actor
from rouage.journal.append import append_entry
from rouage.mail.addresses import check_address
from rouage.mail.merge import check
from rouage.mail.merge_errors import sentence
from rouage.mail.models import EmailTemplate, MailAccount
from rouage.mail.reasons import Code
from rouage.mail.reasons import sentence as reason_sentence
from rouage.mail.secrets import seal
from rouage.mail.states import Mode, Security
from rouage.records.kinds import KINDS

ORGANISATION_FIELDS = frozenset({"organisation.name", "organisation.email"})
_NAME, _SUBJECT, _BODY = 100, 300, 20_000
_LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateText:
    """``kind`` is the record kind it is written for; empty: for any, with the fields that all of them have."""

    name: str
    language: str
    kind: str = ""
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """``password`` None keeps the one that is stored."""

    mode: Mode
    host: str = ""
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    password: str | None = None
    from_name: str = ""
    from_address: str = ""
    reply_to: str = ""


def merge_fields(kind: str) -> frozenset[str]:
    """The fields that a text about records of this kind may use."""
    if kind:
        return frozenset(KINDS[kind].by_name) | ORGANISATION_FIELDS
    kinds = [frozenset(KINDS[key].by_name) for key in KINDS if KINDS[key].automatable]
    return frozenset.intersection(*kinds) | ORGANISATION_FIELDS


def create_template(actor: Actor, organisation: Organisation, text: TemplateText, *, now: datetime) -> EmailTemplate:
    """Raises Invalid: among others for a merge field that does not exist (SND-6)."""
    _check_template(text)
    try:
        with transaction.atomic():
            template = EmailTemplate.objects.create(organisation=organisation, **_columns(text))
            append_entry(
                organisation_id=organisation.pk,
                verb="email_template.created",
                actor=actor,
                kind="email_template",
                record_id=template.pk,
                data={"name": template.name, "language": template.language},
                now=now,
            )
    except IntegrityError as error:
        raise _taken() from error
    return template


def change_template(actor: Actor, template: EmailTemplate, text: TemplateText, *, now: datetime) -> None:
    """Mails that are queued keep their text. Raises Invalid."""
    _check_template(text)
    try:
        change(template, _columns(text), kind="email_template", actor=actor, now=now)
    except IntegrityError as error:
        raise _taken() from error


def delete_template(actor: Actor, template: EmailTemplate, *, now: datetime) -> None:
    """Steps that use it fail from then on, and say so."""
    with transaction.atomic():
        append_entry(
            organisation_id=template.organisation_id,
            verb="email_template.deleted",
            actor=actor,
            kind="email_template",
            record_id=template.pk,
            data={"name": template.name, "subject": template.subject, "body": template.body},
            now=now,
        )
        template.delete()


def change_account(actor: Actor, organisation: Organisation, wanted: AccountSettings, *, now: datetime) -> MailAccount:
    """Mails that are queued leave the new way. Raises Invalid."""
    errors = _account_errors(wanted)
    if errors:
        raise Invalid(errors)
    with transaction.atomic():
        account, _created = MailAccount.objects.get_or_create(organisation=organisation)
        values = {name: value for name, value in asdict(wanted).items() if name != "password"}
        values |= {"mode": wanted.mode.value, "security": wanted.security.value}
        change(account, values, kind="mail_account", actor=actor, now=now)
        if wanted.password is not None:
            account.secret = seal(wanted.password)
            account.save(update_fields=["secret"])
            append_entry(
                organisation_id=organisation.pk,
                verb="mail_account.password_changed",
                actor=actor,
                kind="mail_account",
                record_id=account.pk,
                now=now,
            )
    return account


def _columns(text: TemplateText) -> dict[str, str]:
    return asdict(text) | {"name": text.name.strip(), "subject": text.subject.strip()}


def _check_template(text: TemplateText) -> None:
    fields = merge_fields(text.kind) if not text.kind or text.kind in KINDS else None
    errors = errors_of(
        name=name_error(text.name, _NAME),
        language=language_error(text.language),
        kind="" if fields is not None else _("Choose one of the kinds of records offered."),
        subject=_text_error(text.subject, _SUBJECT, fields or frozenset()),
        body=_text_error(text.body, _BODY, fields or frozenset()),
    )
    if errors:
        raise Invalid(errors)


def _text_error(text: str, longest: int, fields: Collection[str]) -> str:
    if not text.strip():
        return _("Write something here.")
    if len(text) > longest:
        return _("Write at most %(count)d characters.") % {"count": longest}
    return " ".join(sentence(fault) for fault in check(text, fields))


def _taken() -> Invalid:
    return Invalid({"name": _("A template of this name exists in this language already. Choose another name.")})


def _account_errors(wanted: AccountSettings) -> dict[str, str]:
    own = wanted.mode is Mode.SMTP
    return errors_of(
        mode=_("This way of sending is not available yet.") if wanted.mode is Mode.PROVIDER else "",
        host=_("Enter the name of your mail server.") if own and not wanted.host.strip() else "",
        port="" if 0 < wanted.port <= _LARGEST_PORT else _("Enter a port between 1 and 65535."),
        from_address=_address_error(wanted.from_address, needed=own),
        reply_to=_address_error(wanted.reply_to, needed=False),
    )


def _address_error(address: str, *, needed: bool) -> str:
    if not address.strip() and not needed:
        return ""
    checked = check_address(address)
    return reason_sentence(checked) if isinstance(checked, Code) else ""
