"""What the types of this room have in common: their words, their facts, and how old settings are read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, LiteralString, Protocol

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from rouage.automations.shapes import GroupIn, People, Recipients
from rouage.planner.model import Event, Snapshot, Timing
from rouage.planner.operators import FieldType
from rouage.planner.types import ALL
from rouage.planner.types import Words as PlannerWords


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a trigger tells a run: a field ``trigger.<name>`` of conditions and merge fields.

    ``like``: the record's field whose choices and words it shares.
    """

    name: str
    label: str
    type: FieldType = FieldType.TEXT
    like: str = ""

    @property
    def field(self) -> str:
        return f"trigger.{self.name}"


class Words(PlannerWords, Protocol):
    """The reader's language for one automation; built by ``sentence.Phrases``."""

    kind: str

    def record(self) -> str:
        """The kind with its indefinite article: "a quote"."""
        ...

    def date(self, field: str) -> str:
        """A date field as a noun: "the due date"."""
        ...

    def status(self, key: str) -> str:
        """A status inside a sentence, in the gender of the kind: "sent"."""
        ...

    def delay(self, timing: Timing) -> str:
        """When a step follows: "after 7 days", "3 days before the due date"; empty for at once."""
        ...

    def listing(self, items: Sequence[str], last: str = "and") -> str:
        """Items as people list them: "a, b and c" or "a, b or c"."""
        ...

    def quoted(self, text: str) -> str:
        """The text in the language's quotation marks."""
        ...

    def condition(self, tree: GroupIn) -> str:
        """A condition tree in words; empty for none."""
        ...

    def member(self, member_id: int) -> str: ...

    def template(self, template_id: int) -> str: ...

    def stage(self, stage_id: int) -> str: ...

    def recipients(self, recipients: Recipients) -> str:
        """To whom, with the preposition: "to the main contact and to Marie Petit"; empty for nobody."""
        ...

    def people(self, people: People) -> str:
        """Whom, without: "the owner and Marie Petit"."""
        ...


def unfit(code: str, text: LiteralString, **values: str | int) -> PydanticCustomError:
    """Settings that do not go together, for a validator of Config to raise; ``text`` is marked with N_."""
    return PydanticCustomError(code, text, {**values, "text": text})


class AnyType:
    """What every type has. Settings that changed their shape raise ``version`` and are read through ``upgrade``.

    ``example`` holds settings that are valid for a record of ``example_kind``: the contract tests use them.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    help: ClassVar[str]
    icon: ClassVar[str]
    group: ClassVar[str] = ""
    kinds: ClassVar[frozenset[str]] = ALL
    version: ClassVar[int] = 1
    example: ClassVar[Mapping[str, Any]] = {}
    example_kind: ClassVar[str] = "quote"
    Config: ClassVar[type[BaseModel]]

    def upgrade(self, config: Mapping[str, Any], from_version: int) -> Mapping[str, Any]:
        """Settings of ``from_version`` in today's shape."""
        return config

    def read(self, config: Mapping[str, Any], version: int) -> BaseModel:
        """The settings, validated. Raises pydantic's ValidationError."""
        return self.Config.model_validate(config if version >= self.version else self.upgrade(config, version))

    def summary(self, config: Any, words: Any) -> str:  # noqa: ANN401 -- an instance of Config; Words
        """What ``config`` does, as one clause without a capital or a full stop (AUT-15)."""
        raise NotImplementedError


class Trigger(AnyType):
    """What starts a run; fits ``planner.types.TriggerType``. ``facts``: what it tells the run.

    ``enrolls``: records that exist already can be taken in (AUT-7: "these too").
    """

    facts: ClassVar[tuple[Fact, ...]] = ()
    enrolls: ClassVar[bool] = True

    def listens(self, config: Any, kind: str) -> frozenset[str]:  # noqa: ANN401 -- same
        raise NotImplementedError

    def matches(self, config: Any, event: Event, snapshot: Snapshot) -> Mapping[str, Any] | None:  # noqa: ANN401 -- same
        raise NotImplementedError

    def starts(self, config: Any) -> Timing | None:  # noqa: ANN401 -- same
        return None

    def holds(self, config: Any, snapshot: Snapshot) -> bool:  # noqa: ANN401 -- same
        """Whether a record that exists already is in the state that this trigger speaks of (AUT-7)."""
        return True

    def statuses(self, config: Any) -> frozenset[str]:  # noqa: ANN401 -- same
        """The statuses that a record has when it starts, so that they are no reason to stop; empty for any."""
        return frozenset()

    def stages(self, config: Any) -> frozenset[int]:  # noqa: ANN401 -- same
        """The stages that a record has when it starts: their outcome is no reason to stop either."""
        return frozenset()
