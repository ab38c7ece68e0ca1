"""What actions know of an organisation beside the record: its settings, members and e-mail templates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rouage.accounts.models import Member, Organisation
from rouage.automations.context import MemberFacts, OrganisationFacts, TemplateFacts
from rouage.mail.models import EmailTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """``members`` are the active ones."""

    organisation: OrganisationFacts
    members: Mapping[int, MemberFacts]
    templates: Mapping[int, TemplateFacts]


def load(organisation_ids: Collection[int]) -> dict[int, Surroundings]:
    """The surroundings of each organisation; three queries, however many they are."""
    ids = set(organisation_ids)
    members, templates = _members(ids), _templates(ids)
    return {
        facts.id: Surroundings(organisation=facts, members=members[facts.id], templates=templates[facts.id])
        for facts in _organisations(ids)
    }


def _organisations(ids: set[int]) -> list[OrganisationFacts]:
    rows = Organisation.objects.filter(id__in=ids).values_list("id", "name", "language", "zone", "currency", "email")
    return [
        OrganisationFacts(id=id_, name=name, language=language, zone=zone, currency=currency, email=email)
        for id_, name, language, zone, currency, email in rows
    ]


def _members(ids: set[int]) -> dict[int, dict[int, MemberFacts]]:
    found: dict[int, dict[int, MemberFacts]] = defaultdict(dict)
    rows = Member.objects.filter(organisation_id__in=ids, is_active=True).values_list(
        "organisation_id", "id", "user__name", "user__email", "language"
    )
    for organisation_id, id_, name, email, language in rows:
        found[organisation_id][id_] = MemberFacts(id=id_, name=name, email=email, language=language)
    return found


def _templates(ids: set[int]) -> dict[int, dict[int, TemplateFacts]]:
    found: dict[int, dict[int, TemplateFacts]] = defaultdict(dict)
    rows = EmailTemplate.objects.filter(organisation_id__in=ids).values_list(
        "organisation_id", "id", "name", "language", "subject", "body"
    )
    for organisation_id, id_, name, language, subject, body in rows:
        found[organisation_id][id_] = TemplateFacts(id=id_, name=name, language=language, subject=subject, body=body)
    return found
