from datetime import timedelta

import pytest

from rouage.journal.models import DomainEvent, Entry
from rouage.records import commands
from rouage.records.errors import Invalid, Refused
from rouage.records.models import Opportunity, Pipeline, Stage
from tests.factories.accounts import NOW, make_organisation
from tests.factories.records import ACTOR, make_client, make_opportunity

pytestmark = [pytest.mark.django_db, pytest.mark.req("REC-5")]
LATER = NOW + timedelta(hours=3)


def names(pipeline):
    return [(stage.name, stage.outcome) for stage in Stage.objects.filter(pipeline=pipeline, deleted_at=None)]


def stage(pipeline, name):
    return Stage.objects.get(pipeline=pipeline, name=name, deleted_at=None)


def test_new_pipeline_has_the_usual_stages_in_the_organisations_language():
    french = commands.create_pipeline(ACTOR, make_organisation(), now=NOW)
    english = commands.create_pipeline(ACTOR, make_organisation(language="en"), now=NOW)
    assert french.name == "Ventes"
    assert names(french) == [
        ("Nouvelle", "open"), ("Qualifiée", "open"), ("Proposition", "open"), ("Négociation", "open"),
        ("Gagnée", "won"), ("Perdue", "lost"),
    ]  # fmt: skip
    assert english.name == "Sales"
    assert names(english)[0] == ("New", "open")


def test_first_opportunity_makes_the_first_pipeline():
    organisation = make_organisation()
    first, second = make_opportunity(make_client(organisation)), make_opportunity(make_client(organisation))
    assert Pipeline.objects.filter(organisation=organisation).count() == 1
    assert first.stage_id == second.stage_id
    assert (first.status, first.stage.name) == ("open", "Nouvelle")


def test_move_stage_tells_from_and_to():
    opportunity = make_opportunity()
    old = opportunity.stage
    new = stage(opportunity.pipeline, "Proposition")
    assert commands.move_stage(ACTOR, opportunity, new, now=LATER)
    opportunity.refresh_from_db()
    assert (opportunity.stage_id, opportunity.status, opportunity.last_activity_at) == (new.pk, "open", LATER)
    told = DomainEvent.objects.get(type="opportunity.stage_changed")
    assert (told.payload["from"], told.payload["to"]) == (old.pk, new.pk)
    assert not DomainEvent.objects.filter(type="opportunity.status_changed").exists()
    entry = Entry.objects.get(verb="opportunity.stage_changed")
    assert entry.data["names"]["stage.id"] == ["Nouvelle", "Proposition"]
    assert not commands.move_stage(ACTOR, opportunity, new, now=LATER)
    assert DomainEvent.objects.filter(type="opportunity.stage_changed").count() == 1


def test_won_stage_wins_and_back_is_open_again():
    opportunity = make_opportunity()
    commands.move_stage(ACTOR, opportunity, stage(opportunity.pipeline, "Gagnée"), now=LATER)
    opportunity.refresh_from_db()
    assert (opportunity.status, opportunity.won_at) == ("won", LATER)
    types = list(DomainEvent.objects.order_by("id").values_list("type", flat=True))[-2:]
    assert types == ["opportunity.stage_changed", "opportunity.status_changed"]
    payload = DomainEvent.objects.get(type="opportunity.status_changed").payload
    assert (payload["from"], payload["to"]) == ("open", "won")
    commands.move_stage(ACTOR, opportunity, stage(opportunity.pipeline, "Perdue"), now=LATER)
    opportunity.refresh_from_db()
    assert (opportunity.status, opportunity.won_at, opportunity.lost_at) == ("lost", None, LATER)
    commands.move_stage(ACTOR, opportunity, stage(opportunity.pipeline, "Nouvelle"), now=LATER)
    opportunity.refresh_from_db()
    assert (opportunity.status, opportunity.won_at, opportunity.lost_at) == ("open", None, None)


def test_status_of_an_opportunity_moves_it_to_the_stage_that_says_so():
    opportunity = make_opportunity()
    commands.change_status(ACTOR, opportunity, "won", now=LATER)
    opportunity.refresh_from_db()
    assert (opportunity.stage.name, opportunity.status, opportunity.won_at) == ("Gagnée", "won", LATER)


def test_move_to_another_pipeline():
    opportunity = make_opportunity()
    other = commands.create_pipeline(ACTOR, opportunity.organisation, "Maintenance", now=NOW)
    commands.move_stage(ACTOR, opportunity, stage(other, "Qualifiée"), now=LATER)
    opportunity.refresh_from_db()
    assert (opportunity.pipeline_id, opportunity.stage.name) == (other.pk, "Qualifiée")


