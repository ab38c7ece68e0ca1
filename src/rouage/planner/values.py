"""Values that are cheap to make: frozen for the type checker, plain classes with slots at run time.

A frozen dataclass sets each field through ``object.__setattr__`` and takes five times as long to make; a step of a run
makes some twenty-five of them, which was a seventh of its time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, dataclass_transform, overload


@overload
def frozen[T](cls: type[T], /) -> type[T]: ...
@overload
def frozen[T](*, kw_only: bool = False, eq: bool = True) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: Any = None, /, *, kw_only: bool = False, eq: bool = True) -> Any:
    """A dataclass of the hot path, compared and hashed by its fields, or by identity with ``eq=False``."""
    made = dataclass(slots=True, kw_only=kw_only, eq=eq, unsafe_hash=eq)
    return made if cls is None else made(cls)
