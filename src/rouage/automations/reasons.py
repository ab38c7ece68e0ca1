"""The reasons of this room in words, and what a person can do about each: codes with English sentences, marked."""

from __future__ import annotations

from collections.abc import Mapping

from rouage.planner.reasons import Why
from rouage.planner.words import N_

SENTENCES: Mapping[str, str] = {
    "action.fault": N_("The action could not be carried out because of a fault in the program"),
    "automation.deleted": N_("The automation was deleted"),
    "automation.republished": N_("A new version was published, and its author cancelled the waiting runs"),
    "automation.switched_off": N_("The automation was switched off, and its waiting runs were cancelled"),
    "automation.flood_purged": N_("The queue of runs was emptied after a flood"),
    "automation.not_published": N_("This automation was never published: publish its draft first"),
    "automation.too_many_copies": N_("There are too many copies of this automation: rename some first"),
    "call.failed": N_("The other program could not be reached"),
    "call.refused": N_("The other program answered %(status)s"),
    "call.redirected": N_("The other program answers from another address (%(location)s)"),
    "call.blocked": N_("The address %(url)s is not allowed"),
    "call.timeout": N_("The other program did not answer within %(seconds)s seconds"),
    "create.not_ready": N_("The record is “%(status)s”: nothing can be made from it in that status"),
    "create.wrong_source": N_("This cannot be made from such a record"),
    "definition.gone": N_("The version of this run can no longer be found"),
    "definition.settings_refused": N_("The settings of the version cannot be read (%(where)s: %(error)s)"),
    "definition.type_unknown": N_("The type “%(type)s” is not installed"),
    "draft.moved": N_("Somebody else has just changed this draft: load the page again"),
    "draft.none": N_("There is no draft to publish"),
    "draft.nothing_to_redo": N_("There is nothing to redo"),
    "draft.nothing_to_undo": N_("There is nothing to undo"),
    "draft.only": N_("Nothing was published yet: there is nothing to go back to"),
    "draft.unchanged": N_("The draft is the same as version %(version)s"),
    "existing.more": N_("%(number)s existing records match by now, more than the %(confirmed)s that you confirmed"),
    "field.gone": N_("The field “%(field)s” does not exist any more"),
    "merge.unknown_field": N_("The text names the field “%(field)s”, which does not exist"),
    "merge.missing_value": N_("The field “%(field)s” of the text is empty on this record"),
    "merge.unknown_filter": N_("The text uses “%(filter)s”, which does not exist"),
    "merge.bad_argument": N_("“%(filter)s” cannot be used like this in the text"),
    "merge.unfit_value": N_("“%(filter)s” does not fit the field “%(field)s” of the text"),
    "merge.syntax": N_("A field of the text cannot be read: %(field)s"),
    "merge.unclosed": N_("A field of the text is not closed: %(field)s"),
    "recipient.address_malformed": N_("The address of %(who)s is not an email address: %(address)s"),
    "recipient.address_missing": N_("%(who)s has no email address"),
    "recipient.member_gone": N_("A member named in the step has left"),
    "recipient.nobody": N_("The record has nobody as %(role)s"),
    "recipients.none": N_("The step names nobody to write to"),
    "run.changed_meanwhile": N_("The run has moved on in the meantime: look at it again"),
    "run.on_this_version": N_("The run is on this version already"),
    "run.relaunched_already": N_("This run was relaunched already, and the new run is still open"),
    "run.too_many": N_("%(number)s runs at once are too many: choose %(most)s at most"),
    "run.paused_client": N_("The automations of this client are paused until %(until)s"),
    "template.gone": N_("The email template was deleted"),
}

_CORRECT = N_("Correct it on the client's card, then relaunch.")
_STEP = N_("Correct the step of the automation and publish it, then relaunch on the new version.")

ADVICE: Mapping[str, str] = {
    "action.fault": N_("Relaunch. If it fails again, send the technical text below to your support."),
    "call.failed": N_("Check the address and the other program, then relaunch."),
    "call.refused": N_("Look at its answer below, then relaunch."),
    "call.redirected": N_("Enter the new address in the step and publish it, then relaunch."),
    "call.blocked": N_("Choose a public address in the step, or ask your operator."),
    "call.timeout": N_("Check the other program, then relaunch."),
    "create.not_ready": N_("Change the status of the record, then relaunch."),
    "create.wrong_source": _STEP,
    "definition.settings_refused": N_("Publish the automation again, then relaunch on the new version."),
    "definition.type_unknown": N_("Ask your operator to install it, or change the automation and relaunch."),
    "field.gone": _STEP,
    "merge.unknown_field": N_("Correct the text of the step or its email template, then relaunch."),
    "merge.missing_value": N_("Fill the field in on the record, or give a text to use instead; then relaunch."),
    "merge.unknown_filter": N_("Correct the text of the step or its email template, then relaunch."),
    "merge.bad_argument": N_("Correct the text of the step or its email template, then relaunch."),
    "merge.unfit_value": N_("Correct the text of the step or its email template, then relaunch."),
    "merge.syntax": N_("Correct the text of the step or its email template, then relaunch."),
    "merge.unclosed": N_("Correct the text of the step or its email template, then relaunch."),
    "recipient.address_malformed": _CORRECT,
    "recipient.address_missing": N_("Add it to the client's card, then relaunch."),
    "recipient.member_gone": N_("Choose somebody else in the step and publish it, then relaunch."),
    "recipient.nobody": N_("Name somebody on the record, then relaunch."),
    "recipients.none": _STEP,
    "template.gone": N_("Choose another template in the step and publish it, then relaunch."),
    "status.not_allowed": N_("Change the status by hand, or correct the step."),
    "record.moved": N_("Look at the record, then relaunch if it is still needed."),
    Why.STEP_GAVE_UP: N_("Put right what is named above, then relaunch."),
    Why.CONDITION_MISSING: N_("Correct the condition and publish the automation."),
    Why.CONDITION_EMPTY: N_("Fill the field in on the record."),
}
