"""What people choose from in forms and filters: clients, contacts, members, stages of one organisation."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from rouage.accounts import queries as people
from rouage.records.models import Client, Contact, Contract, Pipeline, Stage
from rouage.records.search import fold

SUGGESTED = 30
type Choices = list[tuple[str, str]]


def client_label(client: Client) -> str:
    """Tells two clients of one name apart: the code behind the name, else the town."""
    more = client.code or client.city
    return f"{client.name} ({more})" if more else client.name


def clients(organisation_id: int) -> QuerySet[Client]:
    return Client.objects.filter(organisation_id=organisation_id, deleted_at__isnull=True)


def suggest_clients(organisation_id: int, text: str = "") -> Sequence[Client]:
    """The first ones, by name, whose name, code, email or town has the text."""
    found = clients(organisation_id)
    wanted = fold(text.partition("(")[0])
    if wanted:
        found = found.filter(search_text__contains=wanted)
    return found.order_by("name", "id")[:SUGGESTED]


def find_clients(organisation_id: int, text: str) -> Sequence[Client]:
    """Those that the typed text means: by label, name or code; else the one whose name, code or town has it.

    More than one when nobody can tell; the person then chooses by the label.
    """
    text = text.strip()
    name, _, more = text.removesuffix(")").partition(" (")
    exact = list(
        clients(organisation_id).filter(Q(name__iexact=text) | Q(name__iexact=name) | Q(code__iexact=text))[:SUGGESTED]
    )
    same = [client for client in exact if client_label(client).casefold() == text.casefold()]
    if same or exact:
        return same or ([] if more else exact)
    return suggest_clients(organisation_id, text)


def contacts(client_id: int | None) -> Sequence[Contact]:
    """Of a client that has been looked up in its organisation."""
    if client_id is None:
        return ()
    return Contact.objects.filter(client_id=client_id, deleted_at__isnull=True).order_by("-is_main", "name", "id")


def contact_choices(client_id: int | None) -> Choices:
    return [(str(contact.pk), contact.name or contact.email) for contact in contacts(client_id)]


def member_choices(organisation_id: int) -> Choices:
    """Those who still work here."""
    return [(str(member.pk), member.user.name) for member in people.members(organisation_id)]


def contract_choices(client_id: int | None) -> Choices:
    if client_id is None:
        return []
    found = Contract.objects.filter(client_id=client_id, deleted_at__isnull=True).order_by("-id")
    return [(str(contract.pk), f"{contract.number} {contract.name}".strip()) for contract in found[:100]]


def pipelines(organisation_id: int) -> Sequence[Pipeline]:
    found = Pipeline.objects.filter(organisation_id=organisation_id, deleted_at__isnull=True)
    return list(found.order_by("position", "id"))


def stages(organisation_id: int, pipeline_id: int | None = None) -> QuerySet[Stage]:
    """In the order of the pipelines, then of their stages."""
    found = Stage.objects.filter(
        organisation_id=organisation_id, deleted_at__isnull=True, pipeline__deleted_at__isnull=True
    )
    if pipeline_id is not None:
        found = found.filter(pipeline_id=pipeline_id)
    return found.select_related("pipeline").order_by("pipeline__position", "pipeline_id", "position", "id")
