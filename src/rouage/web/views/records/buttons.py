"""The automations that people start by hand on a record, or on several (AUT-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.models import Automation
from rouage.web.access import may

TRIGGER = "button_pressed"
MOST = 12


@dataclass(frozen=True, kw_only=True)
class Button:
    """``text`` is what the automation's author wrote on it."""

    automation_id: int
    name: str
    text: str


def buttons(member: Member, kind: str) -> Sequence[Button]:
    """Those of the active automations for this kind of record, for whom may act on runs. One query."""
    if not may(member, Privilege.ACT_ON_RUNS):
        return ()
    found = Automation.objects.filter(
        organisation_id=member.organisation_id,
        kind=kind,
        is_active=True,
        deleted_at__isnull=True,
        published__definition__trigger__type=TRIGGER,
    )
    rows = found.order_by("name", "id").values_list("id", "name", "published__definition__trigger__config__text")
    return [Button(automation_id=id_, name=name, text=text or name) for id_, name, text in rows[:MOST]]
