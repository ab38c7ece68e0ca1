"""Migration operations for tables that are written once and for tables that are written very often."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# Only an update honours the setting: masking a person rewrites text, nothing ever deletes.
_FUNCTION = """
create or replace function rouage_refuse() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and current_setting('rouage.masking', true) = 'on' then
        return null;
    end if;
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'restrict_violation';
end $$
"""


class AppendOnly(Operation):
    """Make the database refuse delete, truncate and the update of any column that is not among ``mutable_columns``.

    The columns are those of the table when the operation runs: repeat it after a migration that adds one, and on SQLite
    after any that alters the table (SQLite makes a new one without the triggers). ``tests.journal`` compares them.
    """

    reversible = True

    def __init__(self, table: str, mutable_columns: Iterable[str] = ()) -> None:
        self.table = table
        self.mutable_columns = tuple(mutable_columns)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models do not change."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self.database_backwards(app_label, schema_editor, from_state, to_state)
        protected = ", ".join(f'"{name}"' for name in self._columns(schema_editor) if name not in self.mutable_columns)
        for statement in _TRIGGERS[schema_editor.connection.vendor]:
            schema_editor.execute(statement.format(table=self.table, protected=protected), params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        on = f' on "{self.table}"' if schema_editor.connection.vendor == "postgresql" else ""
        for event in ("update", "delete", "truncate"):
            schema_editor.execute(f'drop trigger if exists "{trigger_name(self.table, event)}"{on}', params=None)

    def describe(self) -> str:
        return f"Make {self.table} append-only"

    @property
    def migration_name_fragment(self) -> str:
        return f"append_only_{self.table}"

    def _columns(self, schema_editor: BaseDatabaseSchemaEditor) -> list[str]:
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            return [column.name for column in connection.introspection.get_table_description(cursor, self.table)]


def trigger_name(table: str, event: str) -> str:
    return f"{table}_no_{event}"


# Statement triggers on named columns: an update of the mutable ones does not even ask.
_TRIGGERS: dict[str, Sequence[str]] = {
    "postgresql": (
        _FUNCTION,
        'create trigger "{table}_no_update" before update of {protected} on "{table}" execute function rouage_refuse()',
        'create trigger "{table}_no_delete" before delete on "{table}" execute function rouage_refuse()',
        'create trigger "{table}_no_truncate" before truncate on "{table}" execute function rouage_refuse()',
    ),
    "sqlite": (
        """create trigger "{table}_no_update" before update of {protected} on "{table}"
            begin select raise(abort, '{table} is append-only: update refused'); end""",
        """create trigger "{table}_no_delete" before delete on "{table}"
            begin select raise(abort, '{table} is append-only: delete refused'); end""",
    ),
}


class Autovacuum(Operation):
    """Keep a table that changes all the time small and its index scans short, on PostgreSQL.

    ``fillfactor`` leaves room on each page, so that an update of unindexed columns stays on it (HOT).
    """

    reversible = True

    def __init__(
        self, table: str, *, fillfactor: int | None = None, scale_factor: float = 0.01, threshold: int = 5000
    ) -> None:
        self.table = table
        self.fillfactor = fillfactor
        self.scale_factor = scale_factor
        self.threshold = threshold

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models do not change."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            settings = ", ".join(f"{name} = {value}" for name, value in self._settings().items())
            schema_editor.execute(f'alter table "{self.table}" set ({settings})', params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'alter table "{self.table}" reset ({", ".join(self._settings())})', params=None)

    def describe(self) -> str:
        return f"Settings of PostgreSQL for {self.table}"

    @property
    def migration_name_fragment(self) -> str:
        return f"autovacuum_{self.table}"

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "autovacuum_vacuum_scale_factor": self.scale_factor,
            "autovacuum_vacuum_threshold": self.threshold,
            "autovacuum_vacuum_insert_scale_factor": 0.05,
            "autovacuum_analyze_scale_factor": 0.02,
            "autovacuum_vacuum_cost_delay": 0,
        }
        return settings if self.fillfactor is None else {"fillfactor": self.fillfactor} | settings
