"""Clients and their contacts (REC-1). A change of a contact is a change of its client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rouage.accounts.models import Organisation
from rouage.journal.actors import Actor
from rouage.journal.append import append_events
from rouage.planner.model import Link
from rouage.records.commands.basics import author, create, locked, made
from rouage.records.commands.changes import change_fields
from rouage.records.commands.cleaning import clean_columns
from rouage.records.errors import Invalid, refuse
from rouage.records.kinds import KINDS
from rouage.records.models import Client, Contact
from rouage.records.writing import About, entry, event, journal, plain

CONTACT = frozenset({"name", "position", "email", "phone", "language", "is_main", "is_billing", "is_dunning"})
_ROLES = ("is_main", "is_billing", "is_dunning")


@transaction.atomic
def create_client(
    actor: Actor,
    organisation: Organisation,
    values: Mapping[str, Any],
    *,
    contacts: Sequence[Mapping[str, Any]] = (),
    now: datetime,
    cause: Sequence[Link] = (),
) -> Client:
    """With contacts at once; the first one is the main one unless another says so. Raises Invalid."""
    _require_free_code(organisation.id, values.get("code"))
    language = values.get("language") or organisation.language
    row = create(
        actor, organisation, KINDS["client"], {**values, "language": language}, computed={}, now=now, cause=cause
    )
    client = made(Client, row)
    for number, contact in enumerate(contacts):
        main = number == 0 and not any(other.get("is_main") for other in contacts)
        _insert(client, {"language": language, **contact, **({"is_main": True} if main else {})}, now=now)
    return client


@transaction.atomic
def change_client(
    actor: Actor, client: Client, values: Mapping[str, Any], *, now: datetime, cause: Sequence[Link] = ()
) -> bool:
    """As change_fields; a code belongs to one client only."""
    if values.get("code") and values["code"] != client.code:
        _require_free_code(client.organisation_id, values["code"])
    return change_fields(actor, client, values, now=now, cause=cause)


@transaction.atomic
def pause_client(actor: Actor, client: Client, until: datetime | None, *, now: datetime) -> bool:
    """No automation writes to the client until then; None ends the pause."""
    return change_fields(actor, client, {"automations_paused_until": until}, now=now)


@transaction.atomic
def add_contact(actor: Actor, client: Client, values: Mapping[str, Any], *, now: datetime) -> Contact:
    locked(client)
    contact = _insert(client, {"language": client.language, **values}, now=now)
    _tell(actor, client, contact, {name: [None, getattr(contact, name)] for name in CONTACT}, now=now)
    return contact


@transaction.atomic
def change_contact(actor: Actor, contact: Contact, values: Mapping[str, Any], *, now: datetime) -> bool:
    """Whether anything differed. A role that the contact gets is taken from the one who had it."""
    client = contact.client
    locked(client)
    contact.refresh_from_db()
    if contact.deleted_at:
        raise refuse("record.gone")
    cleaned = _cleaned(values)
    changes = {name: [getattr(contact, name), new] for name, new in cleaned.items() if getattr(contact, name) != new}
    if not changes:
        return False
    _free_roles(client, cleaned, keep=contact.pk)
    for name, (_old, new) in changes.items():
        setattr(contact, name, new)
    contact.updated_at = now
    contact.save(update_fields=[*changes, "updated_at"])
    _tell(actor, client, contact, changes, now=now)
    return True


@transaction.atomic
def remove_contact(actor: Actor, contact: Contact, *, now: datetime) -> None:
    """Records that name the contact fall back to the client's main one."""
    client = contact.client
    locked(client)
    updated = Contact.objects.filter(pk=contact.pk, deleted_at__isnull=True).update(deleted_at=now, updated_at=now)
    if not updated:
        raise refuse("record.gone")
    contact.deleted_at = now
    _tell(actor, client, contact, {name: [getattr(contact, name), None] for name in ("name", "email")}, now=now)


def _require_free_code(organisation_id: int, code: object) -> None:
    taken = Client.objects.filter(
        organisation_id=organisation_id, code=str(code or "").strip(), deleted_at__isnull=True
    )
    if code and taken.exists():
        raise Invalid({"code": _("Another client has this code. Choose another one.")})


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned, errors = clean_columns(Contact, values, CONTACT)
    if errors:
        raise Invalid(errors)
    return cleaned


def _insert(client: Client, values: Mapping[str, Any], *, now: datetime) -> Contact:
    cleaned = _cleaned(values)
    if not (cleaned.get("name") or cleaned.get("email")):
        raise Invalid({"name": _("Enter a name or an email address.")})
    _free_roles(client, cleaned)
    return Contact.objects.create(
        organisation_id=client.organisation_id, client=client, created_at=now, updated_at=now, **cleaned
    )


def _free_roles(client: Client, values: Mapping[str, Any], *, keep: int = 0) -> None:
    for role in _ROLES:
        if values.get(role):
            others = Contact.objects.filter(client=client, deleted_at__isnull=True, **{role: True})
            others.exclude(pk=keep).update(**{role: False})


def _tell(
    actor: Actor, client: Client, contact: Contact, changes: Mapping[str, Sequence[Any]], *, now: datetime
) -> None:
    told = {f"contact.{name}": [plain(old), plain(new)] for name, (old, new) in sorted(changes.items()) if old or new}
    data = {"contact": {"id": contact.pk, "name": str(contact)}, "changes": told}
    about, by = About(client.organisation_id, "client", client.pk), author(actor)
    Client.objects.filter(pk=client.pk).update(updated_at=now, last_activity_at=now)
    client.updated_at = client.last_activity_at = now
    append_events([event(by, about, "changed", data, now)])
    journal([entry(by, about, "client.changed", data, now)])
