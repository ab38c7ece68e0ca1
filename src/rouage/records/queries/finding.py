"""Finds records: by a text, by their number, all that an automation may concern; and what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rouage.accounts.models import Member
from rouage.records.kinds import KINDS, Choice, FieldType
from rouage.records.models import Client, Pipeline, Stage
from rouage.records.queries.lists import Filters, filtered
from rouage.records.search import fold

CHUNK = 500
_HITS = 8
_CHOICES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A record in a list of links: what it is called and, below, whose it is."""

    kind: str
    id: int
    label: str
    client: str
    status: str


def search(organisation_id: int, text: str, *, size: int = _HITS) -> list[Hit]:
    """Records of all kinds by number, name, subject, client or amount; the latest of each kind. One query a kind."""
    if not fold(text):
        return []
    return [
        _hit(kind.key, record)
        for kind in KINDS.values()
        for record in _with_client(kind.key, filtered(organisation_id, kind, Filters(search=text)))[:size]
    ]


def labels(organisation_id: int, refs: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Hit]:
    """What records are called; those that are deleted or of another organisation are missing. One query a kind."""
    ids: dict[str, set[int]] = defaultdict(set)
    for kind_key, record_id in refs:
        ids[kind_key].add(record_id)
    return {
        (kind_key, record.pk): _hit(kind_key, record)
        for kind_key, wanted in ids.items()
        if kind_key in KINDS
        for record in _with_client(
            kind_key, filtered(organisation_id, KINDS[kind_key], Filters()).filter(id__in=wanted)
        )
    }


def candidates(kind_key: str, organisation_id: int, *, chunk: int = CHUNK) -> Iterator[list[int]]:
    """The ids of all records of a kind, the newest first, in chunks: which of them match is the planner's to say."""
    found = filtered(organisation_id, KINDS[kind_key], Filters()).order_by("-id").values_list("id", flat=True)
    last: int | None = None
    while True:
        ids = list((found if last is None else found.filter(id__lt=last))[:chunk])
        if ids:
            yield ids
        if len(ids) < chunk:
            return
        last = ids[-1]


def choices(organisation_id: int, kind_key: str, field_name: str) -> Sequence[Choice]:
    """What a choice or person field may be: the kind's own choices, or the organisation's members and stages."""
    field = KINDS[kind_key].by_name[field_name]
    if field.choices:
        return field.choices
    if field.type is FieldType.PERSON:
        members = Member.objects.filter(organisation_id=organisation_id, is_active=True).order_by("user__name", "id")
        return [Choice(key=str(number), label=name) for number, name in members.values_list("id", "user__name")]
    if field_name == "stage.id":
        stages = Stage.objects.filter(
            organisation_id=organisation_id, deleted_at__isnull=True, pipeline__deleted_at__isnull=True
        ).order_by("pipeline__position", "pipeline_id", "position", "id")
        return [
            Choice(key=str(number), label=f"{pipeline}, {name}")
            for number, pipeline, name in stages.values_list("id", "pipeline__name", "name")
        ]
    if field_name == "pipeline.id":
        pipelines = Pipeline.objects.filter(organisation_id=organisation_id, deleted_at__isnull=True)
        return [
            Choice(key=str(number), label=name)
            for number, name in pipelines.order_by("position", "id").values_list("id", "name")
        ]
    return ()


def client_choices(organisation_id: int, text: str = "", *, size: int = _CHOICES) -> list[Client]:
    """Clients for a form's list, by name; those that a text finds. One query."""
    found = filtered(organisation_id, KINDS["client"], Filters(search=text))
    return list(found.order_by("search_text", "id")[:size])


def _with_client(kind_key: str, found: Any) -> Any:  # noqa: ANN401 -- a query set of any kind
    if kind_key not in {"client", "task"}:
        found = found.select_related("client")
    return found.order_by("-updated_at", "-id")


def _hit(kind_key: str, record: Any) -> Hit:  # noqa: ANN401 -- a record of any kind
    client = "" if kind_key in {"client", "task"} else record.client.name
    return Hit(kind=kind_key, id=record.pk, label=str(record), client=client, status=getattr(record, "status", ""))
