"""Ready automations: one readable file each, texts in French and English; taking one makes a draft."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

_LANGUAGES = frozenset({"fr", "en"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """``content`` is the file as it was read; ``in_language`` gives what people see and what is drafted."""

    key: str
    content: Mapping[str, Any]

    def in_language(self, language: str) -> Ready:
        found = _chosen(self.content, language)
        return Ready(key=self.key, name=found["name"], summary=found["summary"], definition=found["definition"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """``definition``: as ``commands.create`` takes it for a draft."""

    key: str
    name: str
    summary: str
    definition: Mapping[str, Any]


@lru_cache
def templates() -> Mapping[str, Template]:
    """All of them by key, which is the name of the file."""
    found = {}
    for file in sorted(files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            key = file.name.removesuffix(".toml")
            found[key] = Template(key=key, content=tomllib.loads(file.read_text(encoding="utf-8")))
    return found


def _chosen(value: Any, language: str) -> Any:  # noqa: ANN401 -- TOML
    """A table of both languages becomes the text of one."""
    if isinstance(value, dict):
        if value.keys() == _LANGUAGES:
            return value[language]
        return {name: _chosen(item, language) for name, item in value.items()}
    if isinstance(value, list):
        return [_chosen(item, language) for item in value]
    return value
