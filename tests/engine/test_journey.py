"""Journeys through the engine, from an event to the journal."""

from datetime import timedelta

import pytest

from rouage.automations.models import Run, Step
from rouage.journal.models import DomainEvent, Entry
from rouage.records.models import Task
from tests.factories.accounts import NOW
from tests.factories.engine import later, make_automation, mail, settle, step
from tests.factories.records import make_client, make_quote

DAY = timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.req("AUT-1", "RUN-1")
def test_first_step_without_wait_runs_in_the_transaction_of_the_start():
    client = make_client()
    make_automation(client.organisation, step(), mail(later(7)))
    make_quote(client, status="sent")
    from rouage.engine import pumps

    assert pumps.pump_events(NOW, 100)
    run = Run.objects.get()
    assert (run.status, run.position, run.last_action) == ("waiting", 1, "create_task")
    assert Task.objects.get().title == "Appeler le client"
    assert Step.objects.values_list("position", "attempt", "status").get() == (0, 1, "done")
    assert not DomainEvent.objects.filter(due_at__isnull=False).exists()
    print(run.due_at, list(Entry.objects.order_by("id").values_list("verb", "actor_label")))
    settle(NOW)
    settle(NOW+7*DAY)
    print(Run.objects.values())
