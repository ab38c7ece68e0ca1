"""What is wrong with a file that somebody imports: where, what stands there, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """``line`` counts as the spreadsheet does, the headings being line 1. ``lines``: it is in the file of the lines."""

    line: int
    column: str
    value: str
    text: str
    lines: bool = False


class FileProblem(Exception):
    """The file as a whole cannot be read; ``sentence`` says why and what to do, in the current language."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class CellProblem(Exception):
    """A value does not fit its column; ``sentence`` as above."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
