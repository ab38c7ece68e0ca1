import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from rouage.records.importing import FileProblem, read_table, workbooks
from rouage.records.importing import tables as tables_module

pytestmark = pytest.mark.req("REC-8")
ROWS = (("F-1", "Hôtel Beau Rivage", "12,50"), ("F-2", "L’Œuvre", "7"))


def texts(table):
    return [tuple(tables_module.shown(cell) for cell in cells) for _line, cells in table.rows]


def workbook(rows, **options):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refused(data, name="f.csv"):
    with translation.override("en"), pytest.raises(FileProblem) as caught:
        read_table(data, name)
    return caught.value.sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_csv_in_every_usual_form(encoding, delimiter):
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in (("Numéro", "Client", "Montant"), *ROWS)]
    table = read_table("\r\n".join(lines).encode(encoding), "factures.csv")
    assert (table.header, texts(table), table.name) == (("Numéro", "Client", "Montant"), list(ROWS), "factures.csv")


def test_lines_are_counted_as_the_spreadsheet_does():
    data = b'\n\nNum;Note\n\nF-1;"deux\nlignes"\n;\nF-2;x\n'
    table = read_table(data, "f.csv")
    assert [(line, cells[0]) for line, cells in table.rows] == [(5, "F-1"), (8, "F-2")]


def test_missing_cells_are_empty_and_trailing_headings_dropped():
    table = read_table(b"a;b;c;;\n1\n2;3;4;;\n", "f.csv")
    assert (table.header, table.rows) == (("a", "b", "c"), [(2, ("1", None, None)), (3, ("2", "3", "4"))])


def test_decimal_commas_do_not_make_the_comma_a_separator():
    table = read_table("Numéro;Montant\nF-1;1,50\nF-2;2,75\nF-3;3,00\n".encode(), "f.csv")
    assert table.header == ("Numéro", "Montant")


def test_one_column_needs_no_separator():
    assert read_table(b"Nom\nPaul\nZoe\n", "f.csv").header == ("Nom",)


def test_name_of_the_file_is_not_a_path():
    assert read_table(b"a\nb\n", "C:\\Users\\moi\\clients.csv").name == "clients.csv"
    assert read_table(b"a\nb\n", "../../etc/passwd").name == "passwd"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\n ", "empty"),
        (b";;\n;;\n", "empty"),
        (b"a;b\n", "no line below"),
        (b"\x00\x01\x02\x03" * 100, "not a table"),
        (bytes(range(256)) * 40, "not a table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, ".xls"),
        (b"%PDF-1.7\n\x01\x02\x03\x04\x05\x06\x07\x08", "not a table"),
        (b"a;b\n\x81\x8d;\x9d\n", "letters"),
        (b"\xff\xfea\x00;\xd8", "letters"),
        (b'a;b\n"x;1\n2;3\n', "Line 2"),
        (b'a;b\n"x"y;1\n', "Line 2"),
        (b"a;b\n1;2;3\n", "more cells"),
        (b"a;b\n1;" + b"x" * 10_001 + b"\n", "10,000 characters"),
        (b"a;b\n1;" + b"x" * 200_000 + b"\n", "Line 2"),
        (b";".join([b"c"] * 201) + b"\n" + b"1\n", "200 columns"),
        (b"x" * (10 * 1024 * 1024 + 1), "10 MB"),
        (b"a\n" + b"1\n" * 50_001, "50,000 lines"),
        (b"PK\x03\x04 this is no zip file", "damaged"),
    ],
)
def test_file_that_is_no_table_is_refused_with_what_to_do(data, words):
    sentence = refused(data)
    assert words in sentence
    assert sentence.endswith((".", "?"))


def test_ten_megabytes_of_garbage_are_refused_quickly():
    assert "not a table" in refused(b"\x00" + b"\x07\x08garbage" * 1_000_000)


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_any_bytes_are_read_or_refused(data):
    try:
        table = read_table(data, "f")
    except FileProblem:
        return
    assert all(len(cells) == len(table.header) for _line, cells in table.rows)


def test_workbook_keeps_types_and_counts_lines():
    rows = [
        ["Numéro", "Date", "Montant", "CP", "Vide"],
        ["F-1", datetime(2026, 3, 2), 12.5, 69100, None],  # noqa: DTZ001 -- as spreadsheets have it
        [None] * 5,
        ["F-2", date(2026, 3, 3), "1 284,00", "05021", ""],
    ]
    table = read_table(workbook(rows), "f.xlsx")
    assert table.header == ("Numéro", "Date", "Montant", "CP", "Vide")
    assert [line for line, _cells in table.rows] == [2, 4]
    assert texts(table) == [
        ("F-1", "2026-03-02", "12.5", "69100", ""),
        ("F-2", "2026-03-03", "1 284,00", "05021", ""),
    ]


def test_workbook_formula_counts_as_its_result_and_is_refused_without():
    assert "formula without its result" in refused(workbook([["a", "b"], [1, "=A2+1"]]))
    # A spreadsheet program writes the result beside the formula.
    data = workbook([["a", "b"], [1, "=A2+1"]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = (
                    content.replace(b"<v></v>", b"<v>2</v>")
                    .replace(b"<v />", b"<v>2</v>")
                    .replace(b"<v/>", b"<v>2</v>")
                )
            new.writestr(part, content)
    assert texts(read_table(out.getvalue(), "f.xlsx")) == [("1", "2")]


def test_workbook_without_cells_or_only_headings_is_refused():
    assert "empty" in refused(workbook([]))
    assert "no line below" in refused(workbook([["a", "b"]]))


def test_zip_that_is_no_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "not a table" in refused(out.getvalue())


def test_zip_bomb_is_refused_before_it_unfolds(monkeypatch):
    monkeypatch.setattr(workbooks, "_UNFOLDED", 2_000_000)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["a"], ["b"]]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))
        new.writestr("xl/media/image1.png", b"\x00" * 20_000_000)
    assert len(out.getvalue()) < 100_000
    assert "too large once unpacked" in refused(out.getvalue())


def test_workbook_with_document_types_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["a"], ["b"]]))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/workbook.xml":
                content = b'<!DOCTYPE lolz [<!ENTITY lol "lol">]>' + content
            new.writestr(part.filename, content)
    assert "not a table" in refused(out.getvalue())


def test_cut_off_workbook_is_refused():
    data = workbook([["a", "b"], [1, 2]])
    for size in (50, len(data) // 2, len(data) - 10):
        assert "damaged" in refused(data[:size])


def test_workbook_with_a_broken_sheet_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["a"], ["b"]]))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            content = b"<worksheet><row" if part.filename.endswith("sheet1.xml") else old.read(part)
            new.writestr(part.filename, content)
    assert "damaged" in refused(out.getvalue())
