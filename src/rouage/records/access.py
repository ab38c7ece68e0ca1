"""The look-up of records that respects organisation and privileges: the first thing every door does."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rouage.accounts.access import NotFound, require
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.records.kinds import KINDS
from rouage.records.models import Contact, Payment, Pipeline, Stage
from rouage.records.queries.lists import Filters, filtered


def access_record(member: Member, kind_key: str, record_id: int, privilege: Privilege = Privilege.SEE_RECORDS) -> Any:  # noqa: ANN401 -- the model object of the kind
    """The record, of the member's organisation and not deleted. Raises NotFound, and Refused without the privilege."""
    if kind_key not in KINDS:
        raise NotFound
    require(member, privilege)
    found = filtered(member.organisation_id, KINDS[kind_key], Filters()).filter(id=record_id).first()
    if found is None:
        raise NotFound
    # Commands read the zone and the currency: the member has its organisation at hand.
    found.organisation = member.organisation
    return found


def access_records(
    member: Member, kind_key: str, record_ids: Collection[int], privilege: Privilege = Privilege.SEE_RECORDS
) -> list[Any]:
    """All of them, for an action on many. Raises NotFound if one is missing."""
    if kind_key not in KINDS:
        raise NotFound
    require(member, privilege)
    wanted = set(record_ids)
    found = list(filtered(member.organisation_id, KINDS[kind_key], Filters()).filter(id__in=wanted).order_by("id"))
    if len(found) != len(wanted):
        raise NotFound
    for record in found:
        record.organisation = member.organisation
    return found


def access_contact(member: Member, contact_id: int, privilege: Privilege = Privilege.SEE_RECORDS) -> Contact:
    require(member, privilege)
    found = Contact.objects.select_related("client").filter(
        organisation_id=member.organisation_id, id=contact_id, deleted_at__isnull=True, client__deleted_at__isnull=True
    )
    return _only(found.first())


def access_payment(member: Member, payment_id: int, privilege: Privilege = Privilege.SEE_RECORDS) -> Payment:
    require(member, privilege)
    found = Payment.objects.select_related("invoice").filter(organisation_id=member.organisation_id, id=payment_id)
    return _only(found.first())


def access_pipeline(member: Member, pipeline_id: int, privilege: Privilege = Privilege.SEE_RECORDS) -> Pipeline:
    require(member, privilege)
    found = Pipeline.objects.filter(organisation_id=member.organisation_id, id=pipeline_id, deleted_at__isnull=True)
    return _only(found.first())


def access_stage(member: Member, stage_id: int, privilege: Privilege = Privilege.SEE_RECORDS) -> Stage:
    require(member, privilege)
    found = Stage.objects.select_related("pipeline").filter(
        organisation_id=member.organisation_id, id=stage_id, deleted_at__isnull=True
    )
    return _only(found.first())


def _only[T](found: T | None) -> T:
    if found is None:
        raise NotFound
    return found
