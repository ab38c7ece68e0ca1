"""Files taken from elsewhere are what their VENDOR.toml says: each is listed, with its version, licence and hash.

[[file]] name = "htmx.min.js", version = "4.0.1", licence = "0BSD", package = "htmx.org", sha256 = "…"; a licence text
(*.LICENSE) needs no entry.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tools.checks.tree import files

MANIFEST = "VENDOR.toml"
FIELDS = ("name", "version", "licence", "package", "sha256")


def check(root: Path) -> Iterator[str]:
    folders = {path for path in (root / "src").rglob("vendor") if path.is_dir()}
    for folder in sorted(folders):
        where = folder.relative_to(root).as_posix()
        if (folder / MANIFEST).is_file():
            yield from (f"{where}: {problem}" for problem in _compared(folder, files(root, f"{where}/**")))
        else:
            yield f"{where}: has no {MANIFEST}"


def _compared(folder: Path, present: list[Path]) -> Iterator[str]:
    entries = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("file", [])
    listed = set()
    for entry in entries:
        missing = [field for field in FIELDS if not entry.get(field)]
        if missing:
            yield f"{entry.get('name')}: {', '.join(missing)} not given in {MANIFEST}"
            continue
        path = folder / entry["name"]
        listed.add(path)
        if not path.is_file():
            yield f"{entry['name']} is in {MANIFEST} and not in the folder"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            yield f"{entry['name']} is not the file of version {entry['version']}: its hash differs"
    for path in present:
        if path not in listed and path.name != MANIFEST and path.suffix != ".LICENSE":
            yield f"{path.relative_to(folder)} is not in {MANIFEST}"
