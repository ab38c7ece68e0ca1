"""Fresh flat facts of many records at once, for the planner: few queries for any batch, no model objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from rouage.journal import bulk
from rouage.planner.model import Snapshot
from rouage.records.kinds import KINDS, FieldType, RecordKind
from rouage.records.models import Client, Pipeline, Stage
from rouage.records.reading import Column, Model, Selection, column, fields_of, table_of

type Reference = tuple[str, int]
type Facts = dict[str, Any]
type Contact = tuple[Any, ...]

_CLIENT = ("id", "name", "email", "phone", "city", "postal_code", "country", "language", "code")
_LINKS: Mapping[str, tuple[str, ...]] = {
    "invoice": ("quote",),
    "event": ("quote", "opportunity"),
    "intervention": ("quote", "contract"),
}
_NUMBERS = frozenset({"owner_id", "lead_id", "assignee_id", "quote_id", "contract_id", "opportunity_id"})
# What a record is called: the first of these that is not empty.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "client": ("name",),
    "quote": ("number", "subject"),
    "invoice": ("number", "subject"),
    "event": ("name",),
    "intervention": ("number", "title"),
    "contract": ("number", "name"),
    "opportunity": ("name",),
    "task": ("title",),
}
_CONTACT_KEYS = tuple(
    f"contact.{role}.{name}"
    for role in ("main", "billing", "dunning", "document")
    for name in ("id", "name", "email", "language")
)
_PEOPLE = """
    select m.id, u.name, u.email, m.language
    from accounts_member m join accounts_user u on u.id = m.user_id where m.id {among}
"""
_CONTACTS = """
    select client_id, is_main, is_billing, is_dunning, id, name, email, language
    from records_contact where client_id {among} and deleted_at is null
"""


_NOBODY = (None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How a kind is read: ``people`` are the members with a part in it, ``names`` the columns of its label."""

    sql: str
    selection: Selection
    people: tuple[str, ...]
    names: tuple[str, ...]


def take(refs: Collection[Reference]) -> dict[Reference, Snapshot]:
    """The snapshots of those that exist; deleted records are missing.

    Money is Decimal, a date is a date, a moment an aware datetime; what is empty is None (text: ""). A client without
    main contact answers for it, ``billing`` and ``dunning`` fall back to ``main``, ``document`` is the record's own
    contact or ``main``. Three queries, and one more for each further kind.
    """
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, record_id in set(refs):
        ids[kind].append(record_id)
    found = {kind: _read(kind, wanted) for kind, wanted in ids.items() if kind in KINDS}
    everything = [facts for rows in found.values() for facts in rows]
    _add_people(found)
    _add_contacts([facts for facts in everything if "client.id" in facts])
    return {(facts["kind"], facts["id"]): facts for facts in everything}


def _read(kind: str, ids: Collection[int]) -> list[Facts]:
    plan = _plan(kind, connection.vendor)
    among, these = bulk.id_list(sorted(ids))
    result = []
    for values in bulk.query(plan.sql.format(among=among), (these,)):
        facts = plan.selection.row(values)
        facts["kind"] = kind
        facts["label"] = facts[plan.names[0]] or facts[plan.names[-1]] or f"#{facts['id']}"
        result.append(facts)
    return result


def _add_people(found: Mapping[str, Collection[Facts]]) -> None:
    """The name, address and language of the owner, the lead, the assignee."""
    parts = [(part, rows) for kind, rows in found.items() for part in _plan(kind, connection.vendor).people]
    people = _people({facts[f"{part}.id"] for part, rows in parts for facts in rows} - {None})
    for part, rows in parts:
        number, name, email, language = (f"{part}.{key}" for key in ("id", "name", "email", "language"))
        for facts in rows:
            facts[name], facts[email], facts[language] = people.get(facts[number], _NOBODY)


