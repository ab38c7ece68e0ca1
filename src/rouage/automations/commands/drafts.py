"""Makes automations and edits their drafts: saved on the server, with undo and redo; nothing runs by them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from rouage.accounts.access import NotFound, require
from rouage.accounts.actors import actor_of
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.access import require_edit
from rouage.automations.errors import Invalid, refuse
from rouage.automations.models import Automation, DraftRevision, Version
from rouage.journal.append import append_entry
from rouage.records.kinds import KINDS

_LARGEST = 200_000  # characters of a draft's JSON
_REVISIONS = 100  # steps that can be undone
_NAME = 100

type Json = Mapping[str, Any]


@transaction.atomic
def create(
    member: Member, *, name: str, kind: str, draft: Json | None = None, template_key: str = "", now: datetime
) -> Automation:
    """An automation with a draft; it runs once it is published. Raises Refused, Invalid."""
    require(member, Privilege.CREATE_AUTOMATIONS)
    stored = {"trigger": {"type": ""}, "steps": [], **(draft or {}), "kind": kind}
    errors = _draft_errors(stored) | _name_errors(member.organisation_id, name)
    if errors:
        raise Invalid(errors)
    automation = Automation.objects.create(
        organisation_id=member.organisation_id,
        name=name.strip(),
        kind=kind,
        owner=member,
        team_id=member.team_id,
        template_key=template_key,
        created_at=now,
    )
    _save(automation, stored, member, now)
    journal(member, automation, "automation.created", {}, now)
    return automation


@transaction.atomic
def save_draft(
    member: Member, automation: Automation, draft: Json, *, base: int | None = None, now: datetime
) -> Automation:
    """Keep the draft as it is, complete or not; one that is the same as before makes no revision.

    ``base``: the revision that was edited; if another one is current by now, somebody else has edited it. Raises
    Refused, Invalid.
    """
    automation = locked(member, automation)
    if base is not None and base != automation.draft_number:
        raise refuse("draft.moved")
    errors = _draft_errors(draft)
    if not errors and automation.published_id is not None and draft["kind"] != automation.kind:
        errors = {"kind": _("The kind of record cannot change once it is published. Make another automation.")}
    if errors:
        raise Invalid(errors)
    if automation.draft is None:
        journal(member, automation, "automation.draft_begun", {}, now)
    if automation.draft != json.loads(json.dumps(draft)):
        _save(automation, draft, member, now)
    return automation


def undo(member: Member, automation: Automation, *, now: datetime) -> Automation:
    """The draft as it was one revision ago. Raises Refused when there is none."""
    return _turn(member, automation, -1, now)


def redo(member: Member, automation: Automation, *, now: datetime) -> Automation:
    return _turn(member, automation, 1, now)


@transaction.atomic
def discard_draft(member: Member, automation: Automation, *, now: datetime) -> Automation:
    """Back to the published version; an automation that has none keeps its draft."""
    automation = locked(member, automation)
    if automation.published_id is None:
        raise refuse("draft.only")
    if automation.draft is not None:
        forget_draft(automation)
        automation.save(update_fields=DRAFT_FIELDS)
        journal(member, automation, "automation.draft_discarded", {}, now)
    return automation


@transaction.atomic
def restore(member: Member, automation: Automation, number: int, *, now: datetime) -> Automation:
    """Make a former version the draft: nothing runs by it until it is published."""
    automation = locked(member, automation)
    version = Version.objects.filter(automation=automation, number=number).first()
    if version is None:
        raise NotFound
    _save(automation, version.definition, member, now)
    journal(member, automation, "automation.version_restored", {"version": number}, now)
    return automation


@transaction.atomic
def rename(member: Member, automation: Automation, name: str, *, now: datetime) -> Automation:
    automation = locked(member, automation)
    old, new = automation.name, name.strip()
    if old == new:
        return automation
    errors = _name_errors(automation.organisation_id, new, besides=automation.pk)
    if errors:
        raise Invalid(errors)
    automation.name = new
    try:
        with transaction.atomic():
            automation.save(update_fields=["name"])
    except IntegrityError:
        raise Invalid({"name": _taken()}) from None
    journal(member, automation, "automation.renamed", {"changes": {"name": [old, new]}}, now)
    return automation


@transaction.atomic
def duplicate(member: Member, automation: Automation, *, now: datetime) -> Automation:
    """A draft of the member's own with the same content, published by nobody yet."""
    if automation.organisation_id != member.organisation_id:
        raise NotFound
    content = automation.draft
    if content is None and automation.published is not None:
        content = automation.published.definition
    copy = _free_name(automation.organisation_id, automation.name)
    return create(member, name=copy, kind=automation.kind, draft=content, now=now)


