"""What an action is given and what it gives back: facts in, a result and rows to write out. It touches no database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from rouage.accounts.notifications import NewNotification
from rouage.automations.calls import NewCall
from rouage.automations.types import AnyType
from rouage.mail.merge import Setting
from rouage.mail.outbox import NewMessage
from rouage.planner.calendar import Calendar
from rouage.planner.model import Link, Result, Snapshot
from rouage.planner.values import frozen

if TYPE_CHECKING:
    from rouage.records.effects import FieldChange, NewNote, NewRecord, NewTask, StatusChange

type Effect = NewMessage | NewTask | StatusChange | FieldChange | NewNote | NewRecord | NewCall | NewNotification


@frozen
class Outcome:
    """What a step came to, and the rows that make it so. ``Started`` goes with effects that leave the database."""

    result: Result
    effects: tuple[Effect, ...] = ()


@frozen(kw_only=True)
class OrganisationFacts:
    """``zone`` is an IANA name, ``email`` the sender's address of its mails (it may be empty)."""

    id: int
    name: str
    language: str
    zone: str
    currency: str
    email: str

    def setting(self, language: str | None = None) -> Setting:
        """For whom values are written: in ``language``, else the organisation's own."""
        return Setting(language=language or self.language, zone=self.zone, currency=self.currency)


@frozen(kw_only=True)
class MemberFacts:
    id: int
    name: str
    email: str
    language: str


@frozen(kw_only=True)
class TemplateFacts:
    """An e-mail template in one language; the other one is its sibling of the same name."""

    id: int
    name: str
    language: str
    subject: str
    body: str


class Origin(TypedDict):
    """What every effect on records says of where it comes from."""

    organisation_id: int
    kind: str
    record_id: int
    run_id: int
    position: int
    actor: str
    cause: tuple[Link, ...]


@frozen(kw_only=True)
class ActionContext:
    """One step of one run on a fresh snapshot.

    ``members`` are the active ones. ``cause``: the links that led here, the last one being this run's. ``repeat``: how
    often a person asked to do this step again on purpose (0: never); a repeated effect gets a key of its own.
    """

    organisation: OrganisationFacts
    calendar: Calendar
    members: Mapping[int, MemberFacts]
    templates: Mapping[int, TemplateFacts]
    run_id: int
    automation_id: int
    automation_name: str
    kind: str
    record_id: int
    position: int
    attempt: int
    snapshot: Snapshot
    cause: tuple[Link, ...]
    now: datetime
    repeat: int = 0

    @property
    def key(self) -> str:
        """The idempotency key of this step's effects outside."""
        return f"{self.run_id}:{self.position}" + (f":{self.repeat}" if self.repeat else "")

    @property
    def origin(self) -> Origin:
        """For an effect on the run's record: ``NewNote(**context.origin, text=text)``."""
        return Origin(
            organisation_id=self.organisation.id,
            kind=self.kind,
            record_id=self.record_id,
            run_id=self.run_id,
            position=self.position,
            actor=self.automation_name,
            cause=self.cause,
        )


class Action(AnyType):
    """What a step does (AUT-4).

    ``outside``: its effect leaves the database, so that it ends when an outcome arrives. ``window``: only inside the
    organisation's sending window. ``reminder``: its Config has a switch ``reminder``; such steps count for the gap and
    the cap of a client (AUT-11).
    """

    outside: ClassVar[bool] = False
    window: ClassVar[bool] = False
    reminder: ClassVar[bool] = False

    def execute(self, config: Any, context: ActionContext) -> Outcome:  # noqa: ANN401 -- an instance of Config
        """Decide in memory; the engine writes the effects. Never raises for an expected outcome."""
        raise NotImplementedError

    def statuses(self, config: Any) -> frozenset[str]:  # noqa: ANN401 -- same
        """The statuses that it gives the record, so that its own work is no reason to stop."""
        return frozenset()
