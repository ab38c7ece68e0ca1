"""Reads what an organisation has that a definition may name."""

from __future__ import annotations

from rouage.accounts.models import Member
from rouage.automations.validation import Scope
from rouage.mail.models import EmailTemplate
from rouage.records.models import Stage


def scope_of(organisation_id: int) -> Scope:
    """Three queries."""
    members = Member.objects.filter(organisation_id=organisation_id, is_active=True).values_list("id", flat=True)
    stages = Stage.objects.filter(organisation_id=organisation_id, deleted_at__isnull=True).order_by()
    templates = EmailTemplate.objects.filter(organisation_id=organisation_id).values_list("id", "subject", "body")
    return Scope(
        members=frozenset(members),
        stages=dict(stages.values_list("id", "outcome")),
        templates={id_: (subject, body) for id_, subject, body in templates},
    )
