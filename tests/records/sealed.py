"""What could leak of an organisation's records; both sides have the same numbers and words."""
# ruff: noqa: ARG005 -- every question has the same form

from datetime import timedelta

from rouage.journal.append import append_entry
from rouage.records import access
from rouage.records.kinds import KINDS
from rouage.records.queries.boards import board, pipelines, stages
from rouage.records.queries.details import activity, detail, records_of_client, tasks_about
from rouage.records.queries.finding import candidates, choices, client_choices, labels, search
from rouage.records.queries.lists import Filters, filtered, records, summaries
from rouage.records.queries.tasks import closed_tasks, my_tasks, open_tasks, overdue_tasks, team_tasks
from tests.factories import records as make
from tests.factories.accounts import NOW
from tests.factories.sealed import Side

SOON = NOW + timedelta(hours=2)
LATE = NOW + timedelta(days=2)


def fill(side: Side) -> None:
    client = make.make_client(side.organisation, name="Hôtel Beau Rivage")
    quote, invoice = make.make_quote(client, status="sent"), make.make_invoice(client)
    payment = make.pay(invoice, "10")
    opportunity = make.make_opportunity(client, owner_id=side.member.id)
    mine = make.make_task(about=quote, assignee_id=side.member.id, due_at=SOON)
    make.make_task(side.organisation, title="Appeler la mairie")
    closed = make.make_task(about=quote, assignee_id=side.member.id)
    make.commands.complete_task(make.ACTOR, closed, now=NOW)
    append_entry(
        organisation_id=side.organisation.id,
        verb="note.added",
        actor=make.ACTOR,
        kind="quote",
        record_id=quote.id,
        now=NOW,
    )
    side.things |= {
        "client": client, "contact": client.contacts.get(), "quote": quote, "invoice": invoice, "payment": payment,
        "opportunity": opportunity, "task": mine,
    }  # fmt: skip


ASKS = {
    "access.access_record": lambda me, of: access.access_record(me.member, "quote", of.things["quote"].id),
    "access.access_records": lambda me, of: access.access_records(me.member, "quote", [of.things["quote"].id]),
    "access.access_contact": lambda me, of: access.access_contact(me.member, of.things["contact"].id),
    "access.access_payment": lambda me, of: access.access_payment(me.member, of.things["payment"].id),
    "access.access_pipeline": lambda me, of: access.access_pipeline(me.member, of.things["opportunity"].pipeline_id),
    "access.access_stage": lambda me, of: access.access_stage(me.member, of.things["opportunity"].stage_id),
    "queries.boards.pipelines": lambda me, of: pipelines(me.organisation.id),
    "queries.boards.stages": lambda me, of: stages(me.organisation.id, of.things["opportunity"].pipeline_id),
    "queries.boards.board": lambda me, of: board(me.organisation.id, of.things["opportunity"].pipeline_id),
    "queries.details.activity": lambda me, of: activity(me.organisation.id, "quote", of.things["quote"].id),
    "queries.details.detail": lambda me, of: detail(me.organisation.id, "invoice", of.things["invoice"].id),
    "queries.details.records_of_client": lambda me, of: records_of_client(me.organisation.id, of.things["client"].id),
    "queries.details.tasks_about": lambda me, of: tasks_about(me.organisation.id, "quote", of.things["quote"].id),
    "queries.finding.search": lambda me, of: search(me.organisation.id, "beau rivage"),
    "queries.finding.labels": lambda me, of: labels(
        me.organisation.id, [(kind, of.things[kind].id) for kind in ("client", "quote", "task")]
    ),
    "queries.finding.candidates": lambda me, of: candidates("quote", me.organisation.id),
    "queries.finding.choices": lambda me, of: [
        choices(me.organisation.id, "opportunity", name) for name in ("owner.id", "stage.id", "pipeline.id")
    ],
    "queries.finding.client_choices": lambda me, of: client_choices(me.organisation.id, "beau"),
    "queries.lists.records": lambda me, of: records(
        me.organisation.id, "quote", Filters(client_id=of.things["client"].id)
    ),
    "queries.lists.summaries": lambda me, of: [summaries(me.organisation.id, kind) for kind in KINDS],
    "queries.lists.filtered": lambda me, of: filtered(
        me.organisation.id, KINDS["opportunity"], Filters(owner_id=of.member.id)
    ),
    "queries.tasks.my_tasks": lambda me, of: my_tasks(me.member, NOW),
    "queries.tasks.team_tasks": lambda me, of: team_tasks(me.member, NOW),
    "queries.tasks.closed_tasks": lambda me, of: closed_tasks(me.member),
    "queries.tasks.overdue_tasks": lambda me, of: overdue_tasks(me.member, LATE),
    "queries.tasks.open_tasks": lambda me, of: open_tasks(me.member),
}
EXEMPT = {"queries.tasks.grouped": "sorts tasks at hand"}
