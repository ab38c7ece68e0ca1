"""Rules for a translation: the same placeholders as its source, and French punctuation with no-break spaces."""

import re
from collections.abc import Iterator

NO_BREAK = "\u00a0"
# The two characters %% are a percent sign, no placeholder.
PLACEHOLDER = re.compile(
    r"""
    %\(\w+\)[-#0 +]*[\d.]*[a-z]            # %(name)s
    | %(?!%)[-#0+]*[\d.]*[sdifrxg](?!\w)    # %s
    | \{\{[^}]*\}\}                         # {{ invoice.number }}
    | \{\w*(?:![rsa])?(?::[^}]*)?\}         # {name}
    """,
    re.VERBOSE,
)
_MARKUP = re.compile(r"<[^>]+>|&\w+;|&#\d+;|\w+://\S+|\S+@\S+|\d+:\d+|::|#[0-9a-f]{3,6}\b")
_BEFORE = re.compile(r"(?P<space>.)(?P<sign>[;:?!%€»])", re.DOTALL)


def placeholders(text: str) -> set[str]:
    return {found.group(0) for found in PLACEHOLDER.finditer(text.replace("%%", ""))}


def french_problems(text: str) -> Iterator[str]:
    """Say where a sign that French sets apart stands without its no-break space (U+00A0)."""
    plain = _MARKUP.sub("x", PLACEHOLDER.sub("x", text.replace("%%", "\0")).replace("\0", "%"))
    for found in _BEFORE.finditer(plain):
        space, sign = found["space"], found["sign"]
        follows = plain[found.end() : found.end() + 1]
        # "?!" and "..." stay together; a colon or a question mark inside a word is code, not a sentence.
        together = space in ";:?!%(.…" or (
            sign in ";:?!" and follows and not follows.isspace() and follows not in f'{NO_BREAK}»).,?!"'
        )
        if space != NO_BREAK and not together:
            yield f"{sign!r} needs a no-break space before it: {plain[max(0, found.start() - 12) : found.end()]!r}"
    for found in re.finditer(r"«(?P<space>.?)", plain, re.DOTALL):
        if found["space"] != NO_BREAK:
            yield f"'«' needs a no-break space after it: {plain[found.start() : found.end() + 12]!r}"
