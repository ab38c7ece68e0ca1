"""The journal's verbs of this room in words, for people (in the current language)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from rouage.planner.words import N_

VERBS: Mapping[str, str] = {
    "automation.created": N_("Automation created"),
    "automation.deleted": N_("Automation deleted"),
    "automation.draft_begun": N_("Draft begun"),
    "automation.draft_discarded": N_("Draft discarded"),
    "automation.enrolled": N_("Existing records taken in"),
    "automation.flood_purged": N_("Flood: queue emptied"),
    "automation.flood_released": N_("Flood: runs released"),
    "automation.published": N_("Version published"),
    "automation.renamed": N_("Automation renamed"),
    "automation.switched_off": N_("Automation switched off"),
    "automation.switched_on": N_("Automation switched on"),
    "automation.version_restored": N_("Former version restored as a draft"),
    "call.failed": N_("Call failed"),
    "call.succeeded": N_("Call answered"),
    "message.failed": N_("Email not sent"),
    "message.queued": N_("Email handed to the sending"),
    "message.sent": N_("Email sent"),
    "message.unknown": N_("Email to check"),
    "note.added": N_("Note added"),
    "run.asked_now": N_("Step asked for now"),
    "run.begun": N_("The date has come: conditions met"),
    "run.cancelled": N_("Run cancelled"),
    "run.failed": N_("Run failed"),
    "run.held": N_("Run held"),
    "run.moved": N_("Run moved to another version"),
    "run.paused": N_("Run paused"),
    "run.postponed": N_("Step postponed"),
    "run.relaunched": N_("Run relaunched"),
    "run.replanned": N_("Step planned anew"),
    "run.resumed": N_("Run resumed"),
    "run.started": N_("Run started"),
    "run.step_skipped": N_("Step skipped"),
    "run.woken": N_("The pause is over"),
    "step.caught_up": N_("Step done late"),
    "step.failed": N_("Try failed"),
    "step.missed": N_("Step missed"),
    "step.skipped": N_("Step left out"),
    "stop.unknown": N_("Stop condition not answerable"),
    "task.created": N_("Task created"),
}


def verb_label(verb: str) -> str:
    return gettext(VERBS[verb]) if verb in VERBS else verb
