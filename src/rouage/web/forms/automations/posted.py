"""What a form of nested names sent: ``steps.0.action.config.title`` stands at that place of the draft's JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

DEEPEST = 24


@dataclass
class Node:
    """One place of the form: its own values, and the places inside it."""

    values: Sequence[str] = ()
    inner: dict[str, Node] = field(default_factory=dict)

    def at(self, name: str) -> Node:
        """An empty place for what was not sent."""
        return self.inner.get(name, _NOTHING)

    def text(self, name: str, default: str = "") -> str:
        """With the line ends of the server, and without what a database cannot keep."""
        values = self.at(name).values
        return values[-1].replace("\r\n", "\n").replace("\x00", "") if values else default

    def texts(self, name: str) -> list[str]:
        return [value.replace("\x00", "") for value in self.at(name).values]

    def has(self, name: str) -> bool:
        return name in self.inner

    def items(self) -> Iterator[Node]:
        """The places with a number, in its order."""
        numbered = sorted(
            (int(name), node) for name, node in self.inner.items() if name.isdigit() and len(name) < DEEPEST
        )
        yield from (node for _number, node in numbered)


_NOTHING: Node = Node()


def read(data: QueryDict | Mapping[str, Sequence[str]]) -> Node:
    """The whole form."""
    root = Node()
    pairs = data.lists() if isinstance(data, QueryDict) else data.items()
    for name, values in pairs:
        parts = name.split(".")
        if len(parts) > DEEPEST:
            continue
        place = root
        for part in parts:
            place = place.inner.setdefault(part, Node())
        place.values = list(values)
    return root
