"""Merge fields: ``{{ client.name }}`` and a few filters. An allow-listed mini-language that evaluates nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Output(StrEnum):
    """Where the text goes, so that a value cannot become anything else there."""

    TEXT = "text"
    LINE = "line"  # a subject or a name: line breaks and control characters become blanks
    HTML = "html"  # values are escaped


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeError:
    """Why a text cannot be merged: ``position`` counts characters from 0, ``code`` chooses the sentence."""

    code: str
    field: str
    position: int
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """For whom values are written: ``language`` fr or en, ``zone`` an IANA name, ``currency`` an ISO code."""

    language: str
    zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text."""

    parts: tuple[Any, ...]


def parse(text: str) -> Template | MergeError:
    """The parsed text, from a bounded cache; the first fault in it otherwise."""
    raise NotImplementedError


def check(text: str, fields: Collection[str]) -> tuple[MergeError, ...]:
    """Every fault of a text that may use ``fields``: for the editor and for saving."""
    raise NotImplementedError


def render(
    template: Template, snapshot: Mapping[str, Any], setting: Setting, output: Output = Output.TEXT
) -> str | MergeError:
    """The text with the values of a flat snapshot; a field that it does not hold, or holds as None, is an error."""
    raise NotImplementedError
