"""Models whose rows are written once: the ORM refuses what would erase or rewrite them (RUN-5).

The database refuses too: ``journal.migration_operations.AppendOnly``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Self

from django.core import checks
from django.db import models

_KEEPS_ROWS = (models.PROTECT, models.RESTRICT, models.DO_NOTHING)


_masked: ContextVar[bool] = ContextVar("masked", default=False)


class Immutable(Exception):
    """Something tried to delete or rewrite a row of an append-only table: a fault in the code, never a user's."""


class AppendOnlyQuerySet[M: models.Model](models.QuerySet[M]):
    """Reads and inserts as ever; updates only the mutable columns; deletes nothing."""

    def update(self, **kwargs: Any) -> int:
        refuse_changes(self.model, kwargs)
        return super().update(**kwargs)

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None) -> int:
        names = tuple(fields)
        refuse_changes(self.model, names)
        return super().bulk_update(objs, names, batch_size)

    def bulk_create(
        self,
        objs: Iterable[M],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,  # noqa: FBT001, FBT002 -- Django's signature
        update_conflicts: bool = False,  # noqa: FBT001, FBT002 -- Django's signature
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[M]:
        if update_conflicts:
            refuse_changes(self.model, update_fields or ())
        return super().bulk_create(objs, batch_size, ignore_conflicts, update_conflicts, update_fields, unique_fields)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise _no_delete(self.model)

    def _raw_delete(self, using: str | None) -> int:
        raise _no_delete(self.model)

    def _update(self, values: Sequence[tuple[Any, ...]], *args: Any) -> Any:  # noqa: ANN401 -- a count or rows
        # The way of Model.save_base, which fixtures take without passing through save().
        refuse_changes(self.model, [field.name for field, *_ in values])
        return super()._update(values, *args)  # type: ignore[misc]  # private, absent from the stubs


class AppendOnlyManager[M: models.Model](models.Manager[M]):
    def get_queryset(self) -> AppendOnlyQuerySet[M]:
        return AppendOnlyQuerySet(self.model, using=self._db)


class AppendOnlyModel(models.Model):
    """``mutable``: the fields that may change after the row was written, by their names."""

    mutable: ClassVar[frozenset[str]] = frozenset()

    objects: ClassVar[AppendOnlyManager[Self]] = AppendOnlyManager()

    class Meta:
        abstract = True
        # Without it related look-ups and save() would go round the refusing query set.
        base_manager_name = "objects"

    def save(self, **options: Any) -> None:
        if self._state.adding:
            # A row with a chosen key is inserted or fails; it never overwrites the one that has the key already.
            super().save(**options | {"force_insert": True})
            return
        if options.get("update_fields") is None:
            raise Immutable(f"{self._meta.label}: save an existing row with update_fields among {sorted(self.mutable)}")
        refuse_changes(type(self), options["update_fields"])
        super().save(**options)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise _no_delete(type(self))

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *_check_mutable(cls), *_check_references(cls)]


def refuse_changes(model: type[models.Model], names: Iterable[str]) -> None:
    """Raise Immutable if ``names`` (of fields or columns) hold one that may not change; other models allow all."""
    if not issubclass(model, AppendOnlyModel) or _masked.get():
        return
    fixed = sorted(set(names) - _mutable_names(model))
    if fixed:
        raise Immutable(f"{model._meta.label}: {', '.join(fixed)} may not change once written")


@contextmanager
def changes_allowed() -> Iterator[None]:
    """Only for ``journal.masking``; the database asks for its own permission."""
    token = _masked.set(True)
    try:
        yield
    finally:
        _masked.reset(token)


def mutable_columns(model: type[AppendOnlyModel]) -> tuple[str, ...]:
    return tuple(sorted(str(field.column) for field in model._meta.concrete_fields if field.name in model.mutable))


def _mutable_names(model: type[AppendOnlyModel]) -> frozenset[str]:
    return model.mutable | {field.attname for field in model._meta.concrete_fields if field.name in model.mutable}


def _no_delete(model: type[models.Model]) -> Immutable:
    return Immutable(f"{model._meta.label}: rows are never deleted")


def _check_mutable(model: type[AppendOnlyModel]) -> list[checks.CheckMessage]:
    fields = model._meta.concrete_fields
    unknown = sorted(model.mutable - {field.name for field in fields} - {field.attname for field in fields})
    if not unknown:
        return []
    return [checks.Error(f"mutable names no field: {', '.join(unknown)}", obj=model, id="journal.E001")]


def _check_references(model: type[AppendOnlyModel]) -> list[checks.CheckMessage]:
    """A cascade would reach the rows past the query set."""
    return [
        checks.Error(f"{field.name}: on_delete must be PROTECT or DO_NOTHING", obj=model, id="journal.E002")
        for field in model._meta.concrete_fields
        if field.remote_field and field.remote_field.on_delete not in _KEEPS_ROWS
    ]
