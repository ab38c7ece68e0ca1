"""The addresses of the API."""
# ruff: noqa: ARG005 -- every entry has the same form

from tests.web.sealed import Call


def _automation(**body):
    return lambda me, of: [Call(args=[of["automation"].pk], json=body, gone=True)]


def _runs(**body):
    # The answer names those that do not exist, and nothing else of them.
    return lambda me, of: [Call(json={"runs": [of["run"].pk], **body})]


TABLE = {
    "api-1:openapi-json": lambda me, of: [Call(method="GET")],
    "api-1:list_types": lambda me, of: [Call(method="GET")],
    "api-1:get_definition_schema": lambda me, of: [Call(method="GET")],
    "api-1:list_automations": lambda me, of: [Call(method="GET")],
    "api-1:create_automation": lambda me, of: [Call(json={"name": "", "kind": "quote"})],
    "api-1:get_automation": lambda me, of: [Call(args=[of["automation"].pk], method="GET", gone=True)],
    "api-1:delete": lambda me, of: [Call(args=[of["automation"].pk], method="DELETE", gone=True)],
    "api-1:save_draft": lambda me, of: [
        Call(args=[of["automation"].pk], json={"definition": {}}, method="PUT", gone=True)
    ],
    "api-1:publish": _automation(),
    "api-1:enable": _automation(),
    "api-1:disable": _automation(),
    "api-1:dry_run_automation": lambda me, of: [
        Call(args=[of["automation"].pk], json={"record_id": me["quote"].pk}, gone=True),
        Call(args=[me["automation"].pk], json={"record_id": of["quote"].pk}, gone=True),
    ],
    "api-1:list_hits": lambda me, of: [Call(args=[of["automation"].pk], method="GET", gone=True)],
    "api-1:list_runs": lambda me, of: [
        Call(query={"automation_id": of["automation"].pk}, method="GET"),
        Call(query={"client_id": of["client"].pk}, method="GET"),
        Call(query={"record_id": of["quote"].pk, "kind": "quote"}, method="GET"),
        Call(query={"search": "beau"}, method="GET"),
    ],
    "api-1:get_run": lambda me, of: [Call(args=[of["run"].pk], method="GET", gone=True)],
    "api-1:pause": _runs(),
    "api-1:resume": _runs(),
    "api-1:skip_step": _runs(),
    "api-1:run_now": _runs(),
    "api-1:cancel": _runs(),
    "api-1:relaunch": _runs(),
    "api-1:list_evaluations": lambda me, of: [Call(query={"automation_id": of["automation"].pk}, method="GET")],
}
