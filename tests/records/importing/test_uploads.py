from datetime import timedelta

import pytest

from rouage.accounts.access import NotFound, Refused
from rouage.accounts.privileges import Role
from rouage.records.importing import (
    FileProblem,
    access_upload,
    change_columns,
    drop_uploads,
    keep_upload,
    preview,
    run_import,
    source_of,
)
from rouage.records.models import Client, Invoice, Upload
from tests.factories.accounts import NOW, make_member
from tests.factories.records import ACTOR, make_client

pytestmark = [pytest.mark.django_db, pytest.mark.req("REC-8")]


def test_upload_is_kept_between_the_steps_of_an_import():
    member = make_member()
    upload = keep_upload(member, "client", "clients.csv", b"Machin;Nom\nA;Perrin\n", now=NOW)
    assert upload.mapped == {"name": 1}
    again = access_upload(member, upload.pk)
    change_columns(again, {"code": 0, "name": 1})
    source = source_of(access_upload(member, upload.pk))
    assert preview(member.organisation, source, now=NOW).new == 1
    run_import(ACTOR, member.organisation, source, now=NOW)
    assert Client.objects.get().code == "A"


def test_upload_with_its_lines():
    member = make_member()
    make_client(member.organisation, name="Perrin")
    lines = ("lignes.csv", b"Numero;Designation;Prix unitaire\nF-1;Pose;100\n")
    upload = keep_upload(
        member, "invoice", "f.csv", b"Numero;Client;Date\nF-1;Perrin;12/01/2026\n", lines=lines, now=NOW
    )
    run_import(ACTOR, member.organisation, source_of(access_upload(member, upload.pk)), now=NOW)
    assert Invoice.objects.get().total_net == 100


def test_file_that_is_no_table_is_not_kept():
    with pytest.raises(FileProblem):
        keep_upload(make_member(), "client", "x.png", b"\x89PNG\x00\x00", now=NOW)
    assert not Upload.objects.exists()


@pytest.mark.req("ACC-1", "ACC-2")
def test_upload_is_its_members_own():
    member = make_member()
    upload = keep_upload(member, "client", "c.csv", b"Nom\nA\n", now=NOW)
    for other in (make_member(member.organisation), make_member()):
        with pytest.raises(NotFound):
            access_upload(other, upload.pk)
    reader = make_member(member.organisation, role=Role.READER)
    with pytest.raises(Refused):
        keep_upload(reader, "client", "c.csv", b"Nom\nA\n", now=NOW)
    with pytest.raises(Refused):
        access_upload(reader, upload.pk)


def test_forgotten_uploads_go_after_a_day():
    member = make_member()
    keep_upload(member, "client", "c.csv", b"Nom\nA\n", now=NOW)
    keep_upload(member, "client", "d.csv", b"Nom\nA\n", now=NOW + timedelta(hours=25))
    assert list(Upload.objects.values_list("name", flat=True)) == ["d.csv"]
    assert drop_uploads(NOW + timedelta(days=9)) == 1
