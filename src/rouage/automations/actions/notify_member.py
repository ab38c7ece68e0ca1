"""The action "notify a member"."""

from __future__ import annotations

from pydantic import Field

from rouage.accounts.notifications import NewNotification
from rouage.automations.addressing import people
from rouage.automations.context import Action, ActionContext, Outcome
from rouage.automations.merging import merged
from rouage.automations.shapes import People, Strict
from rouage.automations.types import Words
from rouage.mail.merge import Output
from rouage.planner.model import Done, Failed, Reason
from rouage.planner.words import N_


class NotifyMember(Action):
    key = "notify_member"
    label = N_("Notify a member")
    help = N_("Tells colleagues in Rouage, with a link to the record.")
    icon = "bell"
    group = "write"
    example = {"people": {"roles": ["owner"]}, "text": "{{ client.name }} has not answered."}

    class Config(Strict):
        people: People = Field(title=N_("Whom"), json_schema_extra={"widget": "people"})
        text: str = Field(min_length=1, max_length=500, title=N_("Text"), json_schema_extra={"widget": "merge_line"})

    def execute(self, config: Config, context: ActionContext) -> Outcome:
        members = people(config.people, context)
        if isinstance(members, Failed):
            return Outcome(members)
        if not members:
            return Outcome(Failed(reason=Reason(code="recipients.none")))
        text = merged(config.text, context, output=Output.LINE, where="text")
        if isinstance(text, Failed):
            return Outcome(text)
        told = tuple(
            NewNotification(
                organisation_id=context.organisation.id,
                member_id=member,
                text=text,
                kind=context.kind,
                record_id=context.record_id,
                run_id=context.run_id,
            )
            for member in members
        )
        return Outcome(Done(data={"members": list(members), "text": text}), told)

    def summary(self, config: Config, words: Words) -> str:
        return words(N_("notify %(people)s"), people=words.people(config.people))


TYPE = NotifyMember()
