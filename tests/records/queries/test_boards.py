from datetime import timedelta
from decimal import Decimal

import pytest

from rouage.records import commands, queries
from rouage.records.models import Stage
from rouage.records.queries import boards
from tests.factories.accounts import NOW, make_organisation
from tests.factories.records import ACTOR, make_client, make_opportunity

pytestmark = [pytest.mark.django_db, pytest.mark.req("REC-5")]


def test_board_has_a_lane_for_each_stage(django_assert_num_queries):
    client = make_client()
    first = make_opportunity(client, amount=Decimal(8400))
    second = make_opportunity(client, amount=Decimal("5800.50"), now=NOW + timedelta(hours=1))
    moved = make_opportunity(client, amount=None)
    proposal = Stage.objects.get(pipeline=first.pipeline, name="Proposition")
    commands.move_stage(ACTOR, moved, proposal, now=NOW)
    gone = make_opportunity(client)
    commands.delete_record(ACTOR, gone, now=NOW)
    with django_assert_num_queries(3):
        lanes = queries.board(client.organisation_id, first.pipeline_id)
        names = [[card.client.name for card in lane.opportunities] for lane in lanes]
    assert names[0] == [client.name] * 2
    assert [(lane.stage.name, lane.count, lane.amount, list(lane.opportunities)) for lane in lanes] == [
        ("Nouvelle", 2, Decimal("14200.50"), [second, first]),
        ("Qualifiée", 0, 0, []),
        ("Proposition", 1, 0, [moved]),
        ("Négociation", 0, 0, []),
        ("Gagnée", 0, 0, []),
        ("Perdue", 0, 0, []),
    ]


def test_board_shows_the_latest_cards_and_counts_all(monkeypatch):
    monkeypatch.setattr(boards, "CARDS", 2)
    client = make_client()
    made = [make_opportunity(client, now=NOW + timedelta(minutes=minute)) for minute in range(4)]
    lane = queries.board(client.organisation_id, made[0].pipeline_id)[0]
    assert (lane.count, list(lane.opportunities)) == (4, [made[3], made[2]])


@pytest.mark.req("ACC-1")
def test_board_of_another_organisation_is_empty():
    opportunity = make_opportunity()
    other = make_organisation()
    assert queries.board(other.pk, opportunity.pipeline_id) == []
    assert queries.pipelines(other.pk) == []
    assert queries.stages(other.pk, opportunity.pipeline_id) == []
    assert queries.pipelines(opportunity.organisation_id) == [opportunity.pipeline]
