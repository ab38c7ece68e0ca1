"""Templates compile, and hold nothing that the Content-Security-Policy refuses: no inline style, script or handler."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.template import TemplateSyntaxError, engines

from tools.checks.tree import files

# A mail is read outside our pages, where a style can only stand in the line.
MAILS = "src/rouage/mail/templates/"
_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?\{%\s*endcomment\s*%\}|<!--.*?-->", re.DOTALL)
FORBIDDEN = {
    "style= in a tag": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "<style>": re.compile(r"<style\b", re.IGNORECASE),
    "a script in the page": re.compile(r"<script\b(?![^>]*\ssrc\s*=)", re.IGNORECASE),
    "an on…= handler": re.compile(r"<[^>]*\son\w+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b", re.IGNORECASE),
    "js: or javascript:": re.compile(r"[\"'=]\s*(?:js|javascript):", re.IGNORECASE),
}


def check(root: Path) -> Iterator[str]:
    for path in files(root, "src/rouage/*/templates/**"):
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        try:
            engines["django"].from_string(text)
        except TemplateSyntaxError as error:
            yield f"{name}: does not compile: {error}"
        if path.suffix == ".html" and not name.startswith(MAILS):
            yield from (f"{name}:{line}: {what}" for line, what in found(text))


def found(text: str) -> Iterator[tuple[int, str]]:
    # Comments become empty lines, so that the line numbers stay right.
    text = _COMMENT.sub(lambda comment: "\n" * comment.group().count("\n"), text)
    for what, pattern in FORBIDDEN.items():
        yield from ((text.count("\n", 0, match.start()) + 1, what) for match in pattern.finditer(text))
