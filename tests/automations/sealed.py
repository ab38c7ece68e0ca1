"""What could leak of automations and their runs: a run that waits, on a quote of each side."""
# ruff: noqa: ARG005 -- every question has the same form

from rouage.automations import access
from rouage.automations.models import Run
from rouage.automations.queries.ranges import RunFilter, counts, page
from rouage.automations.queries.runs import coming_up, export, rows_of, runs_of, runs_page, status_counts
from rouage.engine.pumps import pump_events
from tests.factories.accounts import NOW
from tests.factories.engine import later, make_automation, sent, step
from tests.factories.sealed import Side


def fill(side: Side) -> None:
    automation = make_automation(side.organisation, step(timing=later()), name="Relance", owner=side.member)
    sent(side.things["quote"])
    pump_events(NOW, 100)
    side.things |= {"automation": automation, "run": Run.objects.get(automation=automation)}


def of_automation(side: Side) -> RunFilter:
    return RunFilter(automation_id=side.things["automation"].id)


ASKS = {
    "access.access_automation": lambda me, of: access.access_automation(me.member, of.things["automation"].id),
    "access.access_run": lambda me, of: access.access_run(me.member, of.things["run"].id),
    "access.can_edit": lambda me, of: access.can_edit(me.member, of.things["automation"]),
    "access.can_publish": lambda me, of: access.can_publish(me.member, of.things["automation"]),
    "queries.ranges.page": lambda me, of: page(me.organisation.id, of_automation(of), None, 10),
    "queries.ranges.counts": lambda me, of: counts(me.organisation.id, of_automation(of)),
    "queries.runs.runs_page": lambda me, of: runs_page(me.member, of_automation(of)),
    "queries.runs.status_counts": lambda me, of: [
        each.number for each in status_counts(me.member, of_automation(of)).values()
    ],
    "queries.runs.export": lambda me, of: export(me.member, of_automation(of)),
    "queries.runs.runs_of": lambda me, of: runs_of(me.member, "quote", of.things["quote"].id),
    "queries.runs.coming_up": lambda me, of: coming_up(me.member),
    "queries.runs.rows_of": lambda me, of: rows_of(me.member, [of.things["run"].id]),
}
EXEMPT = {
    "access.require_edit": "as can_edit, with an error instead of False",
    "access.require_publish": "as can_publish, with an error instead of False",
    "queries.ranges.is_possible": "looks at the filter",
    "queries.runs.action_label": "the label of a type",
}
