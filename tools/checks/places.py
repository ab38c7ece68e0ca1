"""No file names the host of a package registry or a path of somebody's machine: a clone works anywhere."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.checks.tree import files, text_of

# A letter in brackets keeps this file from breaking its own rule.
PLACES = re.compile(r"[p]ypi\.org|[p]ythonhosted|[r]egistry\.npmjs|[d]eb\.debian|(?<![\w.])/(?:root|work|farm)/")
LOCKED = re.compile(r"^(?:--(?:extra-)?index-url|--find-links|--trusted-host)|\bfile:/|@\s*https?:")


def check(root: Path) -> Iterator[str]:
    for path in files(root):
        text = text_of(path)
        if text is None:
            continue
        name = path.relative_to(root).as_posix()
        for number, line in enumerate(text.splitlines(), 1):
            if place := PLACES.search(line):
                yield f"{name}:{number}: names {place.group()!r}"
            if path.suffix == ".lock" and LOCKED.search(line):
                yield f"{name}:{number}: a lock file names versions and hashes, no places"
