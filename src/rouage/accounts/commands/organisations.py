"""Makes an organisation with its four profiles, and changes what it says of itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import override

from rouage.accounts.changes import change
from rouage.accounts.commands.settings import place_errors
from rouage.accounts.errors import Invalid
from rouage.accounts.models import Organisation, Profile
from rouage.accounts.privileges import ROLE_LABELS, ROLES
from rouage.accounts.validation import currency_error, email_error, errors_of, language_error, name_error
from rouage.journal.actors import SYSTEM, Actor
from rouage.journal.append import append_entry

_NAME = 100


def create_organisation(
    name: str,
    *,
    now: datetime,
    actor: Actor = SYSTEM,
    language: str = "fr",
    zone: str = "Europe/Paris",
    country: str = "FR",
    region: str = "",
    currency: str = "EUR",
    email: str = "",
) -> Organisation:
    """Raises Invalid. The profiles carry the names of the roles in the organisation's language."""
    errors = _errors(name, language, currency, email) | place_errors(zone, country, region)
    if errors:
        raise Invalid(errors)
    with transaction.atomic():
        organisation = Organisation.objects.create(
            name=name.strip(),
            language=language,
            zone=zone,
            country=country,
            region=region,
            currency=currency,
            email=email.strip(),
            created_at=now,
        )
        _create_profiles(organisation)
        append_entry(
            organisation_id=organisation.id,
            verb="organisation.created",
            actor=actor,
            kind="organisation",
            record_id=organisation.id,
            data={"name": organisation.name},
            now=now,
        )
    return organisation


def change_organisation(
    actor: Actor, organisation: Organisation, *, name: str, language: str, currency: str, email: str, now: datetime
) -> Organisation:
    """Change what is not the calendar. Raises Invalid."""
    if errors := _errors(name, language, currency, email):
        raise Invalid(errors)
    values = {"name": name.strip(), "language": language, "currency": currency, "email": email.strip()}
    change(organisation, values, kind="organisation", actor=actor, now=now)
    return organisation


def _create_profiles(organisation: Organisation) -> None:
    with override(organisation.language):
        Profile.objects.bulk_create(
            Profile(
                organisation=organisation,
                name=str(ROLE_LABELS[role]),
                role=role,
                privileges=sorted(privileges),
            )
            for role, privileges in ROLES.items()
        )


def _errors(name: str, language: str, currency: str, email: str) -> dict[str, str]:
    return errors_of(
        name=name_error(name, _NAME),
        language=language_error(language),
        currency=currency_error(currency),
        email=email_error(email) if email.strip() else "",
    )