@pytest.mark.req("ACC-1")
def test_stage_of_another_organisation_is_gone():
    opportunity = make_opportunity()
    foreign = commands.create_pipeline(ACTOR, make_organisation(), now=NOW)
    with pytest.raises(Refused) as caught:
        commands.move_stage(ACTOR, opportunity, stage(foreign, "Gagnée"), now=LATER)
    assert caught.value.reason.code == "record.gone"
    client = make_client()
    with pytest.raises(Refused):
        make_opportunity(client, stage=stage(foreign, "Gagnée"))
    assert Opportunity.objects.get().stage_id == opportunity.stage_id


@pytest.mark.parametrize(
    ("stages", "error"),
    [
        ([("A", "open"), ("B", "won")], Refused),
        ([("A", "open"), ("a", "won"), ("C", "lost")], Invalid),
        ([("A", "open"), (" ", "won"), ("C", "lost")], Invalid),
        ([("A", "maybe"), ("B", "won"), ("C", "lost")], Invalid),
    ],
)
def test_pipeline_needs_stages_that_make_sense(stages, error):
    with pytest.raises(error):
        commands.create_pipeline(ACTOR, make_organisation(), "Ventes", stages, now=NOW)
    assert not Pipeline.objects.exists()


def test_pipeline_names_are_unique_in_an_organisation():
    organisation = make_organisation()
    first = commands.create_pipeline(ACTOR, organisation, "Ventes", now=NOW)
    with pytest.raises(Invalid):
        commands.create_pipeline(ACTOR, organisation, "ventes", now=NOW)
    second = commands.create_pipeline(ACTOR, organisation, "Chantiers", now=NOW)
    with pytest.raises(Invalid):
        commands.rename_pipeline(ACTOR, second, "Ventes", now=NOW)
    commands.rename_pipeline(ACTOR, second, "Grands chantiers", now=NOW)
    assert Entry.objects.get(verb="pipeline.changed").data["changes"] == {"name": ["Chantiers", "Grands chantiers"]}
    commands.rename_pipeline(ACTOR, first, "Ventes", now=NOW)
    commands.create_pipeline(ACTOR, make_organisation(), "Ventes", now=NOW)


def test_added_stage_stands_last_of_its_outcome():
    pipeline = commands.create_pipeline(ACTOR, make_organisation(), now=NOW)
    commands.add_stage(ACTOR, pipeline, "Relance", now=NOW)
    commands.add_stage(ACTOR, pipeline, "Abandonnée", outcome="lost", now=NOW)
    assert [name for name, _ in names(pipeline)] == [
        "Nouvelle", "Qualifiée", "Proposition", "Négociation", "Relance", "Gagnée", "Perdue", "Abandonnée",
    ]  # fmt: skip
    with pytest.raises(Invalid):
        commands.add_stage(ACTOR, pipeline, "relance", now=NOW)


def test_stages_are_renamed_and_ordered():
    pipeline = commands.create_pipeline(ACTOR, make_organisation(), now=NOW)
    commands.rename_stage(ACTOR, stage(pipeline, "Nouvelle"), "Entrante", now=NOW)
    ids = list(Stage.objects.filter(pipeline=pipeline).values_list("id", flat=True))
    commands.order_stages(ACTOR, pipeline, [ids[1], ids[0], *ids[2:]], now=NOW)
    assert [name for name, _ in names(pipeline)][:2] == ["Qualifiée", "Entrante"]
    with pytest.raises(Invalid):
        commands.order_stages(ACTOR, pipeline, ids[1:], now=NOW)
    with pytest.raises(Invalid):
        commands.order_stages(ACTOR, pipeline, [*ids, ids[0]], now=NOW)


def test_stage_in_use_or_last_of_its_kind_stays():
    opportunity = make_opportunity()
    with pytest.raises(Refused) as caught:
        commands.delete_stage(ACTOR, opportunity.stage, now=NOW)
    assert (caught.value.reason.code, caught.value.reason.data) == ("stage.in_use", {"count": 1})
    with pytest.raises(Refused) as caught:
        commands.delete_stage(ACTOR, stage(opportunity.pipeline, "Gagnée"), now=NOW)
    assert caught.value.reason.code == "stage.last"
    commands.delete_stage(ACTOR, stage(opportunity.pipeline, "Négociation"), now=NOW)
    assert ("Négociation", "open") not in names(opportunity.pipeline)


def test_pipeline_in_use_or_last_stays():
    opportunity = make_opportunity()
    with pytest.raises(Refused) as caught:
        commands.delete_pipeline(ACTOR, opportunity.pipeline, now=NOW)
    assert caught.value.reason.code == "pipeline.last"
    other = commands.create_pipeline(ACTOR, opportunity.organisation, "Maintenance", now=NOW)
    with pytest.raises(Refused) as caught:
        commands.delete_pipeline(ACTOR, opportunity.pipeline, now=NOW)
    assert caught.value.reason.code == "stage.in_use"
    commands.delete_pipeline(ACTOR, other, now=NOW)
    assert list(Pipeline.objects.filter(deleted_at=None)) == [opportunity.pipeline]
