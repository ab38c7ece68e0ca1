import re

import pytest

from tests.house.repository import ROOT

_PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>\S+) \\\n(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def pins(kind):
    text = (ROOT / "requirements" / f"{kind}.lock").read_text()
    return {found["name"]: found["version"] for found in _PIN.finditer(text)}


@pytest.mark.parametrize("kind", ["run", "test"])
def test_a_lock_has_hashes_for_every_package_and_nothing_else(kind):
    text = (ROOT / "requirements" / f"{kind}.lock").read_text()
    rest = [line for line in _PIN.sub("", text).splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert rest == []
    assert len(pins(kind)) > 20


def test_tests_run_with_the_versions_of_the_product():
    assert pins("run").items() <= pins("test").items()


@pytest.mark.parametrize("kind", ["run", "test"])
def test_a_lock_has_every_package_that_is_asked_for(kind):
    wanted = re.findall(r"^([A-Za-z][\w-]*)", (ROOT / "requirements" / f"{kind}.in").read_text(), re.MULTILINE)
    assert {name.lower() for name in wanted} <= set(pins(kind))
