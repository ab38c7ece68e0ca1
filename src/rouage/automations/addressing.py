"""Turns recipients by role, by name and by address into people, or says who is missing."""

from __future__ import annotations

from dataclasses import dataclass

from rouage.automations.context import ActionContext
from rouage.automations.shapes import People, Recipients
from rouage.mail.addresses import check_address
from rouage.mail.outbox import NewRecipient
from rouage.mail.reasons import Code
from rouage.planner.model import Failed, Reason

MEMBER_ROLES = ("owner", "lead", "assignee")
"""Parts in a record that members have; the other roles are the client's contacts."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """Whom a mail goes to, each address once, and in which language to write."""

    recipients: tuple[NewRecipient, ...]
    language: str


def mailing(recipients: Recipients, context: ActionContext) -> Mailing | Failed:
    """All of them, or the first one who cannot be written to: a mail is never sent to a part of its recipients."""
    found: dict[str, NewRecipient] = {}
    language = ""
    for recipient, theirs in (*_by_role(recipients, context), *_by_name(recipients, context), *_typed(recipients)):
        failed = _fault(recipient, context)
        if failed:
            return failed
        found.setdefault(recipient.address.strip().casefold(), recipient)
        language = language or theirs
    if not found:
        return Failed(reason=Reason(code="recipients.none"))
    return Mailing(tuple(found.values()), language or context.organisation.language)


def _by_role(recipients: Recipients, context: ActionContext) -> list[tuple[NewRecipient, str]]:
    facts = context.snapshot
    return [
        (
            NewRecipient(
                address=facts.get(f"{role}.email") or "",
                name=facts.get(f"{role}.name") or "",
                role=role,
                contact_id=facts.get(f"{role}.id") if role.startswith("contact.") else None,
            ),
            facts.get(f"{role}.language") or "",
        )
        for role in recipients.roles
    ]


def _by_name(recipients: Recipients, context: ActionContext) -> list[tuple[NewRecipient, str]]:
    found = []
    for member_id in recipients.members:
        member = context.members.get(member_id)
        address, name, language = (member.email, member.name, member.language) if member else ("", "", "")
        found.append((NewRecipient(address=address, name=name, role="member", contact_id=None), language))
    return found


def _typed(recipients: Recipients) -> list[tuple[NewRecipient, str]]:
    return [(NewRecipient(address=address, role="address"), "") for address in recipients.addresses]


def _fault(recipient: NewRecipient, context: ActionContext) -> Failed | None:
    checked = check_address(recipient.address)
    if not isinstance(checked, Code):
        return None
    who = recipient.name or recipient.address.strip() or recipient.role
    data = {"role": recipient.role, "who": who, "address": recipient.address, "kind": context.kind}
    if checked is not Code.ADDRESS_MISSING:
        return Failed(reason=Reason(code="recipient.address_malformed", data={**data, "fault": str(checked)}))
    if recipient.role == "member":
        return Failed(reason=Reason(code="recipient.member_gone", data=data))
    if not recipient.name:
        return Failed(reason=Reason(code="recipient.nobody", data=data))
    return Failed(reason=Reason(code="recipient.address_missing", data=data))


def people(wanted: People, context: ActionContext) -> tuple[int, ...] | Failed:
    """The members who are meant, each once; Failed when one is not there."""
    found: dict[int, None] = {}
    for role in wanted.roles:
        member_id = context.snapshot.get(f"{role}.id")
        if member_id is None:
            data = {"role": role, "who": role, "address": "", "kind": context.kind}
            return Failed(reason=Reason(code="recipient.nobody", data=data))
        found[member_id] = None
    for member_id in wanted.members:
        found[member_id] = None
    gone = next((member_id for member_id in found if member_id not in context.members), None)
    if gone is not None:
        return Failed(reason=Reason(code="recipient.member_gone", data={"who": "", "role": "member"}))
    return tuple(found)
