"""What a command answers to input that it cannot take."""

from __future__ import annotations

from collections.abc import Mapping


class Invalid(Exception):
    """``errors``: for each field a sentence in the current language that says what to do; "" is for the whole."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {text}" if field else text for field, text in errors.items()))
        self.errors = dict(errors)
