"""The automations that people start by hand on a record, or on several (AUT-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.queries import automations
from rouage.web.access import may


@dataclass(frozen=True, slots=True)
class Button:
    """``text`` is what the automation's author wrote on it."""

    automation_id: int
    text: str


def buttons(member: Member, kind: str) -> Sequence[Button]:
    """Those of the active automations for this kind of record; none for who may not act on runs."""
    if not may(member, Privilege.ACT_ON_RUNS):
        return ()
    return [Button(automation_id, text) for automation_id, text in automations.buttons(member, kind)]
