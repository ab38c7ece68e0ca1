"""The REST API, version 1: what programs may ask, with its OpenAPI description at ``/api/v1/openapi.json``."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from rouage.api import problems
from rouage.api.auth import MemberSession
from rouage.api.routes import automations, evaluations, runs, types
from rouage.automations.catalogue import definition_schema

DEFINITION = "Definition"
_OWN = "#/$defs/"


class Api(NinjaAPI):
    """Describes definitions with the settings of every installed type, so that a new type documents itself."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:  # noqa: ANN401 -- ninja's own signature
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schemas = schema["components"]["schemas"]
        found = definition_schema(translation.get_language() or "en")
        parts = found.pop("$defs")
        prefix = f"{DEFINITION}."
        schemas[DEFINITION] = _moved(found, prefix)
        schemas |= {prefix + name: _moved(part, prefix) for name, part in parts.items()}
        return schema


def _moved(value: Any, prefix: str) -> Any:  # noqa: ANN401 -- JSON
    """References inside a schema of its own, as references inside the whole document."""
    if isinstance(value, dict):
        return {key: _moved(item, prefix) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, prefix) for item in value]
    if isinstance(value, str) and value.startswith(_OWN):
        return f"#/components/schemas/{prefix}{value.removeprefix(_OWN)}"
    return value


def make_api() -> Api:
    made = Api(title="Rouage", version="1", auth=MemberSession(), docs_url=None, urls_namespace="api-1")
    problems.install(made)
    made.add_router("/types", types.router)
    made.add_router("/automations", automations.router)
    made.add_router("/runs", runs.router)
    made.add_router("/evaluations", evaluations.router)
    return made


api = make_api()
