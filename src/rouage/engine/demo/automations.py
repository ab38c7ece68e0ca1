"""The demo company's automations, as the JSON that the editor would save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

type Json = dict[str, Any]


def email(recipient: str, template: int, *, timing: Json | None = None, reminder: bool = False) -> Json:
    config = {"recipients": {"roles": [recipient]}, "template": template, "reminder": reminder}
    return _step("send_email", config, timing)


def task(title: str, role: str = "owner", *, members: Sequence[int] = (), timing: Json | None = None) -> Json:
    people = {"members": list(members)} if members else {"roles": [role]}
    return _step("create_task", {"title": title, "people": people, "due_in": 1}, timing)


def _step(action: str, config: Json, timing: Json | None = None) -> Json:
    return {"action": {"type": action, "config": config}, **({"timing": timing} if timing else {})}


def after(days: int, at: str | None = "09:00") -> Json:
    return {"type": "later", "amount": days, "unit": "days", "at": at}


def around(field: str, days: int, direction: str, at: str = "09:00") -> Json:
    return {"type": "around", "field": field, "amount": days, "unit": "days", "direction": direction, "at": at}


def at_date(field: str, days: int, direction: str, at: str = "09:00") -> Json:
    config = {"field": field, "amount": days, "unit": "days", "direction": direction, "at": at}
    return {"type": "date_reached", "config": config}


def to_status(*statuses: str) -> Json:
    return {"type": "status_changed", "config": {"to_statuses": list(statuses)}}


def row(field: str, operator: str, value: object) -> Json:
    return {"mode": "all", "of": [{"field": field, "operator": operator, "value": value}]}


def definitions(templates: Mapping[str, int], members: Mapping[str, int]) -> Mapping[str, Json]:
    """Name -> definition. ``templates`` and ``members``: ids by name."""
    return {**_of_documents(templates), **_of_the_field(templates, members["sophie"])}


def _of_documents(templates: Mapping[str, int]) -> Mapping[str, Json]:
    client = "contact.document"
    limits = {"gap_days": 3, "cap": 2, "period_days": 7}
    return {
        "Relances de devis": {
            "kind": "quote",
            "trigger": to_status("sent"),
            "conditions": row("total_net", "is_at_least", 500),
            "limits": limits,
            "steps": [
                email(client, templates["Relance 1"], timing=after(7), reminder=True),
                email(client, templates["Relance 2"], timing=after(7), reminder=True),
                task("Appeler {{ client.name }} au sujet du devis {{ number }}", timing=after(3)),
            ],
        },
        "Relances de factures impayées": {
            "kind": "invoice",
            "trigger": at_date("due_date", 3, "after", "09:30"),
            "conditions": row("balance", "is_more_than", 0),
            "limits": limits,
            "steps": [
                email("contact.dunning", templates["Rappel 1"], reminder=True),
                email("contact.dunning", templates["Rappel 2"], timing=after(10, "09:30"), reminder=True),
                task("Décider de la suite pour la facture {{ number }}", timing=after(10)),
            ],
        },
        "Devis accepté : prévenir le responsable": {
            "kind": "quote",
            "trigger": to_status("accepted"),
            "steps": [
                _step("notify_member", {"people": {"roles": ["owner"]}, "text": "{{ number }} est accepté. À vous !"}),
                _step("add_note", {"text": "Accepté : la préparation peut commencer."}),
                _step("call_webhook", {"method": "POST", "url": "https://compta.lumen-et-fils.example/devis"}),
            ],
        },
        "Demande d’avis": {
            "kind": "invoice",
            "trigger": at_date("paid_on", 5, "after", "10:00"),
            "stop_defaults": False,
            "steps": [email("contact.document", templates["Votre avis"])],
        },
    }


def _of_the_field(templates: Mapping[str, int], sophie: int) -> Mapping[str, Json]:
    return {
        "Email de la planification d’une intervention": {
            "kind": "intervention",
            "trigger": to_status("planned"),
            "steps": [email("contact.main", templates["Intervention planifiée"])],
        },
        "Brief technique à J-7": {
            "kind": "event",
            "trigger": at_date("start_at", 7, "before"),
            "steps": [
                email("lead", templates["Brief technique"]),
                task("Valider le plan de feu de « {{ name }} »", "lead"),
            ],
        },
        "Maintenance : tâche de renouvellement": {
            "kind": "contract",
            "trigger": at_date("renewal_date", 30, "before"),
            "steps": [task("Préparer le renouvellement du contrat {{ number }}", members=[sophie])],
        },
        "Remerciement après évènement": {
            "kind": "event",
            "trigger": at_date("end_at", 2, "after", "10:00"),
            "steps": [email("contact.main", templates["Merci"])],
        },
        "Opportunité gagnée : préparer l’évènement": {
            "kind": "opportunity",
            "trigger": to_status("won"),
            "stop_defaults": False,
            "steps": [task("Envoyer le brief à {{ client.name }}")],
        },
        "Opportunité dormante": {
            "kind": "opportunity",
            "trigger": {"type": "idle", "config": {"days": 21, "at": "09:00"}},
            "steps": [
                _step("notify_member", {"people": {"roles": ["owner"]}, "text": "« {{ name }} » dort depuis 21 jours."})
            ],
        },
    }
