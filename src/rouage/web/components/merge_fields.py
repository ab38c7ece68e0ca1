"""Merge fields as people read them: a text with ``{{ number }}`` shows the name of the field instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rouage.automations.merging import ORGANISATION
from rouage.automations.queries.automations import Difference
from rouage.records.kinds import KINDS

_FIELD = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)[^{}]*\}\}")


def label(kind: str, name: str) -> str:
    """The field's name in the current language; an unknown one as it is written."""
    found = KINDS[kind].by_name.get(name) if kind in KINDS else None
    if found is not None:
        return str(found.label)
    return next((gettext(fact.label) for fact in ORGANISATION if fact.name == name), name)


def plain(text: str, kind: str) -> str:
    """With the names in brackets: "Your quote [Number]"."""
    return _FIELD.sub(lambda field: f"[{label(kind, field[1])}]", text)


def plain_differences(found: Iterable[Difference], kind: str) -> list[Difference]:
    return [replace(one, before=plain(one.before, kind), after=plain(one.after, kind)) for one in found]


def pills(text: str, kind: str) -> SafeString:
    """The same with each field as a small label."""
    parts, last = [], 0
    for field in _FIELD.finditer(text):
        parts.append(conditional_escape(text[last : field.start()]))
        parts.append(format_html('<span class="var">{}</span>', label(kind, field[1])))
        last = field.end()
    parts.append(conditional_escape(text[last:]))
    return mark_safe("".join(parts))  # noqa: S308 -- every part is escaped above
