"""What a view hands to the tags that draw several links: tabs, filters."""

from __future__ import annotations

from dataclasses import dataclass

from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A view of the same page. ``dot``: ok, wait, fail, info, or "off" (grey), beside a word that says the same."""

    label: StrOrPromise
    address: str
    is_current: bool = False
    count: int | str | None = None
    is_failure: bool = False
    dot: str = ""


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A filter as a link. ``removes``: it is on, and a click takes it away; ``adds``: it opens the choice of one."""

    label: StrOrPromise
    address: str
    is_current: bool = False
    removes: bool = False
    adds: bool = False
    is_failure: bool = False
