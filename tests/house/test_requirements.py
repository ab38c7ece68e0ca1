import pytest

from tools import requirements


def test_every_mark_names_a_known_requirement():
    unknown = {id_: tests for id_, tests in requirements.proofs().items() if id_ not in requirements.known()}
    assert unknown == {}
    assert requirements.proofs(), "no test carries a requirement: the reader of the marks is broken"


def test_the_reference_has_each_id_once():
    text = (requirements.ROOT / requirements.REFERENCE).read_text()
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert len(lines) == len(requirements.known()) == 66


@pytest.fixture
def planted(repository):
    repository.add("docs/reference/requirements.md", "# Requirements\n\n- RUN-1 One.\n- RUN-2 Two.\n- AUT-1 Three.\n")
    repository.add(
        "tests/test_planted.py",
        "import pytest\n"
        "@pytest.mark.req('RUN-1', 'RUN-9')\ndef test_a(): ...\n"
        "@pytest.mark.req('RUN-1')\nclass TestB:\n    def test_c(self): ...\n"
        "def helper(): return pytest.mark.req('AUT-1')\n",
    )
    repository.add(
        "tests/test_module.py", "import pytest\npytestmark = [pytest.mark.req('RUN-2')]\ndef test_d(): ...\n"
    )
    return repository


def test_proofs_reads_marks_of_functions_classes_and_modules(planted):
    assert requirements.proofs(planted.root) == {
        "RUN-1": ["tests/test_planted.py::test_a", "tests/test_planted.py::TestB"],
        "RUN-9": ["tests/test_planted.py::test_a"],
        "RUN-2": ["tests/test_module.py::test_d"],
    }


def test_table_shows_what_is_untested(planted, monkeypatch, capsys):
    monkeypatch.setattr(requirements, "proofs", lambda: {"RUN-1": ["a"]})
    monkeypatch.setattr(requirements, "known", lambda: {"RUN-1": "One.", "AUT-1": "Three."})
    assert requirements.main(["--missing"]) == 0
    answer = capsys.readouterr().out
    assert "AUT-1        0  untested  Three." in answer
    assert "One." not in answer
    assert "1 of 2 requirements have a test." in answer
