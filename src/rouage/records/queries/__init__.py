"""What pages, programs and pumps ask about records; each query is bound to one organisation."""

from rouage.records.queries.boards import Lane, board, pipelines, stages
from rouage.records.queries.details import Detail, activity, detail, records_of_client, tasks_about
from rouage.records.queries.finding import Hit, candidates, choices, client_choices, labels, search
from rouage.records.queries.lists import Filters, Mark, Page, Summary, records, summaries
from rouage.records.queries.tasks import (
    Bucket,
    TaskGroup,
    closed_tasks,
    my_tasks,
    open_tasks,
    overdue_tasks,
    team_tasks,
)

__all__ = [
    "Bucket",
    "Detail",
    "Filters",
    "Hit",
    "Lane",
    "Mark",
    "Page",
    "Summary",
    "TaskGroup",
    "activity",
    "board",
    "candidates",
    "choices",
    "client_choices",
    "closed_tasks",
    "detail",
    "labels",
    "my_tasks",
    "open_tasks",
    "overdue_tasks",
    "pipelines",
    "records",
    "records_of_client",
    "search",
    "stages",
    "summaries",
    "tasks_about",
    "team_tasks",
]
