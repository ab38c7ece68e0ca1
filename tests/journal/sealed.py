"""What could leak from the journal."""
# ruff: noqa: ARG005 -- every question has the same form

from rouage.accounts.actors import actor_of
from rouage.journal.actors import ActorKind
from rouage.journal.append import append_entry
from rouage.journal.queries import Filters, activity, entries
from tests.factories.accounts import NOW
from tests.factories.sealed import Side

RECORD, RUN = 7, 70  # the same numbers on both sides: only the organisation tells them apart


def fill(side: Side) -> None:
    append_entry(
        organisation_id=side.organisation.id,
        verb="note.added",
        actor=actor_of(side.member),
        kind="quote",
        record_id=RECORD,
        run_id=RUN,
        data={"text": f"de {side.organisation.name}"},
        now=NOW,
    )


ASKS = {
    "queries.entries": lambda me, of: entries(
        me.organisation.id, Filters(actor_kind=ActorKind.MEMBER, actor_id=of.member.id)
    ),
    "queries.activity": lambda me, of: activity(me.organisation.id, "quote", RECORD),
}
EXEMPT: dict[str, str] = {}
