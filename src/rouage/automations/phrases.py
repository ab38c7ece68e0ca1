"""The parts of sentences about an automation, in the current language: kinds, dates, delays, people, conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext

from rouage.automations.names import NAMELESS, Names
from rouage.automations.registry import OPERATORS
from rouage.automations.shapes import GroupIn, People, Recipients, TestIn
from rouage.automations.types import Fact
from rouage.mail.merge import Setting
from rouage.mail.merge_filters import FILTERS, Unfit, plain
from rouage.planner.conditions import BadOperand, operand
from rouage.planner.model import Around, Immediately, Later, Timing, Unit
from rouage.planner.operators import FieldType, Operand
from rouage.planner.words import N_
from rouage.records.kinds import Field, RecordKind

_RECORDS: Mapping[str, str] = {
    "client": N_("a client"),
    "quote": N_("a quote"),
    "invoice": N_("an invoice"),
    "event": N_("an event"),
    "intervention": N_("an intervention"),
    "contract": N_("a maintenance contract"),
    "opportunity": N_("an opportunity"),
    "task": N_("a task"),
}
_NAMED_DATES: Mapping[str, tuple[str, str]] = {
    "accepted_at": (N_("the acceptance"), N_("of the acceptance")),
    "close_date": (N_("the expected closing"), N_("of the expected closing")),
    "created_at": (N_("the creation"), N_("of the creation")),
    "due_date": (N_("the due date"), N_("of the due date")),
    "end_at": (N_("the end"), N_("of the end")),
    "issue_date": (N_("the issue date"), N_("of the issue date")),
    "last_activity_at": (N_("the last activity"), N_("of the last activity")),
    "lost_at": (N_("the loss"), N_("of the loss")),
    "notice_date": (N_("the last day to give notice"), N_("of the last day to give notice")),
    "opened_at": (N_("the opening by the client"), N_("of the opening by the client")),
    "paid_on": (N_("the payment"), N_("of the payment")),
    "planned_end": (N_("the planned end"), N_("of the planned end")),
    "planned_start": (N_("the planned start"), N_("of the planned start")),
    "refused_at": (N_("the refusal"), N_("of the refusal")),
    "renewal_date": (N_("the renewal"), N_("of the renewal")),
    "sent_at": (N_("the sending"), N_("of the sending")),
    "start_at": (N_("the start"), N_("of the start")),
    "start_date": (N_("the start"), N_("of the start")),
    "validity_date": (N_("the end of the validity"), N_("of the end of the validity")),
    "won_at": (N_("the win"), N_("of the win")),
}
_ROLES: Mapping[str, tuple[str, str]] = {
    "contact.main": (N_("the main contact"), N_("to the main contact")),
    "contact.document": (N_("the contact of the record"), N_("to the contact of the record")),
    "contact.billing": (N_("the billing contact"), N_("to the billing contact")),
    "contact.dunning": (N_("the dunning contact"), N_("to the dunning contact")),
    "owner": (N_("the owner"), N_("to the owner")),
    "lead": (N_("the project lead"), N_("to the project lead")),
    "assignee": (N_("the assignee"), N_("to the assignee")),
}
# Labels of statuses that do not fit behind "is".
_STATUSES: Mapping[tuple[str, str], str] = {
    ("quote", "draft"): N_("a draft"),
    ("invoice", "draft"): N_("a draft"),
    ("contract", "draft"): N_("a draft"),
    ("invoice", "credited"): N_("credited"),
    ("event", "inquiry"): N_("an inquiry"),
    ("event", "option"): N_("held as an option"),
    ("contract", "notice_given"): N_("under notice"),
}
_AMOUNTS: Mapping[Unit, tuple[str, str]] = {
    Unit.MINUTES: (N_("%(number)s minute"), N_("%(number)s minutes")),
    Unit.HOURS: (N_("%(number)s hour"), N_("%(number)s hours")),
    Unit.DAYS: (N_("%(number)s day"), N_("%(number)s days")),
    Unit.WORKING_DAYS: (N_("%(number)s working day"), N_("%(number)s working days")),
}
_SHOWN = 3  # conditions that a sentence says before it counts the others


class Phrases:
    """Fits ``automations.types.Words``; ``facts`` are what the trigger tells, as further fields."""

    def __init__(self, kind: RecordKind, names: Names = NAMELESS, facts: Iterable[Fact] = ()) -> None:
        self.kind = kind.key
        self._kind = kind
        self.names = names
        self._facts = {fact.field: fact for fact in facts}
        self._setting = Setting(language=language(), zone=names.zone, currency=names.currency)

    def __call__(self, text: str, /, **values: str) -> str:
        return gettext(text) % values

    def plural(self, one: str, many: str, number: int, /, **values: str) -> str:
        few = number < 2 if self._setting.language == "fr" else number == 1  # noqa: PLR2004 -- grammar
        return gettext(one if few else many) % {**values, "number": str(number)}

    def record(self) -> str:
        return gettext(_RECORDS[self.kind]) if self.kind in _RECORDS else self.quoted(str(self._kind.label))

    def quoted(self, text: str) -> str:
        return gettext("“%(text)s”") % {"text": text}

    def listing(self, items: Sequence[str], last: str = "and") -> str:
        if len(items) < 2:  # noqa: PLR2004 -- one needs no conjunction
            return "".join(items)
        text = gettext("%(first)s or %(last)s") if last == "or" else gettext("%(first)s and %(last)s")
        return text % {"first": ", ".join(items[:-1]), "last": items[-1]}

    def field(self, kind: str, field: str) -> str:
        if field in self._facts:
            return gettext(self._facts[field].label)
        found = self._kind.by_name.get(field)
        return str(found.label) if found else field

    def status(self, key: str) -> str:
        own = _STATUSES.get((self.kind, key))
        if own:
            return gettext(own)
        label = str(self._kind.status_label(key))
        return label[:1].lower() + label[1:]

    def value(self, kind: str, field: str, raw: Any) -> str:  # noqa: ANN401 -- a JSON value, or one read from a record
        known = self._like(field)
        if isinstance(raw, list | tuple | set | frozenset):
            return self.listing([self.value(kind, field, item) for item in raw], "or")
        if known is not None:
            choice = next((choice for choice in known.choices if choice.key == raw), None)
            if choice:
                return str(choice.label)
            if known.type is FieldType.PERSON:
                return self.member(raw)
        typed = _typed(raw, known.type if known else FieldType.TEXT)
        text = self.plain(typed, money=_is_money(known))
        # French puts an article before a day.
        return gettext("%(day)s") % {"day": text} if isinstance(typed, date) else text

    def plain(self, value: Any, *, money: bool = False) -> str:  # noqa: ANN401 -- same
        """A bare value in the reader's language."""
        with suppress(Unfit):
            return FILTERS["money"].apply(value, None, self._setting) if money else plain(value, self._setting)
        return "–" if value is None else str(value)  # noqa: RUF001 -- a dash for nothing

    def _like(self, field: str) -> Field | None:
        fact = self._facts.get(field)
        return self._kind.by_name.get((fact.like or field) if fact else field)

    def member(self, member_id: Any) -> str:  # noqa: ANN401 -- a JSON value
        return self.names.members.get(member_id) or gettext("a former member")

    def template(self, template_id: int) -> str:
        name = self.names.templates.get(template_id)
        return self.quoted(name) if name else gettext("(deleted template)")

    def stage(self, stage_id: int) -> str:
        return self.names.stages.get(stage_id) or gettext("(deleted stage)")

    def people(self, people: People | Recipients) -> str:
        return self.listing([*(self._role(role, 0) for role in people.roles), *map(self.member, people.members)])

    def recipients(self, recipients: Recipients) -> str:
        """With its preposition: "to the owner and to Marie Petit"."""
        named = [*map(self.member, recipients.members), *recipients.addresses]
        to = [gettext("to %(name)s") % {"name": name} for name in named]
        return self.listing([*(self._role(role, 1) for role in recipients.roles), *to])

    def _role(self, role: str, form: int) -> str:
        if role in _ROLES:
            return gettext(_ROLES[role][form])
        return gettext("to %(name)s") % {"name": role} if form else role

    def date(self, field: str) -> str:
        if field in _NAMED_DATES:
            return gettext(_NAMED_DATES[field][0])
        return gettext("the date %(field)s") % {"field": self.quoted(self.field(self.kind, field))}

    def amount(self, number: int, unit: Unit) -> str:
        return self.plural(*_AMOUNTS[unit], number)

    def clock(self, at: time) -> str:
        return gettext("at %(time)s") % {"time": f"{at:%H:%M}"}

    def delay(self, timing: Timing) -> str:
        if isinstance(timing, Immediately):
            return ""
        when = self._later(timing) if isinstance(timing, Later) else self._around(timing)
        if timing.at is None:
            return when
        return f"{when} {self.clock(timing.at)}" if when else self.clock(timing.at)

    def _later(self, timing: Later) -> str:
        if not timing.amount:
            return ""
        return gettext("after %(amount)s") % {"amount": self.amount(timing.amount, timing.unit)}

    def _around(self, timing: Around) -> str:
        if not timing.amount:
            named = _NAMED_DATES.get(timing.field)
            if named is None:
                return gettext("on %(date)s") % {"date": self.date(timing.field)}
            return gettext("on the day %(of_date)s") % {"of_date": gettext(named[1])}
        text = N_("%(amount)s before %(date)s") if timing.direction == "before" else N_("%(amount)s after %(date)s")
        return gettext(text) % {"amount": self.amount(timing.amount, timing.unit), "date": self.date(timing.field)}

    def condition(self, tree: GroupIn) -> str:
        """The first three rows in words, the others counted."""
        return self._group(tree, shown=_SHOWN)

    def _group(self, group: GroupIn, *, shown: int) -> str:
        rows = [self._row(row) for row in group.of[:shown]]
        rows = [row for row in rows if row]
        left = len(group.of) - shown
        if left > 0:
            rows.append(self.plural(N_("%(number)s other condition"), N_("%(number)s other conditions"), left))
        text = self.listing(rows, "and" if group.mode == "all" else "or")
        return gettext("none of this is true: %(conditions)s") % {"conditions": text} if group.mode == "none" else text

    def _row(self, row: TestIn | GroupIn) -> str:
        if isinstance(row, TestIn):
            return self.test(row.field, row.operator, row.value)
        inner = self._group(row, shown=_SHOWN)
        return f"({inner})" if len(row.of) > 1 else inner

    def test(self, field: str, operator: str, value: Any) -> str:  # noqa: ANN401 -- a JSON value
        """One row: "“Total” is at least €500.00"."""
        name, known = self.quoted(self.field(self.kind, field)), OPERATORS.get(operator)
        if known is None:
            return f"{name} {operator} {value}"
        label = gettext(known.label)
        match known.operand:
            case Operand.NONE:
                return f"{name} {label}"
            case Operand.DAYS:
                return f"{name} {label.replace('…', str(value))}"
            case Operand.PAIR if isinstance(value, list | tuple):
                shown = self.listing([self.value(self.kind, field, item) for item in value])
                return f"{name} {label} {shown}"
        return f"{name} {label} {self._operand(field, value)}"

    def _operand(self, field: str, value: Any) -> str:  # noqa: ANN401 -- same
        known = self._like(field)
        shown = self.value(self.kind, field, value)
        needs_marks = known is None or known.type in {FieldType.TEXT, FieldType.CHOICE, FieldType.LIST}
        return self.quoted(shown) if needs_marks and isinstance(value, str) else shown


def language() -> str:
    """The current language as the merge filters know it."""
    return "en" if (get_language() or "fr").startswith("en") else "fr"


def _typed(raw: Any, type_: FieldType) -> Any:  # noqa: ANN401 -- JSON in, a value out
    """As the field's type, if it can be read as that; texts with merge fields stay what they are."""
    if not isinstance(raw, str | int | float) or isinstance(raw, bool | Decimal | date | datetime):
        return raw
    try:
        return operand(OPERATORS["is"], type_, raw)
    except BadOperand:
        return raw


def _is_money(field: Field | None) -> bool:
    return field is not None and field.type is FieldType.MONEY
