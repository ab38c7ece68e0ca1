"""The names of an organisation's members, e-mail templates and stages, for texts about its automations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rouage.accounts.models import Member, Organisation
from rouage.mail.models import EmailTemplate
from rouage.records.models import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Everybody and everything by number, those who left included: old versions still name them.

    ``outcomes``: what an opportunity is in each stage.
    """

    members: Mapping[int, str] = field(default_factory=dict)
    templates: Mapping[int, str] = field(default_factory=dict)
    stages: Mapping[int, str] = field(default_factory=dict)
    outcomes: Mapping[int, str] = field(default_factory=dict)
    zone: str = "Europe/Paris"
    currency: str = "EUR"


NAMELESS = Names()


def names_of(organisation_id: int) -> Names:
    """Four queries."""
    zone, currency = Organisation.objects.values_list("zone", "currency").get(id=organisation_id)
    members = Member.objects.filter(organisation_id=organisation_id).values_list("id", "user__name")
    templates = EmailTemplate.objects.filter(organisation_id=organisation_id).values_list("id", "name")
    stages = list(Stage.objects.filter(organisation_id=organisation_id).order_by().values_list("id", "name", "outcome"))
    return Names(
        members=dict(members),
        templates=dict(templates),
        stages={id_: name for id_, name, _ in stages},
        outcomes={id_: outcome for id_, _, outcome in stages},
        zone=zone,
        currency=currency,
    )
