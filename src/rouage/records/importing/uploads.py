"""Keeps a file between the steps of an import; nothing of it is a record before somebody has decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from rouage.accounts.access import NotFound, require
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.records.importing.columns import suggest
from rouage.records.importing.running import Source
from rouage.records.importing.tables import read_table
from rouage.records.models import Upload

_KEPT = timedelta(days=1)


@transaction.atomic
def keep_upload(
    member: Member, kind: str, name: str, data: bytes, *, lines: tuple[str, bytes] | None = None, now: datetime
) -> Upload:
    """Read the file, recognise its columns and keep it for a day. Raises FileProblem, and Refused without the right."""
    require(member, Privilege.EDIT_RECORDS)
    drop_uploads(now - _KEPT)
    table = read_table(data, name)
    upload = Upload(
        organisation_id=member.organisation_id,
        member=member,
        kind=kind,
        name=table.name,
        data=data,
        mapped=suggest(kind, table),
        created_at=now,
    )
    if lines:
        lines_table = read_table(lines[1], lines[0])
        upload.lines_name, upload.lines_data = lines_table.name, lines[1]
        upload.lines_mapped = suggest(kind, lines_table, lines=True)
    upload.save()
    return upload


def access_upload(member: Member, upload_id: int) -> Upload:
    """The member's own. Raises NotFound."""
    require(member, Privilege.EDIT_RECORDS)
    found = Upload.objects.filter(organisation_id=member.organisation_id, member_id=member.pk, id=upload_id).first()
    if found is None:
        raise NotFound
    return found


def change_columns(upload: Upload, mapped: Mapping[str, int], lines_mapped: Mapping[str, int] | None = None) -> None:
    """What the person has chosen instead of what was recognised."""
    upload.mapped = dict(mapped)
    if lines_mapped is not None:
        upload.lines_mapped = dict(lines_mapped)
    upload.save(update_fields=["mapped", "lines_mapped"])


def source_of(upload: Upload, *, vat_rate: Decimal = Decimal(20)) -> Source:
    """The file as ``preview`` and ``run_import`` take it."""
    has_lines = bool(upload.lines_name)
    return Source(
        kind=upload.kind,
        table=read_table(bytes(upload.data), upload.name),
        mapped=upload.mapped,
        lines=read_table(bytes(upload.lines_data), upload.lines_name) if has_lines else None,
        lines_mapped=upload.lines_mapped if has_lines else None,
        vat_rate=vat_rate,
    )


def drop_uploads(before: datetime) -> int:
    """Forget files that nobody has come back for; how many."""
    return Upload.objects.filter(created_at__lt=before).delete()[0]
