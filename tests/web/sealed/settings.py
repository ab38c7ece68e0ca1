"""The addresses of the settings."""
# ruff: noqa: ARG005 -- every entry has the same form

from tests.web.sealed import Call

STAGE = {"name": "Essai", "outcome": "open"}


def _member(me, of):
    return [
        Call(args=[of["colleague"].pk], data={"profile": me["colleague"].profile_id}, gone=True),
        Call(args=[me["colleague"].pk], data={"profile": of["colleague"].profile_id}, gone=True),
    ]


def _add(me, of):
    data = {"name": "Essai", "email": "essai@exemple.fr", "profile": of["profile"].pk, "password": "correct-horse-9"}
    return [Call(data=data)]


def _one(thing, **data):
    return lambda me, of: [Call(args=[of[thing].pk], data=data, gone=True)]


TABLE = {
    "settings": lambda me, of: [Call()],
    "settings-organisation": lambda me, of: [Call(data={"name": "", "language": "fr", "currency": "EUR"})],
    "settings-calendar": lambda me, of: [Call(data={"zone": "Europe/Paris"})],
    "settings-closings": lambda me, of: [Call(data={"first_day": "2027-01-01"})],
    # Removing what is not there is no mistake: nothing happens, and nothing is said.
    "settings-closing-remove": lambda me, of: [Call(args=[of["closing"].pk])],
    "settings-members": lambda me, of: [Call()],
    "settings-member-new": _add,
    "settings-member-profile": _member,
    "settings-member-deactivate": _one("colleague"),
    "settings-member-reactivate": _one("colleague"),
    "settings-profiles": lambda me, of: [Call()],
    "settings-profile-new": lambda me, of: [Call(data={"name": ""})],
    "settings-profile": _one("profile", name="Essai", privileges=["see_records"]),
    "settings-profile-delete": _one("profile"),
    "settings-pipelines": lambda me, of: [Call()],
    "settings-pipeline-new": lambda me, of: [Call(data={"name": ""})],
    "settings-pipeline-rename": _one("pipeline", name="Essai"),
    "settings-pipeline-delete": _one("pipeline"),
    "settings-stages": _one("pipeline", **STAGE),
    "settings-stage-rename": _one("stage", name="Essai"),
    "settings-stage-move": _one("stage", to="down"),
    "settings-stage-delete": _one("stage"),
}
