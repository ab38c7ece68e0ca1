import os
import sys
from pathlib import Path

import pytest

from tests.house.repository import ROOT, python, run
from tools import postgres

SUITE = """
import pytest
def test_skipped(): pytest.skip("no browser here")
def test_passed(): pass
@pytest.mark.postgresql
def test_of_postgresql(): pass
@pytest.mark.sqlite
def test_of_sqlite(): pass
@pytest.mark.django_db
def test_of_both(): pass
"""
MODULE = 'import pytest\npytest.importorskip("no_such_module_at_all")\n'


@pytest.fixture
def suite(tmp_path):
    """Run a small suite under the rules of ours, on SQLite unless told otherwise."""
    (tmp_path / "test_planted.py").write_text(SUITE)
    (tmp_path / "test_module.py").write_text(MODULE)
    ini = tmp_path / "pytest.ini"
    ini.write_text(
        "[pytest]\nmarkers =\n    postgresql\n    sqlite\n    serial\nDJANGO_SETTINGS_MODULE = tests.settings\n"
    )

    def call(*arguments, **environment):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ROUAGE_", "PYTEST_"))}
        environment = inherited | {"PYTHONPATH": f"{ROOT}/src:{ROOT}"} | environment
        command = ("-m", "pytest", "-c", ini, "-p", "tests.conftest", "-p", "no:cacheprovider", "-v", tmp_path)
        return python(*command, *arguments, cwd=tmp_path, env=environment)

    return call


def test_a_skip_is_a_skip_for_developers(suite):
    answer = suite()
    assert answer.returncode == 0, answer.stdout
    assert "3 passed, 2 skipped, 1 deselected" in answer.stdout


def test_a_skip_is_a_failure_where_all_is_required(suite):
    answer = suite("--continue-on-collection-errors", ROUAGE_REQUIRE_ALL="1")
    assert answer.returncode == 1
    assert "1 failed, 3 passed, 1 deselected, 1 error" in answer.stdout, answer.stdout
    assert "ROUAGE_REQUIRE_ALL=1, and this was skipped" in answer.stdout
    assert "no_such_module_at_all" in answer.stdout


def test_each_database_runs_its_own_tests(suite):
    if postgres.programs() is None:
        pytest.skip(postgres.ABSENT)
    with postgres.cluster(postgres.programs()) as address:
        answer = suite("--database-only", ROUAGE_DATABASE=address, ROUAGE_SECRET_KEY="x", ROUAGE_SMTP_HOST="127.0.0.1")
    assert "test_of_both PASSED" in answer.stdout, answer.stdout
    assert "test_of_postgresql PASSED" in answer.stdout
    assert "test_of_sqlite" not in answer.stdout
    assert "test_passed" not in answer.stdout


def test_postgres_lends_a_cluster_and_takes_it_away_again():
    if postgres.programs() is None:
        pytest.skip(postgres.ABSENT)
    script = (
        "import os, psycopg; c = psycopg.connect(os.environ['ROUAGE_DATABASE']);"
        "print(*c.execute('show fsync').fetchone(), *c.execute('show data_directory').fetchone()); raise SystemExit(7)"
    )
    answer = python("-m", "tools.postgres", "run", "--", sys.executable, "-c", script)
    assert answer.returncode == 7
    fsync, data = answer.stdout.split()
    assert fsync == "on"
    assert not Path(data).exists()


def test_postgres_says_what_to_install_where_it_is_absent(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(postgres, "programs", lambda: None)
    assert postgres.main(["find"]) == 1
    assert "apt-get install postgresql" in capsys.readouterr().out
    assert postgres.main(["run", "--", "true"]) == 1
    assert "apt-get install postgresql" in capsys.readouterr().err


def test_make_lists_its_commands():
    answer = run("make", "--no-print-directory", "help").stdout
    for command in ("run", "test", "check", "fmt", "bench", "demo", "requirements", "messages"):
        assert f"make {command} " in answer
