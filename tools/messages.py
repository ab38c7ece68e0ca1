"""The message catalogues of the rooms: src/rouage/<room>/locale/<language>/LC_MESSAGES/django.po.

python -m tools.messages extract [ROOM ...]   takes the messages from code and templates into the catalogues; keeps
                                              what is translated, drops what no longer exists, fills English with itself
python -m tools.messages compile              writes the .mo files that Django reads (not in git)
python -m tools.messages check                says what is missing, different or badly set; exit code 1 if anything is
"""

import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tools.typography import french_problems, placeholders

ROOT = Path(__file__).resolve().parent.parent
ROOMS = Path("src/rouage")
LANGUAGES = ("fr", "en")
SOURCE_LANGUAGE = "en"
TEMPLATES = {".html", ".txt", ".xml"}
_ONE, _MANY, _CONTEXT = None, (1, 2), ((1, "c"), 2)
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "_lazy", "N_", "gettext", "gettext_lazy", "gettext_noop"), _ONE),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), _MANY),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), _CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def rooms(root: Path = ROOT) -> list[Path]:
    return sorted(folder.parent for folder in (root / ROOMS).glob("*/__init__.py"))


def catalogue_path(room: Path, language: str) -> Path:
    return room / "locale" / language / "LC_MESSAGES" / "django.po"


def _sources(room: Path) -> Iterator[tuple[Path, str]]:
    """Every file that may hold messages, as Python text: templates are turned into it by Django itself."""
    for path in sorted(room.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield path, path.read_text(encoding="utf-8")
        elif path.suffix in TEMPLATES and "templates" in path.parts:
            yield path, templatize(path.read_text(encoding="utf-8"), origin=str(path))


def extracted(room: Path, root: Path = ROOT) -> Catalog:
    catalogue = Catalog()
    for path, text in _sources(room):
        found = babel_extract("python", io.BytesIO(text.encode()), KEYWORDS, ("Translators:",), strip_comment_tags=True)
        for _line, message, comments, context in found:
            place = path.relative_to(root).as_posix()
            catalogue.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return catalogue


def read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def extract(names: Sequence[str], root: Path = ROOT) -> None:
    for room in rooms(root):
        if names and room.name not in names:
            continue
        template = extracted(room, root)
        for language in LANGUAGES:
            path = catalogue_path(room, language)
            if not len(template):
                path.unlink(missing_ok=True)
                continue
            catalogue = read(path, language)
            catalogue.update(template, no_fuzzy_matching=True)
            catalogue.obsolete.clear()
            if language == SOURCE_LANGUAGE:
                _fill_with_itself(catalogue)
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(catalogue, path, language)


def _fill_with_itself(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id and not _is_translated(message):
            message.string = message.id


def _write(catalogue: Catalog, path: Path, language: str) -> None:
    body = io.BytesIO()
    write_po(body, catalogue, width=0, sort_output=True, include_lineno=False, omit_header=True)
    # A header without dates and names: extracting twice changes nothing.
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    text = (header + body.getvalue().decode().lstrip()).rstrip() + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def compile_all(root: Path = ROOT) -> None:
    for room in rooms(root):
        for language in LANGUAGES:
            source = catalogue_path(room, language)
            target = source.with_suffix(".mo")
            if not source.exists():
                target.unlink(missing_ok=True)
            elif not target.exists() or target.stat().st_mtime <= source.stat().st_mtime:
                _compile(source, target, language)


def _compile(source: Path, target: Path, language: str) -> None:
    # Beside it, then renamed: a test run and a server may compile at the same time.
    fresh = target.with_suffix(f".{os.getpid()}")
    with fresh.open("wb") as file:
        write_mo(file, read(source, language))
    fresh.replace(target)


def _is_translated(message: Message) -> bool:
    strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return bool(strings) and all(strings)


def _forms(message: Message) -> list[tuple[str, str]]:
    """Each translated form beside the source it stands for: of a plural, the second for every form but the first."""
    if not isinstance(message.id, (list, tuple)):
        return [(message.id, str(message.string))]
    strings = message.string if isinstance(message.string, (list, tuple)) else (message.string or "",)
    return [(message.id[min(number, 1)], string) for number, string in enumerate(strings)]


def check(root: Path = ROOT) -> list[str]:
    problems: list[str] = []
    for language in LANGUAGES:
        said: dict[tuple[Any, ...], tuple[str, Any]] = {}
        for room in rooms(root):
            template, path = extracted(room, root), catalogue_path(room, language)
            catalogue = read(path, language)
            where = path.relative_to(root).as_posix()
            problems += [f"{where}: {problem}" for problem in _compared(template, catalogue, language)]
            for message in catalogue:
                if message.id:
                    key = (message.id, message.context)
                    place, string = said.setdefault(key, (where, message.string))
                    # Django merges the catalogues of all rooms: the last one would win, in all of them.
                    if string != message.string:
                        problems.append(f"{where}: {message.id!r} is translated in another way in {place}")
    return problems


def _compared(template: Catalog, catalogue: Catalog, language: str) -> Iterator[str]:
    for wanted in template:
        if not wanted.id:
            continue
        found = catalogue.get(wanted.id, wanted.context)
        if found is None:
            yield f"{wanted.id!r} is missing (make messages)"
        elif found.fuzzy or not _is_translated(found):
            yield f"{wanted.id!r} is not translated"
        elif bool(wanted.pluralizable) != bool(found.pluralizable):
            yield f"{wanted.id!r} is a plural in one place and none in the other"
        else:
            yield from _form_problems(found, language)
    for found in catalogue:
        if found.id and template.get(found.id, found.context) is None:
            yield f"{found.id!r} is no longer in the room (make messages)"


def _form_problems(message: Message, language: str) -> Iterator[str]:
    for number, (source, string) in enumerate(_forms(message)):
        wanted, used = placeholders(source), placeholders(string)
        # "one reminder" may leave its figure out, in either language.
        one = number == 0 and isinstance(message.id, (list, tuple))
        allowed = wanted | (placeholders(message.id[1]) if one else set())
        if not used <= allowed or (not one and not wanted <= used):
            yield f"{string!r} has the placeholders {sorted(used)}, its source {sorted(wanted)}"
        if language == "fr":
            yield from (f"{string!r}: {problem}" for problem in french_problems(string))


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["extract", *names]:
            extract(names)
        case ["compile"]:
            compile_all()
        case ["check"]:
            problems = check()
            print("\n".join(problems) or "Messages: complete in French and English.")
            return int(bool(problems))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
