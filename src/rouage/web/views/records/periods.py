"""Spans of days that lists are narrowed to, by the name that stands in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

type Span = tuple[date | None, date | None]
_DECEMBER, _WEEK = 12, 7


def _month(day: date) -> Span:
    first = day.replace(day=1)
    return first, _next_month(first) - timedelta(days=1)


def _next_month(first: date) -> date:
    return (
        first.replace(year=first.year + 1, month=1)
        if first.month == _DECEMBER
        else first.replace(month=first.month + 1)
    )


def _week(day: date) -> Span:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=_WEEK - 1)


def _year(day: date) -> Span:
    return day.replace(month=1, day=1), day.replace(month=_DECEMBER, day=31)


_SPANS: Mapping[str, tuple[StrOrPromise, Callable[[date], Span]]] = {
    "week": (_("This week"), _week),
    "month": (_("This month"), _month),
    "last-month": (_("Last month"), lambda day: _month(day.replace(day=1) - timedelta(days=1))),
    "next-month": (_("Next month"), lambda day: _month(_next_month(day.replace(day=1)))),
    "30-days": (_("Last 30 days"), lambda day: (day - timedelta(days=30), day)),
    "year": (_("This year"), _year),
    "last-year": (_("Last year"), lambda day: _year(day.replace(month=1, day=1) - timedelta(days=1))),
    "coming": (_("Still to come"), lambda day: (day, None)),
    "past": (_("Past"), lambda day: (None, day - timedelta(days=1))),
}
PAST = ("month", "last-month", "30-days", "year", "last-year")
FUTURE = ("coming", "week", "month", "next-month", "past")


def label(name: str) -> StrOrPromise:
    return _SPANS[name][0]


def span(name: str, today: date) -> Span:
    """First and last day, both included; None is open. An unknown name does not restrict."""
    return _SPANS[name][1](today) if name in _SPANS else (None, None)