def _people(ids: Collection[int]) -> Mapping[int, tuple[str, str, str]]:
    if not ids:
        return {}
    among, these = bulk.id_list(sorted(ids))
    return {row[0]: (row[1], row[2], row[3]) for row in bulk.query(_PEOPLE.format(among=among), (these,))}


def _add_contacts(everything: Collection[Facts]) -> None:
    roles, contacts = _contacts({facts["client.id"] for facts in everything})
    for facts in everything:
        held = roles.get(facts["client.id"], {})
        main = held.get("main") or (None, facts["client.name"], facts["client.email"], facts["client.language"])
        billing, dunning = held.get("billing", main), held.get("dunning", main)
        document = contacts.get(facts.pop("contact_id", None), main)
        facts.update(zip(_CONTACT_KEYS, (*main, *billing, *dunning, *document), strict=True))


def _contacts(client_ids: Collection[int]) -> tuple[Mapping[int, dict[str, Contact]], Mapping[int | None, Contact]]:
    """Of each client the contacts by role, and all contacts by id."""
    if not client_ids:
        return {}, {}
    roles: dict[int, dict[str, Contact]] = defaultdict(dict)
    contacts: dict[int | None, Contact] = {}
    among, these = bulk.id_list(sorted(client_ids))
    for client_id, main, billing, dunning, *values in bulk.query(_CONTACTS.format(among=among), (these,)):
        contact = tuple(values)
        contacts[contact[0]] = contact
        for role, has in (("main", main), ("billing", billing), ("dunning", dunning)):
            if has:
                roles[client_id][role] = contact
    return roles, contacts


@lru_cache
def _plan(kind_key: str, vendor: str) -> _Plan:
    kind = KINDS[kind_key]
    people = tuple(field.name.removesuffix(".id") for field in kind.fields if field.type is FieldType.PERSON)
    names = [
        "id", "organisation_id",
        *(field.name for field in kind.fields if "." not in field.name),
        *(f"{part}_id" for part in people),
        *(f"{link}_id" for link in _LINKS.get(kind_key, ())),
    ]  # fmt: skip
    # A member's or a linked record's number is "owner.id" here and owner_id in the table.
    columns = [_column(kind.model, name, "t", key=_key(name)) for name in names] + _joined(kind)
    if kind_key == "client":
        columns.append(Column(key="status", sql="''", convert=None))
    selection = Selection.of(columns)
    return _Plan(
        sql=f"select {selection.sql} from {_tables(kind)} where t.id {{among}} and t.deleted_at is null",  # noqa: S608 -- names of columns
        selection=selection,
        people=people,
        names=_NAMES[kind_key],
    )


def _key(column_name: str) -> str:
    return f"{column_name.removesuffix('_id')}.id" if column_name in _NUMBERS else column_name


def _joined(kind: RecordKind) -> list[Column]:
    """The columns of the client and, for opportunities, of the pipeline and its stage."""
    if kind.key == "task":
        return []
    table = "t" if kind.key == "client" else "c"
    columns = [_column(Client, name, table, key=f"client.{name}") for name in _CLIENT]
    columns.append(_column(Client, "automations_paused_until", table, key="client.paused_until"))
    if kind.key != "client":
        columns.append(_column(kind.model, "contact_id", "t"))
    if kind.key == "opportunity":
        columns += [_column(Pipeline, name, "p", key=f"pipeline.{name}") for name in ("id", "name")]
        columns += [_column(Stage, name, "s", key=f"stage.{name}") for name in ("id", "name")]
    return columns


def _column(model: Model, name: str, table: str, key: str = "") -> Column:
    return column(fields_of(model)[name], table=table, key=key or name)


def _tables(kind: RecordKind) -> str:
    tables = f"{table_of(kind.model)} t"
    if kind.key not in {"client", "task"}:
        tables += " join records_client c on c.id = t.client_id"
    if kind.key == "opportunity":
        tables += " join records_pipeline p on p.id = t.pipeline_id join records_stage s on s.id = t.stage_id"
    return tables
