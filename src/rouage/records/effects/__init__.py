"""What runs do to records, in bulk: values that say what is wanted, and ``write`` that makes rows of them."""

from rouage.records.conversion import SOURCES
from rouage.records.effects.values import Effect, FieldChange, NewNote, NewRecord, NewTask, StatusChange
from rouage.records.effects.writing import write

__all__ = ["SOURCES", "Effect", "FieldChange", "NewNote", "NewRecord", "NewTask", "StatusChange", "write"]
