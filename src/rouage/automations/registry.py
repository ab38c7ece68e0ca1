"""The types that automations are made of, found by walking one package each; installed packages can add more."""

from __future__ import annotations

from rouage.automations.context import Action
from rouage.automations.types import Trigger
from rouage.planner.operators import BUILT_IN, Operator
from rouage.planner.registry import Registry

TRIGGERS: Registry[Trigger] = Registry("triggers", "rouage.automations.triggers")
ACTIONS: Registry[Action] = Registry("actions", "rouage.automations.actions")
OPERATORS: Registry[Operator] = Registry("operators", "rouage.automations.conditions", built_in=BUILT_IN)


def load() -> None:
    """Read all types, once; called when Django is ready."""
    for registry in (TRIGGERS, ACTIONS, OPERATORS):
        registry.load()
