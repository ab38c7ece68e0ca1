"""The addresses of records, tasks, imports, search and notifications."""
# ruff: noqa: ARG005 -- every entry has the same form

from rouage.records.conversion import SOURCES
from rouage.records.kinds import KINDS
from tests.web.sealed import Call

PATHS = {
    "quote": "quotes", "invoice": "invoices", "event": "events", "intervention": "interventions",
    "contract": "contracts", "opportunity": "opportunity-list", "client": "clients",
}  # fmt: skip
LINES = {
    "line-0-description": "Pose",
    "line-0-quantity": "1",
    "line-0-unit_price": "100",
    "line-0-vat_rate": "20",
}


def _fields(me, of):
    """A form that names people, clients and contacts of ``of``."""
    client, member = of["client"], of["colleague"].pk
    return {
        "client": client.name, "client_known": client.pk, "contact": of["contact"].pk, "owner": member,
        "lead": member, "assignee": member, "contract": of["contract"].pk, "name": "Essai", "title": "Essai",
        "subject": "Essai", "type": "company", "language": "fr", "payment_days": "30", "issue_date": "2026-03-02",
        "term_months": "12", "notice_days": "30", **LINES,
    }  # fmt: skip


def _list(kind):
    def calls(me, of):
        named = {"client": of["client"].pk, "owner": of["colleague"].pk, "stage": of["opportunity"].stage_id}
        return [
            Call(),
            Call(query={"q": "beau"}),
            Call(query=named),
            Call(query={"after": f"2026-03-02_{of[kind].pk}", "trail": ["", "x"]}),
        ]

    return calls


def _one(kind, **data):
    return lambda me, of: [Call(args=[of[kind].pk], data=data, gone=True)]


def _new(me, of):
    about = {"client": of["client"].pk}
    return [
        Call(query=about, data=_fields(me, of)),
        Call(query=about, data={**_fields(me, of), "do": "refresh"}),
        Call(data={**_fields(me, of), "client_known": "", "client": "beau"}),
    ]


def _edit(kind):
    def calls(me, of):
        return [
            Call(args=[of[kind].pk], data=_fields(me, of), gone=True),
            Call(args=[me[kind].pk], data=_fields(me, of)),
        ]

    return calls


def _press_many(kind):
    def calls(me, of):
        return [
            Call(data={"automation": of["buttons"][kind].pk, "id": [me[kind].pk]}, gone=True),
            Call(data={"automation": me["buttons"][kind].pk, "id": [of[kind].pk]}, gone=True),
        ]

    return calls


def _of_kind(kind):
    known = KINDS[kind]
    entries = {
        PATHS[kind]: _list(kind),
        f"{kind}-new": _new,
        known.url_name: lambda me, of: [
            Call(args=[of[kind].pk], gone=True),
            Call(args=[of[kind].pk], query={"panel": "payment"}, gone=True),
        ],
        f"{kind}-edit": _edit(kind),
        f"{kind}-activity": lambda me, of: [
            Call(args=[of[kind].pk], query={"after": "2026-03-02T09:00:00+00:00_99"}, gone=True)
        ],
        f"{kind}-note": _one(kind, text="Essai"),
        f"{kind}-delete": _one(kind),
    }
    if known.automatable:
        entries |= {
            f"{kind}-status": _one(kind, status="cancelled"),
            f"{kind}-press": lambda me, of: [
                Call(args=[of[kind].pk], data={"automation": me["buttons"][kind].pk}, gone=True),
                Call(args=[me[kind].pk], data={"automation": of["buttons"][kind].pk}, gone=True),
            ],
            f"{kind}-press-many": _press_many(kind),
        }
    return entries


def _contact(me, of):
    data = {"name": "Essai", "email": "essai@exemple.fr", "language": "fr"}
    return [
        Call(args=[client.pk, of["contact"].pk], data=data, gone=True) for client in _both(of["client"], me["client"])
    ]


def _payment(me, of):
    return [Call(args=[invoice.pk, of["payment"].pk], gone=True) for invoice in _both(of["invoice"], me["invoice"])]


def _both(theirs, mine):
    return [theirs] if theirs == mine else [theirs, mine]


def _stage(me, of):
    return [
        Call(args=[of["opportunity"].pk], data={"stage": me["opportunity"].stage_id}, gone=True),
        Call(args=[me["opportunity"].pk], data={"stage": of["opportunity"].stage_id}, gone=True),
    ]


def _tasks(me, of):
    return [Call(), Call(query={"view": "team"}), Call(query={"view": "done"})]


def _task_new(me, of):
    return [
        Call(query={"about": f"quote-{of['quote'].pk}"}, data={"title": "Essai"}, gone=True),
        Call(data={"title": "Essai", "assignee": of["colleague"].pk}),
    ]


def _task_edit(me, of):
    data = {"title": "Essai", "assignee": of["colleague"].pk}
    return [Call(args=[of["task"].pk], data=data, gone=True), Call(args=[me["task"].pk], data=data)]


def _import(action, **data):
    return {f"import-{action}": lambda me, of: [Call(args=[of["upload"].pk], data=data, gone=True)]}


TABLE = {
    **{name: calls for kind in PATHS for name, calls in _of_kind(kind).items()},
    **{f"{source}-to-{new}": _one(source) for source, new in SOURCES},
    "opportunities": lambda me, of: [Call(), Call(query={"pipeline": of["opportunity"].pipeline_id})],
    "clients-suggest": lambda me, of: [Call(query={"client": "beau"}), Call(query={"client": str(of["client"].pk)})],
    "quote-issue": _one("quote"),
    "invoice-issue": _one("invoice"),
    "invoice-payments": _one("invoice", amount="10", paid_on="2026-03-02", method="transfer"),
    "invoice-payment-remove": _payment,
    "contract-renew": _one("contract"),
    "opportunity-stage": _stage,
    "client-contacts": _one("client", name="Essai", email="essai@exemple.fr", language="fr"),
    "client-contact": _contact,
    "client-contact-remove": _contact,
    "client-pause": _one("client", until="2027-01-01"),
    "client-resume": _one("client"),
    "tasks": _tasks,
    "task-new": _task_new,
    "task": _one("task"),
    "task-edit": _task_edit,
    "task-complete": _one("task"),
    "task-reopen": _one("task"),
    "task-cancel": _one("task"),
    "task-postpone": _one("task"),
    "import": lambda me, of: [Call(args=[path]) for path in ("clients", "quotes", "invoices", "events")],
    **_import("columns", **{"column-0": "name"}),
    **_import("check"),
    **_import("wrong-rows"),
    **_import("run", skip="yes"),
    **_import("result"),
    "search": lambda me, of: [Call(query={"q": "beau"}), Call(query={"q": "F-2026"}), Call(query={"q": "appeler"})],
    "notifications": lambda me, of: [Call(), Call(query={"after": "2030-01-01T00:00:00+00:00_1"})],
    "notifications-read": lambda me, of: [Call(data={"id": of["notification"].pk}), Call()],
}
