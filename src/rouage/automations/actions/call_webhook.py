"""The action "call a webhook"."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, model_validator

from rouage.automations.calls import NewCall
from rouage.automations.context import Action, ActionContext, Outcome
from rouage.automations.merging import facts, merged
from rouage.automations.shapes import Strict
from rouage.automations.types import Words, unfit
from rouage.journal.append import json_text
from rouage.planner.model import Failed, Started
from rouage.planner.words import N_

_HEADER = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}$"  # RFC 9110, 5.6.2
_VALUE = r"^[\x20-\x7e]{0,500}$"
_ALONE = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")
# These belong to the connection, or to us.
_RESERVED = frozenset({"host", "content-length", "transfer-encoding", "connection", "idempotency-key"})
_TOLD = ("id", "label", "status", "client.id", "client.name")


class CallWebhook(Action):
    """The call is made by a pump of its own; the step ends with the answer."""

    key = "call_webhook"
    label = N_("Call a webhook")
    help = N_("Sends a request to another program, and tries again if it does not answer.")
    icon = "webhook"
    group = "connect"
    outside = True
    example = {"url": "https://example.com/hook", "body": '{"number": "{{ number }}", "total": "{{ total_gross }}"}'}

    class Config(Strict):
        method: Literal["POST", "PUT", "PATCH", "GET", "DELETE"] = Field(default="POST", title=N_("Method"))
        url: str = Field(min_length=8, max_length=2000, title=N_("Address"), json_schema_extra={"widget": "url"})
        headers: dict[
            Annotated[str, StringConstraints(pattern=_HEADER)], Annotated[str, StringConstraints(pattern=_VALUE)]
        ] = Field(default_factory=dict, max_length=20, title=N_("Headers"), json_schema_extra={"widget": "headers"})
        body: str = Field(
            default="",
            max_length=20_000,
            title=N_("Body"),
            description=N_("JSON with merge fields. Empty: the record's number, status and client."),
            json_schema_extra={"widget": "merge_json"},
        )

        @model_validator(mode="after")
        def _can_be_called(self) -> Self:
            parts = urlsplit(self.url)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
                raise unfit(
                    "webhook.url", N_("Write the whole address, such as https://example.com/hook, without a password.")
                )
            reserved = next((name for name in self.headers if name.lower() in _RESERVED), None)
            if reserved:
                raise unfit("webhook.header", N_("The header “{name}” is set by Rouage."), name=reserved)
            if self.body.strip():
                _parsed(self.body)
            return self

    def execute(self, config: Config, context: ActionContext) -> Outcome:
        body = _body(config, context)
        if isinstance(body, Failed):
            return Outcome(body)
        call = NewCall(
            organisation_id=context.organisation.id,
            run_id=context.run_id,
            position=context.position,
            automation_id=context.automation_id,
            kind=context.kind,
            record_id=context.record_id,
            idempotency_key=context.key,
            method=config.method,
            url=config.url,
            headers=config.headers,
            body=body,
            cause=context.cause,
        )
        return Outcome(Started(data={"url": config.url}), (call,))

    def summary(self, config: Config, words: Words) -> str:
        return words(N_("call the webhook %(host)s"), host=urlsplit(config.url).hostname or config.url)


def _parsed(body: str) -> Any:  # noqa: ANN401 -- any JSON
    try:
        return json.loads(body)
    except ValueError as error:
        raise unfit(
            "webhook.body",
            N_("The body is not JSON (line {line}): put texts and fields between quotation marks."),
            line=getattr(error, "lineno", 1),
        ) from None


def _body(config: CallWebhook.Config, context: ActionContext) -> str | Failed:
    if config.method in {"GET", "DELETE"}:
        return ""
    if not config.body.strip():
        return json_text(_default(context))
    written = _written(json.loads(config.body), context)
    return written if isinstance(written, Failed) else json_text(written)


def _default(context: ActionContext) -> Mapping[str, Any]:
    record = {"kind": context.kind} | {name: context.snapshot.get(name) for name in _TOLD}
    return {
        "type": "automation.called",
        "timestamp": context.now,
        "data": {"automation": context.automation_name, "run": context.run_id, "record": record},
    }


def _written(value: Any, context: ActionContext) -> Any:  # noqa: ANN401 -- any JSON
    """The same JSON with its merge fields filled in. A text that is one field alone becomes its plain value."""
    match value:
        case str():
            alone = _ALONE.fullmatch(value.strip())
            known = facts(context, value)
            return known[alone[1]] if alone and alone[1] in known else merged(value, context, where="body")
        case dict():
            items = {name: _written(item, context) for name, item in value.items()}
            return next((item for item in items.values() if isinstance(item, Failed)), items)
        case list():
            found = [_written(item, context) for item in value]
            return next((item for item in found if isinstance(item, Failed)), found)
    return value


TYPE = CallWebhook()
