"""The addresses of automations, of their runs, of the activity log and of the demo mailbox."""
# ruff: noqa: ARG005 -- every entry has the same form

from tests.web.sealed import Call


def _automation(**data):
    return lambda me, of: [Call(args=[of["automation"].pk], data=data, gone=True)]


def _run(**data):
    return lambda me, of: [Call(args=[of["run"].pk], data=data, gone=True)]


def _record(me, of):
    return [Call(args=["quote", of["run_quote"].pk], gone=True)]


def _runs(me, of):
    return [
        Call(),
        Call(query={"q": "beau"}),
        Call(query={"automation": of["automation"].pk}),
        Call(query={"client": of["client"].pk}),
        Call(query={"version": of["version"].pk}),
        Call(query={"kind": "quote", "record": of["run_quote"].pk}),
        Call(query={"panel": of["run"].pk}),
    ]


def _bulk(me, of):
    return [
        Call(data={"do": deed, "run": [of["run"].pk], "confirmed": "yes"})
        for deed in ("pause", "resume", "cancel", "relaunch")
    ]


TABLE = {
    "automations": lambda me, of: [
        Call(),
        Call(query={"q": "relance"}),
        *(Call(query={"panel": f"{what}-{of['automation'].pk}"}) for what in ("rename", "delete", "off", "on")),
    ],
    "automation-new": lambda me, of: [Call(), Call(data={"name": "Essai", "start": "quote:status_changed"})],
    "automation": lambda me, of: [
        Call(args=[of["automation"].pk], query=query, gone=True)
        for query in ({}, {"check": "1"}, {"panel": "publish"}, {"record": of["run_quote"].pk})
    ],
    "automation-draft": lambda me, of: [
        Call(args=[of["automation"].pk], data=data, gone=True)
        for data in ({"name": "Essai"}, {"do": "publish"}, {"do": "add-step:send_email"})
    ],
    "automation-undo": _automation(),
    "automation-redo": _automation(),
    "automation-discard": _automation(),
    "automation-publish": _automation(note="Essai"),
    "automation-switch": _automation(on="false"),
    "automation-rename": _automation(name="Essai"),
    "automation-duplicate": _automation(),
    "automation-delete": _automation(confirmed="yes"),
    "automation-flood": _automation(keep="yes"),
    "automation-versions": _automation(),
    "automation-restore": lambda me, of: [Call(args=[of["automation"].pk, 1], gone=True)],
    "automation-candidates": _automation(),
    "automation-count": _automation(),
    "activity": lambda me, of: [Call(), Call(query={"who": f"m{of['colleague'].pk}"}), Call(query={"about": "quote"})],
    "mailbox": lambda me, of: [Call(), Call(query={"panel": of["mail"].pk})],
    "mailbox-mail": lambda me, of: [Call(args=[of["mail"].pk], gone=True)],
    "runs": _runs,
    "runs-export": _runs,
    "runs-bulk": _bulk,
    "evaluations": lambda me, of: [
        Call(),
        Call(query={"automation": of["automation"].pk}),
        Call(query={"kind": "quote", "record": of["run_quote"].pk}),
    ],
    "run": _run(),
    "run-pause": _run(),
    "run-resume": _run(),
    "run-skip": _run(),
    "run-now": _run(),
    "run-pause-until": _run(),
    "run-cancel": _run(),
    "run-relaunch": _run(origin="start"),
    "record-pause-all": _record,
    "record-resume-all": _record,
}
