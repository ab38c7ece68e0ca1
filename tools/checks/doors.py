"""The doors (web, api) change rows through the commands of the rooms below, never through the ORM or SQL."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.checks.tree import files

ALWAYS = {
    "save", "asave", "delete", "adelete", "bulk_create", "abulk_create", "bulk_update", "abulk_update",
    "get_or_create", "aget_or_create", "update_or_create", "aupdate_or_create", "execute", "executemany",
}  # fmt: skip
ON_A_QUERY = {"create", "acreate", "update", "aupdate"}


def check(root: Path) -> Iterator[str]:
    for path in files(root, "src/rouage/web/*.py", "src/rouage/api/*.py"):
        name = path.relative_to(root).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=name)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _writes(node.func):
                yield f"{name}:{node.lineno}: .{node.func.attr}() changes rows: a door calls a command of the room"


def _writes(function: ast.Attribute) -> bool:
    # A cache is no row, and a router's methods are those of HTTP.
    if isinstance(function.value, ast.Name) and function.value.id in {"cache", "router"}:
        return False
    return function.attr in ALWAYS or (function.attr in ON_A_QUERY and _is_query(function.value))


def _is_query(node: ast.expr) -> bool:
    """Tell ``Quote.objects.filter(...)`` from a dictionary: somewhere in the chain stands a manager."""
    return any(isinstance(part, ast.Attribute) and part.attr in {"objects", "_base_manager"} for part in ast.walk(node))