def locked(member: Member, automation: Automation) -> Automation:
    """The automation's row, others waiting until the transaction ends. Raises NotFound, Refused."""
    found = (
        Automation.objects.select_for_update(of=("self",))
        .select_related("published", "owner__team", "team")
        .filter(organisation_id=member.organisation_id, id=automation.pk)
        .first()
    )
    if found is None:
        raise NotFound
    require_edit(member, found)
    return found


DRAFT_FIELDS = ["draft", "draft_number", "draft_saved_at", "draft_by"]


def forget_draft(automation: Automation) -> None:
    """In memory, and its revisions in the database."""
    automation.draft, automation.draft_number, automation.draft_saved_at, automation.draft_by = None, 0, None, None
    DraftRevision.objects.filter(automation=automation).delete()


def journal(member: Member, automation: Automation, verb: str, data: Json, now: datetime) -> None:
    append_entry(
        organisation_id=automation.organisation_id,
        verb=verb,
        actor=actor_of(member),
        kind="automation",
        record_id=automation.pk,
        data={"name": automation.name, **data},
        now=now,
    )


def _save(automation: Automation, draft: Json, member: Member, now: datetime) -> None:
    """A new revision behind the current one; what was undone before is gone."""
    revisions = DraftRevision.objects.filter(automation=automation)
    if automation.draft is None and automation.published is not None:
        # So that the first change can be undone.
        _revision(automation, automation.published.definition, member, now)
    revisions.filter(number__gt=automation.draft_number).delete()
    _revision(automation, draft, member, now)
    revisions.filter(number__lte=automation.draft_number - _REVISIONS).delete()
    automation.draft, automation.draft_saved_at, automation.draft_by = dict(draft), now, member
    automation.save(update_fields=DRAFT_FIELDS)


def _revision(automation: Automation, content: Json, member: Member, now: datetime) -> None:
    DraftRevision.objects.filter(automation=automation, number__gt=automation.draft_number).delete()
    automation.draft_number += 1
    DraftRevision.objects.create(
        organisation_id=automation.organisation_id,
        automation=automation,
        number=automation.draft_number,
        definition=dict(content),
        saved_at=now,
        saved_by=member,
    )


@transaction.atomic
def _turn(member: Member, automation: Automation, by: int, now: datetime) -> Automation:
    automation = locked(member, automation)
    found = DraftRevision.objects.filter(automation=automation, number=automation.draft_number + by).first()
    if found is None:
        raise refuse("draft.nothing_to_undo" if by < 0 else "draft.nothing_to_redo")
    automation.draft, automation.draft_number = found.definition, found.number
    automation.draft_saved_at, automation.draft_by = now, member
    automation.save(update_fields=DRAFT_FIELDS)
    return automation


def _draft_errors(draft: Json) -> dict[str, str]:
    kind = KINDS.get(draft.get("kind", ""))
    if kind is None or not kind.automatable:
        return {"kind": _("Choose a kind of record.")}
    if len(json.dumps(draft)) > _LARGEST:
        return {"": _("This automation is too large. Shorten its texts, or split it into two.")}
    return {}


def _name_errors(organisation_id: int, name: str, besides: int | None = None) -> dict[str, str]:
    name = name.strip()
    if not name:
        return {"name": _("Give the automation a name.")}
    if len(name) > _NAME:
        return {"name": _("Write %(number)s characters at most.") % {"number": _NAME}}
    if _is_taken(organisation_id, name, besides):
        return {"name": _taken()}
    return {}


def _taken() -> str:
    return _("Another automation has this name. Choose another one.")


def _is_taken(organisation_id: int, name: str, besides: int | None = None) -> bool:
    same = Automation.objects.annotate(folded=Lower("name")).filter(
        organisation_id=organisation_id, deleted_at__isnull=True, folded=name.lower()
    )
    return same.exclude(pk=besides or 0).exists()


def _free_name(organisation_id: int, name: str) -> str:
    for number in range(1, 1000):
        text = _("%(name)s (copy)") if number == 1 else _("%(name)s (copy %(number)s)")
        wanted = text % {"name": name[: _NAME - 20], "number": number}
        if not _is_taken(organisation_id, wanted):
            return wanted
    raise refuse("automation.too_many_copies")
