"""What could leak of automations and their runs (ACC-1)."""

from datetime import timedelta

from rouage.automations import access, commands
from rouage.automations.models import Evaluation, Run, Version
from rouage.automations.queries import automations, evaluations, ranges, runs, timeline
from rouage.automations.queries.ranges import RunFilter
from tests.factories.accounts import NOW
from tests.factories.automations import draft, make_published
from tests.factories.engine import later, rows, settle, step
from tests.factories.records import make_client, make_quote


def fill(side):
    """An automation with two versions and a draft, a button, an open run, an evaluation that started nothing."""
    member = side.member
    made = make_published(member, step(timing=later(7)), name=f"Relances {side.organisation.name}")
    commands.save_draft(member, made, draft(step(timing=later(9))), now=NOW)
    commands.publish(member, made, now=NOW)
    commands.save_draft(member, made, draft(step(timing=later(11))), now=NOW)
    button = {"type": "button_pressed", "config": {"text": f"Lancer {side.organisation.name}"}}
    make_published(member, trigger=button, name=f"Bouton {side.organisation.name}")
    make_published(
        member, conditions=rows(("total_gross", "is_more_than", "99999")), name=f"Rien {side.organisation.name}"
    )
    quote = make_quote(make_client(side.organisation, name=f"Client {side.organisation.name}"), status="sent")
    settle(NOW + timedelta(minutes=1))
    side.things |= {
        "automation": made,
        "version": Version.objects.get(automation=made, number=2),
        "run": Run.objects.get(organisation=side.organisation, record_id=quote.pk, automation=made),
        "run_quote": quote,
        "evaluation": Evaluation.objects.filter(organisation=side.organisation).first(),
    }


def _filter(of):
    return RunFilter(automation_id=of.things["automation"].pk)


ASKS = {
    "access.access_automation": lambda me, of: access.access_automation(me.member, of.things["automation"].pk),
    "access.access_run": lambda me, of: access.access_run(me.member, of.things["run"].pk),
    "queries.automations.automations": lambda me, of: [
        row for row in automations.automations(me.member) if of.organisation.name in row.name
    ],
    "queries.automations.buttons": lambda me, of: [
        text for _, text in automations.buttons(me.member, "quote") if of.organisation.name in text
    ],
    "queries.automations.compare": lambda me, of: automations.compare(me.member, of.things["automation"].pk, 1, 2),
    "queries.automations.versions": lambda me, of: automations.versions(me.member, of.things["automation"].pk),
    "queries.automations.waiting_runs": lambda me, of: automations.waiting_runs(me.member, of.things["automation"].pk),
    "queries.evaluations.evaluations_of": lambda me, of: evaluations.evaluations_of(
        me.member, "quote", of.things["run_quote"].pk
    ),
    "queries.evaluations.evaluations_page": lambda me, of: evaluations.evaluations_page(
        me.member, automation_id=of.things["evaluation"].automation_id
    ),
    "queries.ranges.counts": lambda me, of: ranges.counts(me.organisation.id, _filter(of)),
    "queries.ranges.page": lambda me, of: ranges.page(me.organisation.id, _filter(of), None, 10),
    "queries.runs.coming_up": lambda me, of: [
        row for row in runs.coming_up(me.member) if row.id == of.things["run"].pk
    ],
    "queries.runs.export": lambda me, of: list(runs.export(me.member, _filter(of))),
    "queries.runs.rows_of": lambda me, of: runs.rows_of(me.member, [of.things["run"].pk]),
    "queries.runs.runs_of": lambda me, of: runs.runs_of(me.member, "quote", of.things["run_quote"].pk),
    "queries.runs.runs_page": lambda me, of: runs.runs_page(me.member, _filter(of)).rows,
    "queries.runs.status_counts": lambda me, of: {
        status: count.number for status, count in runs.status_counts(me.member, _filter(of)).items()
    },
    "queries.timeline.timeline": lambda me, of: timeline.timeline(me.member, of.things["run"].pk),
}

EXEMPT = {
    "access.can_edit": "asks about a member and an automation at hand; false for another organisation's",
    "access.can_publish": "asks about a member and an automation at hand; false for another organisation's",
    "access.require_edit": "raises, and tells nothing",
    "access.require_publish": "raises, and tells nothing",
    "queries.automations.differences": "compares two definitions at hand",
    "queries.ranges.is_possible": "asks about a filter at hand, no row",
    "queries.runs.action_label": "a label of the program",
}
