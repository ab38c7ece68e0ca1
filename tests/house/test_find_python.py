import shlex
import sys

import pytest

from tests.house.repository import ROOT, run

FIND = str(ROOT / "tools" / "find-python")


@pytest.fixture
def machine(tmp_path):
    """A machine with nothing but a shell: what is put into its folders is all that can be found."""
    for folder in ("bin", "more", "home"):
        (tmp_path / folder).mkdir()
    for program in ("sh", "ls", "cat"):
        (tmp_path / "more" / program).symlink_to(f"/bin/{program}")
    return tmp_path


def program(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def interpreter(path):
    return program(path, f'exec {shlex.quote(sys.executable)} "$@"')


def find(machine, **environment):
    path = f"{machine}/bin:{machine}/more"
    return run("/bin/sh", FIND, env={"PATH": path, "HOME": str(machine / "home")} | environment)


def test_find_python_passes_over_a_shim_that_fails(machine):
    program(machine / "bin" / "python3.13", 'echo "pyenv: python3.13: command not found" >&2; exit 127')
    good = interpreter(machine / "more" / "python3.13")
    assert find(machine).stdout.strip() == str(good)


def test_find_python_looks_among_the_versions_of_pyenv(machine):
    program(machine / "bin" / "python3.13", "exit 127")
    good = interpreter(machine / "home" / ".pyenv" / "versions" / "3.13.0" / "bin" / "python")
    assert find(machine).stdout.strip() == str(good)


def test_find_python_asks_uv_without_letting_it_download(machine):
    good = interpreter(machine / "uv-python")
    program(
        machine / "bin" / "uv",
        f'case "$*" in "python find --no-python-downloads 3.13") echo {good};; *) exit 2;; esac',
    )
    assert find(machine).stdout.strip() == str(good)


def test_find_python_prefers_3_13(machine):
    interpreter(machine / "bin" / "python3.12")
    interpreter(machine / "bin" / "python3")
    good = interpreter(machine / "more" / "python3.13")
    assert find(machine).stdout.strip() == str(good)


def test_find_python_takes_the_one_that_is_named_or_says_that_it_does_not_work(machine):
    interpreter(machine / "bin" / "python3.13")
    mine = interpreter(machine / "home" / "mine")
    assert find(machine, ROUAGE_PYTHON=str(mine)).stdout.strip() == str(mine)
    refused = find(machine, ROUAGE_PYTHON="/nowhere/python")
    assert refused.returncode == 1
    assert "ROUAGE_PYTHON is /nowhere/python" in refused.stdout


def test_find_python_says_what_to_install_when_all_are_too_old(machine):
    program(machine / "bin" / "python3", "exit 1")
    answer = find(machine)
    assert answer.returncode == 1
    assert "Rouage needs Python 3.12 or newer" in answer.stdout
    assert "apt-get install" in answer.stdout
