"""What the forms of one automation offer: the fields of its kind, the people, stages and templates of its company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from rouage.accounts.models import Member
from rouage.automations.problems import Problem
from rouage.automations.registry import TRIGGERS
from rouage.automations.types import Fact
from rouage.mail.models import EmailTemplate
from rouage.planner.operators import FieldType
from rouage.records.kinds import KINDS, Choice, RecordKind
from rouage.records.models import Pipeline, Stage

type Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Readable:
    """A field that conditions may read: the record's own, its client's, or what the trigger tells."""

    name: str
    label: str
    type: FieldType
    group: str
    choices: Sequence[Choice] = ()


@dataclass(kw_only=True)
class Environment:
    """``places`` collects the names that the page has drawn, so that every problem can be shown at one of them."""

    kind: RecordKind
    members: Options = ()
    stages: Options = ()
    pipelines: Options = ()
    templates: Options = ()
    facts: Sequence[Fact] = ()
    zone: str = "Europe/Paris"
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def drawn(self, name: str) -> str:
        """Note that ``name`` is on the page; its id there."""
        self.places.add(name)
        return ident(name)

    def errors(self, name: str, *, whole: bool = False) -> list[str]:
        """What is wrong there; ``whole``: or anywhere inside."""
        found = list(self.problems.get(name, ()))
        if whole:
            inside = f"{name}."
            found += [text for place, texts in self.problems.items() if place.startswith(inside) for text in texts]
        return list(dict.fromkeys(found))

    def choices(self, readable: Readable) -> Options:
        """The values of a choice or person; those that the company has made itself come from its tables."""
        if readable.choices:
            return [(choice.key, str(choice.label)) for choice in readable.choices]
        if readable.type is FieldType.PERSON:
            return self.members
        return {"stage.id": self.stages, "pipeline.id": self.pipelines}.get(readable.name, ())

    @property
    def fields(self) -> Mapping[str, Readable]:
        found = {
            known.name: Readable(
                name=known.name,
                label=str(known.label),
                type=FieldType(known.type),
                group=known.name.partition(".")[0] if "." in known.name else "",
                choices=known.choices,
            )
            for known in self.kind.fields
        }
        return found | {fact.field: self._fact(fact) for fact in self.facts}

    def _fact(self, fact: Fact) -> Readable:
        like = self.kind.by_name.get(fact.like)
        return Readable(
            name=fact.field,
            label=gettext(fact.label),
            type=fact.type,
            group="trigger",
            choices=like.choices if like else (),
        )


def environment(member: Member, kind: str, trigger: str = "", problems: Sequence[Problem] = ()) -> Environment:
    """Four queries."""
    organisation_id = member.organisation_id
    people = Member.objects.filter(organisation_id=organisation_id, is_active=True).order_by("user__name", "id")
    templates = EmailTemplate.objects.filter(organisation_id=organisation_id, kind__in=["", kind]).order_by(
        "name", "language", "id"
    )
    stages = Stage.objects.filter(
        organisation_id=organisation_id, deleted_at__isnull=True, pipeline__deleted_at__isnull=True
    ).order_by("pipeline__position", "pipeline_id", "position", "id")
    pipelines = Pipeline.objects.filter(organisation_id=organisation_id, deleted_at__isnull=True)
    by_place: dict[str, list[str]] = {}
    for problem in problems:
        by_place.setdefault(problem.where, []).append(problem.text)
    found = TRIGGERS.get(trigger)
    return Environment(
        kind=KINDS[kind],
        members=[(str(id_), name) for id_, name in people.values_list("id", "user__name")],
        stages=[
            (str(id_), f"{pipeline} · {name}")
            for id_, pipeline, name in stages.values_list("id", "pipeline__name", "name")
        ],
        pipelines=[(str(id_), name) for id_, name in pipelines.order_by("position", "id").values_list("id", "name")],
        templates=[
            (str(id_), f"{name} ({language})")
            for id_, name, language in templates.values_list("id", "name", "language")
        ],
        facts=found.facts if found else (),
        zone=member.organisation.zone,
        problems=by_place,
    )


def ident(name: str) -> str:
    """The id in the page of a place of the draft."""
    return "f-" + name.replace(".", "-")
