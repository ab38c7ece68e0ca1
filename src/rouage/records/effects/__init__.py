"""What runs do to records, in bulk."""

from rouage.records.effects.values import Effect, FieldChange, NewNote, NewRecord, NewTask, StatusChange

__all__ = ["Effect", "FieldChange", "NewNote", "NewRecord", "NewTask", "StatusChange"]
