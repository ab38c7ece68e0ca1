"""A rule is set aside only with its code and a reason; an import inside a function has one of three reasons."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tools.checks.tree import files

INLINE_IMPORT = "PLC0415"
IMPORT_REASONS = ("slow import", "optional dependency", "app ready")
_NOQA = re.compile(r"#\s*noqa\b(?P<codes>:\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)?(?P<reason>.*)", re.IGNORECASE)
_IGNORE = re.compile(r"#\s*type:\s*ignore\b(?P<codes>\[[\w\s,-]+\])?(?P<reason>.*)")
_REASON = re.compile(r"\s*(?:--|#|,)\s*(?P<words>\S.*)")


def check(root: Path) -> Iterator[str]:
    for path in files(root, "*.py"):
        name = path.relative_to(root).as_posix()
        with path.open("rb") as file:
            for token in tokenize.tokenize(io.BytesIO(file.read()).readline):
                if token.type == tokenize.COMMENT:
                    yield from (f"{name}:{token.start[0]}: {problem}" for problem in _problems(token.string))


def _problems(comment: str) -> Iterator[str]:
    for kind, found in (("noqa", _NOQA.search(comment)), ("type: ignore", _IGNORE.search(comment))):
        if found is None:
            continue
        reason = _REASON.match(found["reason"])
        if not found["codes"]:
            yield f"{kind} without the code of the rule"
        elif INLINE_IMPORT in found["codes"]:
            if not reason or not reason["words"].startswith(IMPORT_REASONS):
                yield f"an import inside a function is for {' | '.join(IMPORT_REASONS)}: write `-- <reason>` behind it"
        elif not reason:
            yield f"{kind} without a reason: write `-- <why>` behind it"
