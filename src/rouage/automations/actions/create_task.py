"""The action "create a task"."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from rouage.automations.addressing import people
from rouage.automations.context import Action, ActionContext, Outcome
from rouage.automations.merging import merged
from rouage.automations.shapes import People, Strict
from rouage.automations.types import Words
from rouage.mail.merge import Output
from rouage.planner.model import Done, Failed, Unit
from rouage.planner.words import N_
from rouage.records.effects import NewTask

_TITLE = 200  # characters of a task's title


class CreateTask(Action):
    """One task for each person; without anybody, one that the whole team sees."""

    key = "create_task"
    label = N_("Create a task")
    help = N_("Puts a task on somebody's list, one for each person, linked to the record.")
    icon = "square-check-big"
    group = "organise"
    example = {"title": "Call {{ client.name }}", "people": {"roles": ["owner"]}, "due_in": 2}

    class Config(Strict):
        title: str = Field(
            min_length=1, max_length=_TITLE, title=N_("Title"), json_schema_extra={"widget": "merge_line"}
        )
        people: People = Field(default=People(), title=N_("For"), json_schema_extra={"widget": "people"})
        due_in: int = Field(default=0, ge=0, le=3660, title=N_("Due in"), description=N_("0: on the same day."))
        unit: Unit = Field(
            default=Unit.DAYS, title=N_("Unit"), json_schema_extra={"widget": "unit", "only": ["days", "working_days"]}
        )
        description: str = Field(
            default="", max_length=5000, title=N_("Description"), json_schema_extra={"widget": "merge_text"}
        )

    def execute(self, config: Config, context: ActionContext) -> Outcome:
        assignees = people(config.people, context)
        if isinstance(assignees, Failed):
            return Outcome(assignees)
        title = merged(config.title, context, output=Output.LINE, where="title")
        if isinstance(title, Failed):
            return Outcome(title)
        description = merged(config.description, context, where="description")
        if isinstance(description, Failed):
            return Outcome(description)
        due_at = _due(config, context)
        tasks = tuple(
            NewTask(
                **context.origin,
                title=title[:_TITLE],
                description=description,
                due_at=due_at,
                assignee_id=assignee,
            )
            for assignee in (assignees or (None,))
        )
        return Outcome(Done(data={"title": title[:_TITLE], "assignees": list(assignees)}), tasks)

    def summary(self, config: Config, words: Words) -> str:
        if config.people.is_empty:
            return words(N_("create a task %(title)s"), title=words.quoted(config.title))
        return words(
            N_("create a task %(title)s for %(people)s"),
            title=words.quoted(config.title),
            people=words.people(config.people),
        )


def _due(config: CreateTask.Config, context: ActionContext) -> datetime:
    """The end of the working day on which it is due."""
    calendar = context.calendar
    today = calendar.local(context.now).date()
    if config.unit is Unit.WORKING_DAYS:
        day = calendar.add_working_days(today, config.due_in)
    else:
        day = today + timedelta(days=config.due_in)
    return calendar.moment(day, calendar.closes)


TYPE = CreateTask()
