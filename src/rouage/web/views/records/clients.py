"""The contacts of a client, and the pause of a client's automations."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from rouage.accounts.access import NotFound
from rouage.accounts.privileges import Privilege
from rouage.records import commands
from rouage.records.access import access_contact, access_record
from rouage.records.errors import Invalid, Refused
from rouage.records.models import Client, Contact
from rouage.web.access import MemberRequest, action, actor
from rouage.web.components import dates
from rouage.web.forms.clients import ContactForm, PauseForm
from rouage.web.responses import go, toast
from rouage.web.views.records.actions import address, done
from rouage.web.views.records.details import page_of
from rouage.web.views.records.panels import CONTACT, PAUSE


def _client(request: MemberRequest, record_id: int) -> Client:
    client: Client = access_record(request.member, "client", record_id, Privilege.EDIT_RECORDS)
    return client


def _contact(request: MemberRequest, client: Client, contact_id: int) -> Contact:
    contact = access_contact(request.member, contact_id, Privilege.EDIT_RECORDS)
    if contact.client_id != client.pk:
        raise NotFound
    return contact


@action(Privilege.EDIT_RECORDS)
def save_contact(request: MemberRequest, record_id: int, contact_id: int | None = None) -> HttpResponse:
    """A new contact, or the changes of one."""
    client = _client(request, record_id)
    contact = _contact(request, client, contact_id) if contact_id is not None else None
    form = ContactForm(request.member, request.POST, contact=contact, language=client.language)
    if form.is_valid():
        by, now = actor(request), timezone.now()
        try:
            if contact is None:
                commands.add_contact(by, client, form.cleaned_data, now=now)
            else:
                commands.change_contact(by, contact, form.cleaned_data, now=now)
        except Invalid as error:
            form.take(error.errors)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            toast(request, _("Saved"))
            return go(request, address("client", record_id))
    more = {"panel_form": form, "contact": contact}
    return page_of(request, "client", record_id, panel=CONTACT, more=more, status=422)


@action(Privilege.EDIT_RECORDS)
def remove_contact(request: MemberRequest, record_id: int, contact_id: int) -> HttpResponse:
    client = _client(request, record_id)
    contact, by, now = _contact(request, client, contact_id), actor(request), timezone.now()
    said = _("%(name)s is no longer a contact.") % {"name": contact}
    return done(request, lambda: commands.remove_contact(by, contact, now=now), address("client", record_id), said)


@action(Privilege.EDIT_RECORDS)
def pause(request: MemberRequest, record_id: int) -> HttpResponse:
    client, now = _client(request, record_id), timezone.now()
    form = PauseForm(request.member, request.POST)
    if not form.is_valid():
        return page_of(request, "client", record_id, panel=PAUSE, more={"panel_form": form}, status=422)
    until = form.cleaned_data["until"]
    said = _("No automation writes to this client until %(day)s.") % {"day": dates.day(timezone.localdate(until))}
    by, place = actor(request), address("client", record_id)
    return done(request, lambda: commands.pause_client(by, client, until, now=now), place, said)


@action(Privilege.EDIT_RECORDS)
def resume(request: MemberRequest, record_id: int) -> HttpResponse:
    client, by, now = _client(request, record_id), actor(request), timezone.now()
    said = _("Automations write to this client again.")
    return done(request, lambda: commands.pause_client(by, client, None, now=now), address("client", record_id), said)
