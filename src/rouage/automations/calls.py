"""Calls: HTTP requests that runs ask for, made at least once by a pump of their own with an idempotency key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from rouage.planner.model import Link
from rouage.planner.values import frozen


@frozen(kw_only=True)
class NewCall:
    """``idempotency_key`` is "run:position", with ":n" behind it for a repetition. ``cause`` includes this run."""

    organisation_id: int
    run_id: int
    position: int
    automation_id: int
    kind: str
    record_id: int
    idempotency_key: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    cause: tuple[Link, ...] = ()
