"""The types that definitions are made of: kinds, operators, triggers, actions, with the schemas of their settings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Router

from rouage.automations.catalogue import catalogue, definition_schema

router = Router(tags=["types"])


@router.get("")
def list_types(request: HttpRequest) -> dict[str, Any]:
    """Everything that the editor offers, labels in the member's language."""
    return catalogue(get_language() or "en")


@router.get("/definition")
def get_definition_schema(request: HttpRequest) -> dict[str, Any]:
    """The JSON schema of a definition."""
    return definition_schema(get_language() or "en")
