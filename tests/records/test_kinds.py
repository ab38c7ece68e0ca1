import pytest
from django.utils import translation

from rouage.planner.operators import FieldType
from rouage.records import snapshot
from rouage.records.kinds import KINDS
from rouage.records.reading import fields_of
from rouage.records.rules import MOMENTS, ORDERED, SEARCHED
from tests.factories.records import make_record

KIND_KEYS = ("client", "contract", "event", "intervention", "invoice", "opportunity", "quote", "task")


@pytest.fixture(params=KIND_KEYS)
def kind(request):
    return KINDS[request.param]


def test_registry_holds_every_kind():
    assert tuple(sorted(KINDS)) == KIND_KEYS


def test_transitions_name_known_statuses(kind):
    known = {status.key for status in kind.statuses}
    assert set(kind.transitions) <= known
    assert all(set(following) <= known - {old} for old, following in kind.transitions.items())


def test_stop_statuses_are_known(kind):
    assert set(kind.stop) <= {status.key for status in kind.statuses}


@pytest.mark.req("AUT-9")
@pytest.mark.parametrize(
    ("key", "stop"),
    [
        ("quote", ("accepted", "refused", "invoiced", "cancelled")),
        ("invoice", ("paid", "cancelled", "credited")),
        ("intervention", ("done", "cancelled")),
        ("event", ("cancelled",)),
        ("contract", ("notice_given", "ended", "terminated")),
        ("opportunity", ("won", "lost")),
    ],
)
def test_stop_conditions_have_ready_defaults(key, stop):
    assert KINDS[key].stop == stop


@pytest.mark.req("REC-2", "REC-3")
@pytest.mark.parametrize(
    ("key", "statuses"),
    [
        ("quote", "draft sent opened accepted refused expired invoiced cancelled"),
        ("invoice", "draft sent opened partially_paid paid overdue cancelled credited"),
    ],
)
def test_statuses_of_documents_are_those_of_the_specification(key, statuses):
    assert [status.key for status in KINDS[key].statuses] == statuses.split()


@pytest.mark.parametrize(
    ("key", "labels"),
    [
        ("quote", ["Brouillon", "Envoyé", "Ouvert", "Accepté", "Refusé", "Expiré", "Facturé", "Annulé"]),
        (
            "invoice",
            ["Brouillon", "Envoyée", "Ouverte", "Payée en partie", "Payée", "En retard", "Annulée", "Avoir émis"],
        ),
        ("event", ["Demande", "Option", "Confirmé", "Terminé", "Annulé"]),
        ("intervention", ["À planifier", "Planifiée", "En cours", "Terminée", "Annulée"]),
        ("contract", ["Brouillon", "Actif", "Préavis donné", "Échu", "Résilié"]),
        ("opportunity", ["Ouverte", "Gagnée", "Perdue"]),
        ("task", ["À faire", "Terminée", "Annulée"]),
    ],
)
def test_status_labels_have_the_gender_of_their_kind(key, labels):
    with translation.override("fr"):
        assert [str(KINDS[key].status_label(status.key)) for status in KINDS[key].statuses] == labels


def test_status_label_of_an_unknown_status_is_the_status():
    assert KINDS["quote"].status_label("vanished") == "vanished"


def test_every_label_differs_in_french_and_english(kind):
    same = {
        "Client",
        "Code",
        "Description",
        "Brief",
        "Intervention",
        "Interventions",
        "Type",
        "Clients",
        "Pipeline",
        "Email",
    }
    for language, other in (("fr", "en"), ("en", "fr")):
        with translation.override(language):
            here = [str(field.label) for field in kind.fields]
        with translation.override(other):
            there = [str(field.label) for field in kind.fields]
        assert {a for a, b in zip(here, there, strict=True) if a == b} <= same


def test_writable_fields_have_columns_that_people_may_change_too(kind):
    columns = fields_of(kind.model)
    for field in kind.fields:
        if field.writable:
            assert field.column in columns
            assert field.column in kind.editable


def test_editable_and_linked_columns_exist(kind):
    assert kind.editable | kind.linked | set(kind.required) <= set(fields_of(kind.model))


def test_date_fields_are_dates(kind):
    assert all(field.type in {FieldType.DATE, FieldType.MOMENT} for field in kind.date_fields)


def test_rules_name_columns_that_exist():
    for table in (SEARCHED, ORDERED, MOMENTS):
        for key, columns in table.items():
            flat = columns.values() if isinstance(columns, dict) else columns
            named = {name for entry in flat for name in (entry if isinstance(entry, tuple) else (entry,))}
            assert named <= set(fields_of(KINDS[key].model))


@pytest.mark.django_db
def test_snapshot_holds_every_field_and_role_of_the_kind(kind):
    record = make_record(kind.key)
    facts = snapshot.take([(kind.key, record.pk)])[kind.key, record.pk]
    assert {field.name for field in kind.fields} <= set(facts)
    for role in kind.roles:
        assert {f"{role.key}.{part}" for part in ("id", "name", "email", "language")} <= set(facts)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["quote", "invoice", "event", "intervention", "contract", "opportunity"])
def test_label_in_the_snapshot_is_what_the_record_is_called(key):
    record = make_record(key)
    label = snapshot.take([(key, record.pk)])[key, record.pk]["label"]
    assert label
    assert label in str(record)
