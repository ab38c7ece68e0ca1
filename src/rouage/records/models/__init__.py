"""The tables of the business records."""

from rouage.records.models.client import Client, Contact
from rouage.records.models.contract import Contract
from rouage.records.models.counter import Counter
from rouage.records.models.document import Document, Line
from rouage.records.models.event import Event
from rouage.records.models.intervention import Intervention
from rouage.records.models.invoice import Invoice, InvoiceLine, Payment
from rouage.records.models.opportunity import Opportunity, Pipeline, Stage
from rouage.records.models.quote import Quote, QuoteLine
from rouage.records.models.record import Owned, Record
from rouage.records.models.task import Task
from rouage.records.models.upload import Upload

__all__ = [
    "Client", "Contact", "Contract", "Counter", "Document", "Event", "Intervention", "Invoice", "InvoiceLine", "Line",
    "Opportunity", "Owned", "Payment", "Pipeline", "Quote", "QuoteLine", "Record", "Stage", "Task", "Upload",
]  # fmt: skip
