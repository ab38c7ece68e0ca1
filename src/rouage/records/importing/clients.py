"""The import of clients: what a row says, and writing it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from rouage.accounts.models import Organisation
from rouage.journal import bulk
from rouage.records.importing.matching import Clients
from rouage.records.importing.rows import Item, RowReader
from rouage.records.importing.writing import Import, write_items
from rouage.records.models import Contact
from rouage.records.reading import Row, defaults, fields_of, read
from rouage.records.writing import About, entry, journal

_LONGEST = {"email": 254, "phone": 40, "address": 300, "postal_code": 20, "city": 100, "country": 60}
_TYPES = {
    "company": "company", "societe": "company", "entreprise": "company", "professionnel": "company",
    "person": "person", "particulier": "person", "individual": "person", "personne": "person",
}  # fmt: skip
_LANGUAGES = {"fr": "fr", "francais": "fr", "french": "fr", "en": "en", "anglais": "en", "english": "en"}
_MOST_DAYS = 365


class ClientChecker:
    """Reads rows of clients; remembers codes and names, since each may stand in the file once only."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.clients = Clients(organisation.pk)
        self.seen: dict[str, int] = {}

    def item(self, reader: RowReader) -> Item | None:
        code, name = reader.text("code", 30), reader.text("name", 200, needed=True)
        values: Row = {"name": name, **({"code": code} if code else {})}
        values |= {key: text for key, longest in _LONGEST.items() if (text := reader.text(key, longest))}
        values |= self._chosen(reader)
        contact = self._contact(reader, values)
        key = code.casefold() or name.casefold()
        if key in self.seen:
            reader.complain(
                "code" if code else "name", _("This is on line %(line)d already.") % {"line": self.seen[key]}
            )
        self.seen.setdefault(key, reader.line)
        if not reader.is_good:
            return None
        number = self.clients.same(code, name)
        return Item(line=reader.line, values=values, contact=contact, existing={"id": number} if number else None)

    def _chosen(self, reader: RowReader) -> Row:
        values: Row = {}
        kind, language = reader.choice("type", _TYPES), reader.choice("language", _LANGUAGES)
        days = reader.whole("payment_days")
        if days is not None and not 0 <= days <= _MOST_DAYS:
            reader.complain("payment_days", _("Enter a number of days between 0 and 365."))
        values |= {"type": kind} if kind else {}
        values |= {"language": language} if language else {}
        return values | ({"payment_days": days} if days is not None else {})

    def _contact(self, reader: RowReader, values: Row) -> Row:
        """The address belongs to the person, where one is named."""
        name = reader.text("contact", 150)
        if not name:
            return {}
        contact: Row = {"name": name, "position": reader.text("title", 100), "email": values.pop("email", "")}
        return {key: text for key, text in contact.items() if text}


def attach_contacts(items: Sequence[Item]) -> None:
    """The main contacts that are there already; what the file says the same of them is left out."""
    ids = {item.existing["id"] for item in items if item.existing}
    mains = {
        row["client_id"]: row for row in read(Contact, ids, key="client_id") if row["is_main"] and not row["deleted_at"]
    }
    for item in items:
        main = mains.get(item.existing["id"]) if item.existing else None
        if main:
            item.contact_row = main
            item.contact = {name: value for name, value in item.contact.items() if main[name] != value}


def write_clients(items: Sequence[Item], run: Import) -> None:
    rows = write_items("client", items, {"language": run.organisation.language}, run)
    pairs = [(row, item) for row, item in zip(rows, items, strict=True) if item.contact]
    _add_contacts([(row, item.contact) for row, item in pairs if not item.contact_row], run)
    _change_contacts([item for _row, item in pairs if item.contact_row], run)


def _add_contacts(wanted: Sequence[tuple[Row, Row]], run: Import) -> None:
    columns = tuple(name for name in fields_of(Contact) if name != "id")
    base = {**defaults(Contact), "is_main": True, "created_at": run.now, "updated_at": run.now}
    new = [
        {
            **base,
            "organisation_id": client["organisation_id"],
            "client_id": client["id"],
            "language": client["language"],
            **contact,
        }
        for client, contact in wanted
    ]
    bulk.insert(Contact, columns, [tuple(row[name] for name in columns) for row in new])


def _change_contacts(items: Sequence[Item], run: Import) -> None:
    names = ("name", "position", "email", "updated_at")
    rows, lines = [], []
    for item in items:
        before = item.contact_row or {}
        after = {**before, **item.contact, "updated_at": run.now}
        rows.append((after["id"], *(after[name] for name in names)))
        told = {f"contact.{name}": [before[name], value] for name, value in item.contact.items()}
        data = {"contact": {"id": after["id"], "name": after["name"]}, "changes": told}
        about = About(run.organisation.pk, "client", after["client_id"])
        lines.append(entry(run.author, about, "client.imported", data, run.now))
    bulk.update(Contact, (), names, rows)
    journal(lines)
