"""Finds what a report in prose says about each of its recipients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

SAID = 800  # characters of an answer
_SEARCHED = 3000
PARAGRAPHS = 4
_TELLING = 12  # letters: a paragraph with fewer only introduces the next ("because:")
_LETTER = re.compile(r"[^\W\d_]")


def passages(named: Sequence[str], report: str) -> Iterator[tuple[str, str]]:
    """Each address with the text behind it, up to the next one; empty where it does not stand there."""
    lower = report.lower()
    places = sorted((lower.find(address), address) for address in named)
    for place, (start, address) in enumerate(places):
        following = next((other for other, _ in places[place + 1 :] if other > start), len(report))
        yield address, report[start + len(address) : following] if start >= 0 else ""


def answer(passage: str, paragraphs: int = PARAGRAPHS) -> str:
    """What is said, on one line: the paragraph behind the address, or the next where that one says nothing."""
    text = ""
    for paragraph in passage[:_SEARCHED].split("\n\n")[:paragraphs]:
        text = f"{text} {' '.join(paragraph.split())}".strip()
        if len(_LETTER.findall(text)) > _TELLING:
            break
    return text.lstrip(">)]'\":;, ")[:SAID]
