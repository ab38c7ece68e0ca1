"""What actions know of an organisation beside the record: its settings, members and e-mail templates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import models

from rouage.accounts.models import Member, Organisation, User
from rouage.automations.context import MemberFacts, OrganisationFacts, TemplateFacts
from rouage.journal import bulk
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
    among, these = bulk.id_list(list(ids))
    return [
        OrganisationFacts(id=id_, name=name, language=language, zone=zone, currency=currency, email=email)
        for id_, name, language, zone, currency, email in bulk.query(_ORGANISATIONS + among, (these,))
    ]


def _members(ids: set[int]) -> dict[int, dict[int, MemberFacts]]:
    found: dict[int, dict[int, MemberFacts]] = defaultdict(dict)
    among, these = bulk.id_list(list(ids))
    for organisation_id, id_, name, email, language in bulk.query(_MEMBERS + among, (these,)):
        found[organisation_id][id_] = MemberFacts(id=id_, name=name, email=email, language=language)
    return found


def _templates(ids: set[int]) -> dict[int, dict[int, TemplateFacts]]:
    found: dict[int, dict[int, TemplateFacts]] = defaultdict(dict)
    among, these = bulk.id_list(list(ids))
    for organisation_id, id_, name, language, subject, body in bulk.query(_TEMPLATES + among, (these,)):
        found[organisation_id][id_] = TemplateFacts(id=id_, name=name, language=language, subject=subject, body=body)
    return found


def _table(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'


# Plain statements: three query sets for each batch took a twentieth of its time.
_ORGANISATIONS = f"select id, name, language, zone, currency, email from {_table(Organisation)} where id "  # noqa: S608 -- names of tables
_MEMBERS = (
    f"select m.organisation_id, m.id, u.name, u.email, m.language from {_table(Member)} m "  # noqa: S608 -- same
    f"join {_table(User)} u on u.id = m.user_id where m.is_active and m.organisation_id "
)
_TEMPLATES = (
    f"select organisation_id, id, name, language, subject, body from {_table(EmailTemplate)} "  # noqa: S608 -- same
    "where organisation_id "
)
