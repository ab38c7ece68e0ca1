"""Events, interventions and maintenance contracts (REC-4, REC-5)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from rouage.accounts.models import Organisation
from rouage.journal.actors import Actor
from rouage.planner.model import Link
from rouage.records import rules
from rouage.records.commands.basics import author, create, locked, made, today_of, write
from rouage.records.errors import refuse
from rouage.records.kinds import KINDS
from rouage.records.models import Contract, Event, Intervention
from rouage.records.rules import Change
from rouage.records.writing import Write

_MONTHS = 12


@transaction.atomic
def create_event(
    actor: Actor, organisation: Organisation, values: Mapping[str, Any], *, now: datetime, cause: Sequence[Link] = ()
) -> Event:
    row = create(actor, organisation, KINDS["event"], values, computed={}, now=now, cause=cause)
    return made(Event, row)


@transaction.atomic
def create_intervention(
    actor: Actor, organisation: Organisation, values: Mapping[str, Any], *, now: datetime, cause: Sequence[Link] = ()
) -> Intervention:
    """It has its number at once. With a start it is planned, without one it is to plan."""
    computed = {"status": "planned" if values.get("planned_start") else "to_plan"}
    kind = KINDS["intervention"]
    row = create(actor, organisation, kind, values, computed=computed, numbered=True, now=now, cause=cause)
    return made(Intervention, row)


@transaction.atomic
def create_contract(
    actor: Actor, organisation: Organisation, values: Mapping[str, Any], *, now: datetime, cause: Sequence[Link] = ()
) -> Contract:
    """A draft; it has its number at once."""
    computed = {"currency": organisation.currency}
    kind = KINDS["contract"]
    row = create(actor, organisation, kind, values, computed=computed, numbered=True, now=now, cause=cause)
    return made(Contract, row)


@transaction.atomic
def renew_contract(actor: Actor, contract: Contract, *, now: datetime, cause: Sequence[Link] = ()) -> None:
    """Move the renewal date on by the contract's term; a given notice is withdrawn. Raises Refused."""
    kind, row = KINDS["contract"], locked(contract)
    if row["renewal_date"] is None:
        raise refuse("contract.no_date")
    if row["status"] not in {"active", "notice_given"}:
        raise refuse("source.not_ready")
    renewal = add_months(row["renewal_date"], row["term_months"])
    outcome = rules.change_fields(kind, row, {"renewal_date": renewal}, today=today_of(contract, now))
    assert isinstance(outcome, Change)  # noqa: S101 -- a later renewal date is after every start
    change = Change(values={**outcome.values, "status": "active"})
    write(
        contract,
        Write(kind=kind, row=row, change=change, author=author(actor, cause), verb="contract.renewed"),
        now=now,
    )


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last one: 31 January and a month is 28 February."""
    number = day.year * _MONTHS + day.month - 1 + months
    year, month = divmod(number, _MONTHS)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))
