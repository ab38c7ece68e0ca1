import pytest

from rouage.accounts.access import NotFound, Refused
from rouage.accounts.privileges import Privilege, Role
from rouage.records import access, commands
from rouage.records.kinds import KINDS
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.records import ACTOR, make_client, make_invoice, make_opportunity, make_record, pay

pytestmark = [pytest.mark.django_db, pytest.mark.req("ACC-1")]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_access_record_of_the_own_organisation_only(kind):
    organisation = make_organisation()
    member, stranger = make_member(organisation), make_member()
    record = make_record(kind, organisation, **({"status": "draft"} if kind == "invoice" else {}))
    assert access.access_record(member, kind, record.pk) == record
    for who, number in ((stranger, record.pk), (member, record.pk + 1000)):
        with pytest.raises(NotFound):
            access.access_record(who, kind, number)
    commands.delete_record(ACTOR, record, now=NOW)
    with pytest.raises(NotFound):
        access.access_record(member, kind, record.pk)


def test_access_record_of_an_unknown_kind_is_not_found():
    with pytest.raises(NotFound):
        access.access_record(make_member(), "planet", 1)
    with pytest.raises(NotFound):
        access.access_records(make_member(), "planet", [1])


@pytest.mark.req("ACC-2")
def test_access_needs_the_privilege():
    organisation = make_organisation()
    reader = make_member(organisation, role=Role.READER)
    nobody = make_member(organisation, privileges=set())
    client = make_client(organisation)
    invoice = make_invoice(client)
    payment = pay(invoice, "1")
    opportunity = make_opportunity(client)
    looks = [
        lambda who, privilege: access.access_record(who, "invoice", invoice.pk, privilege),
        lambda who, privilege: access.access_records(who, "invoice", [invoice.pk], privilege),
        lambda who, privilege: access.access_contact(who, client.contacts.get().pk, privilege),
        lambda who, privilege: access.access_payment(who, payment.pk, privilege),
        lambda who, privilege: access.access_pipeline(who, opportunity.pipeline_id, privilege),
        lambda who, privilege: access.access_stage(who, opportunity.stage_id, privilege),
    ]
    for look in looks:
        look(reader, Privilege.SEE_RECORDS)
        for who, privilege in ((reader, Privilege.EDIT_RECORDS), (nobody, Privilege.SEE_RECORDS)):
            with pytest.raises(Refused):
                look(who, privilege)


def test_access_records_wants_all_of_them():
    organisation = make_organisation()
    member = make_member(organisation)
    mine = [make_record("quote", organisation) for _ in range(2)]
    foreign = make_record("quote")
    ids = [record.pk for record in mine]
    assert access.access_records(member, "quote", ids) == mine
    with pytest.raises(NotFound):
        access.access_records(member, "quote", [*ids, foreign.pk])


def test_parts_of_other_organisations_are_not_found():
    stranger = make_member()
    client = make_client()
    payment = pay(make_invoice(client), "1")
    opportunity = make_opportunity(client)
    for look in (
        lambda: access.access_contact(stranger, client.contacts.get().pk),
        lambda: access.access_payment(stranger, payment.pk),
        lambda: access.access_pipeline(stranger, opportunity.pipeline_id),
        lambda: access.access_stage(stranger, opportunity.stage_id),
    ):
        with pytest.raises(NotFound):
            look()


def test_accessed_record_brings_its_organisation_along(django_assert_num_queries):
    organisation = make_organisation()
    member = make_member(organisation)
    record = make_record("quote", organisation)
    found = access.access_record(member, "quote", record.pk)
    with django_assert_num_queries(0):
        assert found.organisation == member.organisation
