"""A package of type files, written for a test and taken away again.

with ACTIONS.including(temporary_package(tmp_path, monkeypatch, send_fax="TYPE = ...")): ...
"""

import importlib
import sys
from pathlib import Path

import pytest


def temporary_package(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "temporary_types", **files: str
) -> str:
    """Write ``files`` (module name to source) as an importable package, and return its name."""
    package = folder / name
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    for module, source in files.items():
        (package / f"{module}.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    for loaded in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
        monkeypatch.delitem(sys.modules, loaded)
    importlib.invalidate_caches()
    return name
