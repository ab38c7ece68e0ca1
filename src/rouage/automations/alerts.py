"""Tells the owner of an automation that it needs them: at its first failure (RUN-10), and when it floods (AUT-14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from rouage.accounts import notifications
from rouage.accounts.models import Member, Notification
from rouage.accounts.notifications import NewNotification
from rouage.automations import explain
from rouage.automations.models import Run
from rouage.automations.outcome import Decided
from rouage.automations.world import AutomationFacts
from rouage.journal import bulk
from rouage.planner.model import RunStatus


def tell_failures(decided: Iterable[Decided], automations: Mapping[int, AutomationFacts], now: datetime) -> None:
    """One notification an automation, and none while its owner has not read the last one."""
    failures: dict[int, list[Decided]] = defaultdict(list)
    for one in decided:
        if one.state.status is RunStatus.FAILED and one.held.automation_id in automations:
            failures[one.held.automation_id].append(one)
    if not failures:
        return
    owners = {automation_id: automations[automation_id].owner_id for automation_id in failures}
    languages, told = _languages(owners.values()), _told(owners)
    notifications.write(
        [
            _failure(automations[automation_id], failed, languages.get(owners[automation_id], "fr"))
            for automation_id, failed in failures.items()
            if automation_id not in told
        ],
        now,
    )


def _failure(facts: AutomationFacts, failed: Sequence[Decided], language: str) -> NewNotification:
    first = failed[0].held
    with override(language):
        reason = explain.sentence(failed[0].note, first.kind) if failed[0].note else ""
        if len(failed) == 1:
            text = _("“%(automation)s” has failed on %(record)s. %(reason)s")
        else:
            text = ngettext(
                "“%(automation)s” has failed on %(record)s and %(more)s other record. %(reason)s",
                "“%(automation)s” has failed on %(record)s and %(more)s other records. %(reason)s",
                len(failed) - 1,
            )
        text %= {"automation": facts.name, "record": first.label, "more": len(failed) - 1, "reason": reason}
    return NewNotification(
        organisation_id=facts.organisation_id,
        member_id=facts.owner_id,
        text=text.strip(),
        kind=first.kind,
        record_id=first.record_id,
        run_id=first.id,
    )


def tell_floods(flooded: Collection[AutomationFacts], limit: int, now: datetime) -> None:
    languages = _languages(facts.owner_id for facts in flooded)
    found = []
    for facts in flooded:
        with override(languages.get(facts.owner_id, "fr")):
            text = _(
                "“%(automation)s” starts more than %(limit)s runs a minute: further ones are held. "
                "Look at them, then resume or cancel them."
            )
            text %= {"automation": facts.name, "limit": limit}
        found.append(NewNotification(organisation_id=facts.organisation_id, member_id=facts.owner_id, text=text))
    notifications.write(found, now)


def _languages(member_ids: Iterable[int]) -> dict[int, str]:
    return dict(Member.objects.filter(id__in=set(member_ids)).values_list("id", "language"))


def _told(owners: Mapping[int, int]) -> set[int]:
    """Automations of whose failure the owner has a notification that nobody has read."""
    automations, these = bulk.id_list(list(owners))
    members, whose = bulk.id_list(sorted(set(owners.values())))
    sql = (
        f'select distinct r.automation_id from "{Notification._meta.db_table}" n join "{Run._meta.db_table}" r '  # noqa: S608 -- names of tables
        f"on r.id = n.run_id where n.member_id {members} and n.read_at is null and r.automation_id {automations}"
    )
    return {row[0] for row in bulk.query(sql, (whose, these))}
