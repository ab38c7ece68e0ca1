"""The shapes that settings share: conditions, timings, recipients; JSON read by pydantic, and pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    StrictBool,
    StrictFloat,
    StrictInt,
    Tag,
)

from rouage.planner import model as plan
from rouage.planner.model import Unit


class Strict(BaseModel):
    """A word that is not known is a mistake, not something to drop in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


type Scalar = StrictBool | StrictInt | StrictFloat | str
LocalTime = Annotated[time, PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str)]


class TestIn(Strict):
    """One row: field, operator, value. The value has its type from the field, not from JSON."""

    __test__ = False
    field: str = Field(min_length=1, max_length=80)
    operator: str = Field(min_length=1, max_length=40)
    value: Scalar | tuple[Scalar, ...] | None = None

    def plan(self) -> plan.Tree:
        return plan.Test(field=self.field, operator=self.operator, value=self.value)


class GroupIn(Strict):
    """All, any or none of the rows and groups in ``of``."""

    mode: Literal["all", "any", "none"] = "all"
    of: tuple[TreeIn, ...] = Field(default=(), max_length=50)

    def plan(self) -> plan.Group:
        return plan.Group(mode=self.mode, of=tuple(tree.plan() for tree in self.of))

    def tests(self) -> Iterator[TestIn]:
        for tree in self.of:
            if isinstance(tree, TestIn):
                yield tree
            else:
                yield from tree.tests()


def _shape(value: Any) -> str:  # noqa: ANN401 -- JSON or a model
    if isinstance(value, TestIn):
        return "test"
    return "test" if isinstance(value, Mapping) and "field" in value else "group"


type TreeIn = Annotated[Annotated[TestIn, Tag("test")] | Annotated[GroupIn, Tag("group")], Discriminator(_shape)]


class ImmediatelyIn(Strict):
    type: Literal["immediately"] = "immediately"

    def plan(self) -> plan.Timing:
        return plan.Immediately()


class LaterIn(Strict):
    """``at`` goes with days and working days only."""

    type: Literal["later"] = "later"
    amount: int = Field(ge=0, le=100_000)
    unit: Unit = Unit.DAYS
    at: LocalTime | None = None

    def plan(self) -> plan.Timing:
        return plan.Later(amount=self.amount, unit=self.unit, at=self.at)


class AroundIn(Strict):
    type: Literal["around"] = "around"
    field: str = Field(min_length=1, max_length=80)
    amount: int = Field(ge=0, le=100_000)
    unit: Unit = Unit.DAYS
    direction: Literal["before", "after"] = "before"
    at: LocalTime | None = None
    past: Literal["skip", "run"] = "skip"

    def plan(self) -> plan.Timing:
        return plan.Around(
            field=self.field,
            amount=self.amount,
            unit=self.unit,
            direction=self.direction,
            at=self.at,
            past=self.past,
        )


type TimingIn = Annotated[ImmediatelyIn | LaterIn | AroundIn, Field(discriminator="type")]


class Recipients(Strict):
    """Who is meant: by their part in the record, by name, or by an address that was typed."""

    roles: tuple[str, ...] = Field(default=(), max_length=10)
    members: tuple[int, ...] = Field(default=(), max_length=20)
    addresses: tuple[str, ...] = Field(default=(), max_length=20)

    @property
    def is_empty(self) -> bool:
        return not (self.roles or self.members or self.addresses)


class People(Strict):
    """Members: by their part in the record, or by name."""

    roles: tuple[str, ...] = Field(default=(), max_length=10)
    members: tuple[int, ...] = Field(default=(), max_length=20)

    @property
    def is_empty(self) -> bool:
        return not (self.roles or self.members)
