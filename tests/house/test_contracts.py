import os
import re
import shutil
from pathlib import Path

import pytest

from tests.house.repository import ROOT, python

LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command(['--no-cache']))"
PLANTED = {
    "records/planted.py": "from rouage.automations import apps\n",
    "web/planted.py": "from rouage.api import apps\nfrom rouage.journal.bulk import *\n",
    "planner/planted.py": "from django.db import models\n",
    "automations/triggers/planted.py": "import django.utils.timezone\n",
    "automations/conditions/planted.py": "from rouage.records import apps\n",
    "functions/sandbox/planted.py": "from rouage.journal import apps\n",
    "common/__init__.py": "",
}


def lint(root):
    environment = os.environ | {"PYTHONPATH": f"{root}/src"}
    return python("-c", LINT, cwd=root, env=environment).stdout


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "src" / "rouage", tmp_path / "src" / "rouage", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_contracts_hold_for_the_rooms_as_they_are(copy):
    answer = lint(copy)
    assert "5 kept, 0 broken" in answer, answer


def test_contracts_break_where_an_import_goes_up_or_a_room_has_no_place(copy):
    actions = [path.stem for path in (copy / "src/rouage/automations/actions").glob("*.py") if path.stem != "__init__"]
    assert len(actions) > 1
    planted = PLANTED | {"automations/actions/planted.py": f"from rouage.automations.actions import {actions[0]}\n"}
    for name, text in planted.items():
        path = copy / "src" / "rouage" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    answer = lint(copy)
    assert "0 kept, 5 broken" in answer, answer
    for module in ("records", "web", "planner", "automations.triggers", "automations.conditions", "functions.sandbox"):
        assert re.search(rf"rouage\.{module}\.planted -> ", answer), f"{module}: {answer}"
    assert f"rouage.automations.actions.planted -> rouage.automations.actions.{actions[0]}" in answer
    assert "rouage.common" in answer


def test_every_room_has_its_storey():
    rooms = {path.parent.name for path in Path(ROOT / "src/rouage").glob("*/__init__.py")}
    lower = {"planner", "journal", "accounts", "records", "mail", "functions", "automations"}
    assert rooms == lower | {"web", "api", "engine", "config"}
