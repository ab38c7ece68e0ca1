"""Imports clients, quotes, invoices and events from CSV and XLSX files, wholly or not at all (REC-8).

``read_table`` the file, ``suggest`` what its columns mean, show a ``preview``, then ``run_import``.
"""

from rouage.records.importing.columns import Target, suggest, targets
from rouage.records.importing.northwind import import_northwind
from rouage.records.importing.problems import FileProblem, Problem
from rouage.records.importing.running import Preview, Source, preview, refused_rows, run_import
from rouage.records.importing.tables import MAX_BYTES, Table, read_table
from rouage.records.importing.uploads import access_upload, change_columns, drop_uploads, keep_upload, source_of

KINDS = ("client", "quote", "invoice", "event")

__all__ = [
    "KINDS",
    "MAX_BYTES",
    "FileProblem",
    "Preview",
    "Problem",
    "Source",
    "Table",
    "Target",
    "access_upload",
    "change_columns",
    "drop_uploads",
    "import_northwind",
    "keep_upload",
    "preview",
    "read_table",
    "refused_rows",
    "run_import",
    "source_of",
    "suggest",
    "targets",
]
