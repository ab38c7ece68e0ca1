import hashlib
import tomllib
from pathlib import Path

import pytest

import rouage.web

VENDOR = Path(rouage.web.__file__).parent / "static" / "vendor"
FILES = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))["file"]


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("file", FILES, ids=[file["name"] for file in FILES])
def test_vendored_file_is_the_one_of_its_version(file):
    found = hashlib.sha256((VENDOR / file["name"]).read_bytes()).hexdigest()

    assert found == file["sha256"]


def test_vendored_files_are_all_listed_and_bring_their_licence():
    listed = {file["name"] for file in FILES}
    licences = {path.name for path in VENDOR.glob("*.LICENSE")}

    assert {path.name for path in VENDOR.iterdir()} == {"VENDOR.toml", *listed, *licences}
    assert licences == {"htmx.LICENSE", "inter.LICENSE"}
    assert {file["licence"] for file in FILES} == {"0BSD", "OFL-1.1"}
