import pytest
from django.utils import translation

from rouage.planner.operators import FieldType
from rouage.records import commands, queries
from rouage.records.kinds import KINDS
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.records import ACTOR, make_client, make_invoice, make_opportunity, make_quote, make_record

pytestmark = pytest.mark.django_db


def test_search_finds_records_of_every_kind_by_their_client():
    organisation = make_organisation()
    client = make_client(organisation, name="Boulangerie Perrin")
    quote, invoice = make_quote(client), make_invoice(client)
    make_quote(make_client(organisation, name="Garage Morel"))
    make_quote(make_client(name="Boulangerie Perrin"))
    found = [(hit.kind, hit.id) for hit in queries.search(organisation.pk, "perrin")]
    assert sorted(found) == [("client", client.pk), ("invoice", invoice.pk), ("quote", quote.pk)]
    hit = next(hit for hit in queries.search(organisation.pk, "F-2026"))
    assert (hit.label, hit.client, hit.status) == ("F-2026-0001", "Boulangerie Perrin", "sent")


@pytest.mark.parametrize("text", ["", "   ", "\x00"])
def test_search_for_nothing_asks_nothing(text, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert queries.search(1, text) == []


def test_search_has_a_fixed_number_of_queries_and_a_limit(django_assert_num_queries):
    client = make_client(name="Perrin")
    for _ in range(3):
        make_quote(client)
    with django_assert_num_queries(len(KINDS)):
        found = queries.search(client.organisation_id, "perrin", size=2)
    assert [hit.kind for hit in found].count("quote") == 2


@pytest.mark.req("ACC-1")
def test_labels_of_many_records(django_assert_num_queries):
    organisation = make_organisation()
    mine = {kind: make_record(kind, organisation) for kind in KINDS}
    foreign = make_quote()
    refs = [(kind, record.pk) for kind, record in mine.items()]
    with django_assert_num_queries(len(KINDS)):
        found = queries.labels(organisation.pk, [*refs, ("quote", foreign.pk), ("planet", 1)])
    assert {ref: hit.label for ref, hit in found.items()} == {(kind, row.pk): str(row) for kind, row in mine.items()}


@pytest.mark.req("AUT-7")
def test_candidates_come_in_chunks_newest_first():
    client = make_client()
    made = [make_quote(client).pk for _ in range(5)]
    gone = make_quote(client)
    commands.delete_record(ACTOR, gone, now=NOW)
    make_quote()
    newest = sorted(made, reverse=True)
    assert list(queries.candidates("quote", client.organisation_id, chunk=2)) == [newest[:2], newest[2:4], newest[4:]]
    assert list(queries.candidates("quote", client.organisation_id)) == [newest]
    assert list(queries.candidates("event", client.organisation_id)) == []
    # A chunk that is just full is not followed by an empty one.
    assert [len(ids) for ids in queries.candidates("quote", client.organisation_id, chunk=5)] == [5]


def test_choices_are_those_of_the_kind_or_of_the_organisation():
    organisation = make_organisation()
    member = make_member(organisation, name="Camille Renaud")
    make_member(name="Ailleurs")
    opportunity = make_opportunity(make_client(organisation))
    make_opportunity()
    with translation.override("fr"):
        assert [str(choice.label) for choice in queries.choices(organisation.pk, "quote", "status")][:2] == [
            "Brouillon", "Envoyé",
        ]  # fmt: skip
        people = queries.choices(organisation.pk, "quote", "owner.id")
        assert [(choice.key, choice.label) for choice in people] == [(str(member.pk), "Camille Renaud")]
        stages = queries.choices(organisation.pk, "opportunity", "stage.id")
        assert [choice.label for choice in stages][:2] == ["Ventes, Nouvelle", "Ventes, Qualifiée"]
        assert stages[0].key == str(opportunity.stage_id)
        assert [choice.label for choice in queries.choices(organisation.pk, "opportunity", "pipeline.id")] == ["Ventes"]
        assert queries.choices(organisation.pk, "quote", "subject") == ()


def test_every_choice_field_has_choices_once_there_is_a_pipeline():
    organisation = make_organisation()
    make_member(organisation)
    make_opportunity(make_client(organisation))
    for kind in KINDS.values():
        for field in kind.fields:
            if field.type in {FieldType.CHOICE, FieldType.PERSON}:
                assert queries.choices(organisation.pk, kind.key, field.name), (kind.key, field.name)


def test_client_choices_by_name():
    organisation = make_organisation()
    names = ["Zoo", "Étang", "Abbaye"]
    for name in names:
        make_client(organisation, name=name)
    make_client(name="Étang")
    assert [client.name for client in queries.client_choices(organisation.pk)] == ["Abbaye", "Étang", "Zoo"]
    assert [client.name for client in queries.client_choices(organisation.pk, "etang")] == ["Étang"]
    assert len(queries.client_choices(organisation.pk, size=2)) == 2
