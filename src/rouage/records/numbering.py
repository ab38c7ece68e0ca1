"""Gapless numbers of documents, given once, in the transaction that issues them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rouage.journal import bulk
from rouage.records.kinds import RecordKind

_NUMBER = re.compile(r"([A-Z]{1,3})-(?:(\d{4})-)?(\d{4,9})")
_ALL_YEARS = 0

_TAKE = """
    insert into records_counter (organisation_id, series, year, last, last_date) values {rows}
    on conflict (organisation_id, series, year) do update
    set last = records_counter.last + excluded.last,
        last_date = case when records_counter.last_date > excluded.last_date then records_counter.last_date
                         else excluded.last_date end
    returning organisation_id, series, year, last
"""
_RAISE = """
    insert into records_counter (organisation_id, series, year, last, last_date) values {rows}
    on conflict (organisation_id, series, year) do update
    set last = excluded.last where excluded.last > records_counter.last
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    organisation_id: int
    prefix: str
    year: int

    def write(self, number: int) -> str:
        """F-2026-0001; CM-0001 where the numbers do not begin anew each year."""
        return f"{self.prefix}-{self.year}-{number:04}" if self.year else f"{self.prefix}-{number:04}"


def series_of(kind: RecordKind, organisation_id: int, day: date) -> Series:
    return Series(organisation_id=organisation_id, prefix=kind.series, year=day.year if kind.yearly else _ALL_YEARS)


def take(wanted: Sequence[tuple[Series, date]]) -> list[str]:
    """The next number for each, in their order: one statement for all of them.

    The counters' rows stay locked until the transaction ends, so that nobody can overtake; if it fails, no number is
    lost. Call it late in a transaction: everybody who issues in that organisation waits.
    """
    if not wanted:
        return []
    counts: dict[Series, int] = defaultdict(int)
    days: dict[Series, date] = {}
    for series, day in wanted:
        counts[series] += 1
        days[series] = max(day, days.get(series, day))
    rows = [
        (series.organisation_id, series.prefix, series.year, count, days[series])
        # Everybody locks in the same order.
        for series, count in sorted(
            counts.items(), key=lambda item: (item[0].organisation_id, item[0].prefix, item[0].year)
        )
    ]
    last = {(row[0], row[1], row[2]): row[3] for row in _run(_TAKE, rows)}
    following = {
        series: last[series.organisation_id, series.prefix, series.year] - count + 1 for series, count in counts.items()
    }
    numbers = []
    for series, _ in wanted:
        numbers.append(series.write(following[series]))
        following[series] += 1
    return numbers


def pass_over(kind: RecordKind, organisation_id: int, numbers: Sequence[str]) -> None:
    """Numbers of our own form that came from outside (an import) are taken: ours go on after them."""
    highest: dict[int, int] = {}
    for number in numbers:
        found = _NUMBER.fullmatch(number)
        if found and found[1] == kind.series and bool(found[2]) == kind.yearly:
            year = int(found[2] or _ALL_YEARS)
            highest[year] = max(int(found[3]), highest.get(year, 0))
    if highest:
        _run(_RAISE, [(organisation_id, kind.series, year, last, None) for year, last in sorted(highest.items())])


def _run(sql: str, rows: Sequence[tuple[int, str, int, int, date | None]]) -> list[bulk.Row]:
    marks = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
    return bulk.query(sql.format(rows=marks), [bulk_value for row in rows for bulk_value in row])
