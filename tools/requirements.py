"""Prints the table of requirements: id, tests that prove it, state. ``--missing`` prints only those without a test."""

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TypeGuard

from tools.checks.tree import ROOT, files

REFERENCE = Path("docs/reference/requirements.md")
_LINE = re.compile(r"^- (?P<id>[A-Z]{2,3}-\d+) (?P<text>.+)$", re.MULTILINE)


def known(root: Path = ROOT) -> dict[str, str]:
    return {found["id"]: found["text"] for found in _LINE.finditer((root / REFERENCE).read_text(encoding="utf-8"))}


def proofs(root: Path = ROOT) -> dict[str, list[str]]:
    """Read every ``req`` mark of the tests: id -> the tests that carry it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in files(root, "tests/*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = [id_ for node in tree.body if _is_pytestmark(node) for id_ in _ids(node)]
        for node in ast.walk(tree):
            if _is_test(node):
                marks = [id_ for decorator in node.decorator_list for id_ in _ids(decorator)]
                for id_ in dict.fromkeys(module + marks):
                    found[id_].append(f"{path.relative_to(root).as_posix()}::{node.name}")
    return dict(found)


def _is_test(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """A class counts once, for the marks that it gives to all its tests."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name.startswith("test_")
        case ast.ClassDef(decorator_list=decorators):
            return bool([id_ for decorator in decorators for id_ in _ids(decorator)])
    return False


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)


def _ids(node: ast.AST) -> list[str]:
    calls = (part for part in ast.walk(node) if isinstance(part, ast.Call))
    marks = (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "req")
    return [
        arg.value for call in marks for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    ]


def main(arguments: list[str]) -> int:
    requirements, tests = known(), proofs()
    missing_only = arguments == ["--missing"]
    print(f"{'id':<8}{'tests':>6}  {'state':<10}requirement")
    for id_, text in requirements.items():
        count = len(tests.get(id_, []))
        if not (missing_only and count):
            print(f"{id_:<8}{count:>6}  {'tested' if count else 'untested':<10}{text}")
    tested = sum(1 for id_ in requirements if tests.get(id_))
    print(f"\n{tested} of {len(requirements)} requirements have a test.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
