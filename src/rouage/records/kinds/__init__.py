"""The kinds of records, one file each; names that begin with an underscore are what they are made of."""

from rouage.planner.operators import FieldType
from rouage.planner.registry import Registry
from rouage.records.kinds._kind import Choice, Field, RecipientRole, RecordKind, Status

__all__ = ["KINDS", "Choice", "Field", "FieldType", "RecipientRole", "RecordKind", "Status"]

KINDS: Registry[RecordKind] = Registry("record kinds", "rouage.records.kinds")
