"""The import of events: what a row says, and writing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from rouage.accounts.models import Organisation
from rouage.records.importing.matching import Clients, Members, status_words
from rouage.records.importing.rows import Item, RowReader
from rouage.records.importing.writing import Import, write_items
from rouage.records.local import local_day
from rouage.records.models import Event
from rouage.records.reading import Row
from rouage.records.rules import dates_problem
from rouage.records.search import fold


class EventChecker:
    """Reads rows of events. One of the same client and name is the same event; of several, that of the same day."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.clients = Clients(organisation.pk)
        self.members = Members(organisation.pk)
        self.statuses = status_words("event")
        self.known: dict[tuple[int, str], list[tuple[int, datetime | None]]] = defaultdict(list)
        found = Event.objects.filter(organisation=organisation, deleted_at__isnull=True).order_by("id")
        for number, client_id, name, start in found.values_list("id", "client_id", "name", "start_at"):
            self.known[client_id, fold(name)].append((number, start))
        self.taken: dict[int, int] = {}

    def item(self, reader: RowReader) -> Item | None:
        zone = self.organisation.zone
        values: Row = {"name": reader.text("name", 200, needed=True), "client_id": self.clients.named(reader)}
        values |= {
            "start_at": reader.moment("start", zone),
            "end_at": reader.moment("end", zone),
            "location": reader.text("location", 300),
            "brief": reader.long_text("brief"),
            "lead_id": self.members.named(reader, "lead"),
            "status": reader.choice("status", self.statuses),
        }
        if dates_problem("event", values, frozenset(values)):
            reader.complain("end", _("The end is before the start. Correct one of the two dates."))
        number = self._same(values) if reader.is_good else None
        if number is not None and number in self.taken:
            reader.complain("name", _("This is on line %(line)d already.") % {"line": self.taken[number]})
        if not reader.is_good:
            return None
        if number is not None:
            self.taken[number] = reader.line
        # An empty cell changes nothing.
        values = {name: value for name, value in values.items() if value not in (None, "")}
        return Item(line=reader.line, values=values, existing={"id": number} if number is not None else None)

    def _same(self, values: Row) -> int | None:
        found = self.known.get((values["client_id"], fold(values["name"])), [])
        if len(found) == 1:
            return found[0][0]
        day = self._day(values["start_at"])
        return next((number for number, start in found if day and self._day(start) == day), None)

    def _day(self, start: datetime | None) -> object:
        return local_day(start, self.organisation.zone) if start else None


def write_events(items: Sequence[Item], run: Import) -> None:
    write_items("event", items, {}, run)
