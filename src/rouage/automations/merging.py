"""Writes the values of a record into the texts of actions; what cannot be written fails the step with its field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rouage.automations.context import ActionContext, OrganisationFacts
from rouage.automations.types import Fact
from rouage.mail.merge import MergeError, Output, parse, render
from rouage.planner.model import Failed, Reason, Snapshot
from rouage.planner.operators import FieldType
from rouage.planner.words import N_

ORGANISATION = (
    Fact(name="organisation.name", label=N_("Our company: name")),
    Fact(name="organisation.email", label=N_("Our company: email")),
)
"""Merge fields of every kind beside the record's own."""


def merged(
    text: str, context: ActionContext, *, language: str = "", output: Output = Output.TEXT, where: str = ""
) -> str | Failed:
    """The text with the record's values in ``language``; ``where`` names it in a failure (subject, body ...)."""
    if "{{" not in text:
        return text.strip() if output is Output.LINE else text
    template = parse(text)
    if isinstance(template, MergeError):
        return _failed(template, where)
    written = render(template, facts(context, text), context.organisation.setting(language), output)
    return _failed(written, where) if isinstance(written, MergeError) else written


def facts(context: ActionContext, text: str = "organisation.") -> Snapshot:
    """What merge fields may read: the record, the trigger's facts, and the organisation if ``text`` speaks of it."""
    if "organisation." not in text:
        return context.snapshot
    return _Beside(context.snapshot, context.organisation)


class _Beside(Mapping[str, Any]):
    """A snapshot with the organisation's fields beside it; not copied, for a mail reads five of its eighty facts."""

    __slots__ = ("_organisation", "_snapshot")

    def __init__(self, snapshot: Snapshot, organisation: OrganisationFacts) -> None:
        self._snapshot = snapshot
        self._organisation = {"organisation.name": organisation.name, "organisation.email": organisation.email}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 -- a fact
        found = self._organisation.get(name)
        return self._snapshot[name] if found is None else found

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 -- same
        found = self._organisation.get(name)
        return self._snapshot.get(name, default) if found is None else found

    def __iter__(self) -> Iterator[str]:
        yield from self._snapshot
        yield from self._organisation

    def __len__(self) -> int:
        return len(self._snapshot) + len(self._organisation)


def _failed(error: MergeError, where: str) -> Failed:
    data: dict[str, Any] = {"error": str(error.code), "field": error.field, "filter": error.filter, "where": where}
    if error.suggestions:
        data["suggestions"] = list(error.suggestions)
    return Failed(reason=Reason(code=f"merge.{error.code}", data=data))


def merge_types(fields: Mapping[str, FieldType]) -> frozenset[str]:
    """The names that a text may use, for ``mail.merge.check``."""
    return frozenset(fields) | {fact.name for fact in ORGANISATION}
