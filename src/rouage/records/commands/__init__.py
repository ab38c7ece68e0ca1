"""What is done with records. Each command is one transaction: the change, its domain event, its line in the journal."""

from rouage.records.commands.agenda import create_contract, create_event, create_intervention, renew_contract
from rouage.records.commands.changes import add_note, change_fields, change_status, delete_record, press_button
from rouage.records.commands.clients import (
    add_contact,
    change_client,
    change_contact,
    create_client,
    pause_client,
    remove_contact,
)
from rouage.records.commands.conversions import create_from, invoice_quote
from rouage.records.commands.daily import expire_quotes, mark_overdue
from rouage.records.commands.documents import (
    LineIn,
    create_invoice,
    create_quote,
    issue_invoice,
    issue_quote,
    replace_lines,
)
from rouage.records.commands.payments import record_payment, remove_payment
from rouage.records.commands.pipelines import (
    add_stage,
    create_opportunity,
    create_pipeline,
    delete_pipeline,
    delete_stage,
    move_stage,
    order_stages,
    rename_pipeline,
    rename_stage,
)
from rouage.records.commands.tasks import cancel_task, change_task, complete_task, create_task, reopen_task

__all__ = [
    "LineIn",
    "add_contact",
    "add_note",
    "add_stage",
    "cancel_task",
    "change_client",
    "change_contact",
    "change_fields",
    "change_status",
    "change_task",
    "complete_task",
    "create_client",
    "create_contract",
    "create_event",
    "create_from",
    "create_intervention",
    "create_invoice",
    "create_opportunity",
    "create_pipeline",
    "create_quote",
    "create_task",
    "delete_pipeline",
    "delete_record",
    "delete_stage",
    "expire_quotes",
    "invoice_quote",
    "issue_invoice",
    "issue_quote",
    "mark_overdue",
    "move_stage",
    "order_stages",
    "pause_client",
    "press_button",
    "record_payment",
    "remove_contact",
    "remove_payment",
    "rename_pipeline",
    "rename_stage",
    "renew_contract",
    "reopen_task",
    "replace_lines",
]
