"""A module has at most 400 lines, a function fewer than 60; ruff counts the statements."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.checks.tree import files

MODULE_LINES = 400
FUNCTION_LINES = 60


def check(root: Path) -> Iterator[str]:
    for path in files(root, "*.py"):
        # A migration is generated, and grows with the tables that it makes.
        if "migrations" in path.parts:
            continue
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > MODULE_LINES:
            yield f"{name}: {lines} lines, at most {MODULE_LINES}: split it by what its parts are for"
        for node in ast.walk(ast.parse(text, filename=name)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length >= FUNCTION_LINES:
                    yield f"{name}:{node.lineno}: {node.name} has {length} lines, the most is {FUNCTION_LINES - 1}"
