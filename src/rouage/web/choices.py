"""What forms and filters offer: clients, contacts, members and contracts of one organisation."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from django.db.models import Q

from rouage.accounts import queries as people
from rouage.records.models import Client, Contact, Contract
from rouage.records.queries import client_choices
from rouage.records.search import fold

MOST = 100
type Choices = list[tuple[str, str]]


def client_label(client: Client) -> str:
    """Tells two clients of one name apart: the code behind the name, else the town."""
    more = client.code or ("" if fold(client.city) in fold(client.name) else client.city)
    return f"{client.name} ({more})" if more else client.name


def find_clients(organisation_id: int, text: str) -> Sequence[Client]:
    """Those that the typed text means: by label, name or code; else those that a search for it finds.

    More than one when nobody can tell; the person then chooses by the label.
    """
    text = text.replace("\x00", "").strip()
    name = text.removesuffix(")").rpartition(" (")[0] or text
    named = Q(name__iexact=name) | Q(name__iexact=text) | Q(code__iexact=text)
    exact = Client.objects.filter(named, organisation_id=organisation_id, deleted_at__isnull=True)
    # The database compares letters with their accents; the search without them, and only as far as its first hits.
    found = list(exact.order_by("name", "id")[:MOST]) or client_choices(organisation_id, name, size=MOST)
    for called in (client_label, attrgetter("code"), attrgetter("name")):
        same = [client for client in found if fold(called(client)) == fold(text)]
        if same:
            return same
    return found if fold(text) else ()


def find_client(organisation_id: int, client_id: int | None) -> Client | None:
    """None when it does not exist in the organisation."""
    if client_id is None:
        return None
    return Client.objects.filter(organisation_id=organisation_id, id=client_id, deleted_at__isnull=True).first()


def contact_choices(client: Client | None) -> Choices:
    if client is None:
        return []
    found = Contact.objects.filter(client=client, deleted_at__isnull=True).order_by("-is_main", "name", "id")
    return [(str(contact.pk), contact.name or contact.email) for contact in found[:MOST]]


def contract_choices(client: Client | None) -> Choices:
    if client is None:
        return []
    found = Contract.objects.filter(client=client, deleted_at__isnull=True).order_by("-id")
    return [(str(contract.pk), f"{contract.number} {contract.name}".strip()) for contract in found[:MOST]]


def member_choices(organisation_id: int) -> Choices:
    """Those who still work here."""
    return [(str(member.pk), member.user.name) for member in people.members(organisation_id)]
