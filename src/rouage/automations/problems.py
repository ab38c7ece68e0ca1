"""What is wrong with a definition, in the user's language: where it stands, what it is, what to do (AUT-6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from rouage.planner.words import N_

type Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """``path`` names the place in the definition's JSON; ``text`` says what to do about it."""

    path: Path
    text: str
    code: str = ""

    @property
    def where(self) -> str:
        return ".".join(str(part) for part in self.path)

    @property
    def step(self) -> int | None:
        """The position of the step that it is in."""
        found = self.path[1] if len(self.path) > 1 and self.path[0] == "steps" else None
        return found if isinstance(found, int) else None


# By pydantic's type of error; ``ctx`` fills the places.
_TEXTS: Mapping[str, str] = {
    "missing": N_("This is missing."),
    "extra_forbidden": N_("This setting does not exist. Take it out."),
    "string_too_short": N_("Write something here."),
    "string_too_long": N_("Write %(max_length)s characters at most."),
    "string_pattern_mismatch": N_("This contains characters that are not allowed here."),
    "too_long": N_("At most %(max_length)s are possible."),
    "greater_than_equal": N_("Enter %(ge)s or more."),
    "less_than_equal": N_("Enter %(le)s or less."),
    "literal_error": N_("Choose one of the values."),
    "enum": N_("Choose one of the values."),
    "time_parsing": N_("Enter a time such as 09:00."),
    "time_type": N_("Enter a time such as 09:00."),
    "union_tag_not_found": N_("Choose one of the values."),
    "union_tag_invalid": N_("Choose one of the values."),
}
_NUMBERS = ("int_", "float_", "decimal_")
# Parts of a path that pydantic adds for its unions; they are not in the JSON.
_TAGS = frozenset({"test", "group", "immediately", "later", "around"})


def shape_problems(error: ValidationError, path: Path = ()) -> list[Problem]:
    """Pydantic's findings as ours, the first of each place."""
    found: dict[Path, Problem] = {}
    for detail in error.errors(include_url=False, include_input=False):
        place = (*path, *_cleaned(detail["loc"]))
        found.setdefault(place, Problem(path=place, text=_text(detail), code=detail["type"]))
    return list(found.values())


def _cleaned(location: Iterable[str | int]) -> Iterator[str | int]:
    for part in location:
        if isinstance(part, int) or (part not in _TAGS and "[" not in part):
            yield part


def _text(detail: ErrorDetails) -> str:
    context: Mapping[str, Any] = detail.get("ctx", {})
    own = context.get("text")
    if isinstance(own, str):
        return gettext(own).format(**context)
    kind = detail["type"]
    if kind.startswith(_NUMBERS):
        return gettext("Enter a whole number.")
    if kind in _TEXTS:
        return gettext(_TEXTS[kind]) % context
    return gettext("This value cannot be used here (%(error)s).") % {"error": detail["msg"]}
