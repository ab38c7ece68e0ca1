import hashlib

import pytest

from tests.house.repository import ROOT
from tools.checks import comments, doors, markup, places, sizes, vendored


def said(check, repository):
    return list(check.check(repository.root))


def test_sizes_names_a_long_function_and_a_long_module(repository):
    body = "    pass\n"
    repository.add("src/rouage/web/fits.py", "def fits():\n" + body * 58)
    repository.add("tests/web/test_long.py", "def grows():\n" + body * 59 + "\n" * 341)
    problems = said(sizes, repository)
    assert len(problems) == 2
    assert problems[0].startswith("tests/web/test_long.py: 401 lines")
    assert problems[1].startswith("tests/web/test_long.py:1: grows has 60 lines")


def test_sizes_leaves_migrations_alone(repository):
    repository.add("src/rouage/mail/migrations/0001_initial.py", "x = 1\n" * 500)
    assert said(sizes, repository) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("import os  # noqa", "noqa without the code of the rule"),
        ("import os  # noqa: F401", "noqa without a reason"),
        ("x: int = ''  # type: ignore", "type: ignore without the code of the rule"),
        ("x: int = ''  # type: ignore[assignment]", "type: ignore without a reason"),
        ("import os  # noqa: PLC0415 -- circular", "an import inside a function is for"),
        ("import os  # noqa: PLC0415", "an import inside a function is for"),
    ],
)
def test_comments_names_an_exception_without_code_or_reason(repository, line, problem):
    repository.add("src/rouage/web/planted.py", f"{line}\n")
    (found,) = said(comments, repository)
    assert found.startswith(f"src/rouage/web/planted.py:1: {problem}")


@pytest.mark.parametrize(
    "line",
    [
        "import os  # noqa: PLC0415 -- slow import",
        "import os  # noqa: PLC0415 -- optional dependency: the broker",
        "import os  # noqa: PLC0415 -- app ready",
        "x: int = ''  # type: ignore[assignment] -- the stubs are wrong here",
        "import os  # noqa: F401, E402 -- registers itself",
        "text = '# noqa'",
    ],
)
def test_comments_takes_an_exception_with_its_reason(repository, line):
    repository.add("src/rouage/web/planted.py", f"{line}\n")
    assert said(comments, repository) == []


def test_doors_names_each_way_of_writing(repository):
    repository.add(
        "src/rouage/web/views/planted.py",
        "quote.save()\nQuote.objects.filter(pk=1).update(status='sent')\nrows.delete()\ncursor.execute('drop')\n",
    )
    repository.add("src/rouage/api/planted.py", "Quote.objects.create()\nfacts.update(a=1)\ncache.delete('key')\n")
    repository.add("src/rouage/records/commands.py", "quote.save()\n")
    lines = [problem.partition(": ")[0] for problem in said(doors, repository)]
    assert lines == ["src/rouage/api/planted.py:1", *(f"src/rouage/web/views/planted.py:{n}" for n in (1, 2, 3, 4))]


@pytest.mark.parametrize(
    ("markup_text", "what"),
    [
        ('<p style="color: red">', "style= in a tag"),
        ("<style>p {}</style>", "<style>"),
        ("<script>alert(1)</script>", "a script in the page"),
        ('<a\n onclick="go()">', "an on…= handler"),
        ('<a hx-on:click="go()">', "hx-on"),
        ('<a href="javascript:go()">', "js: or javascript:"),
        ("<a hx-vals='js:{a: 1}'>", "js: or javascript:"),
    ],
)
def test_markup_names_what_the_policy_refuses(repository, markup_text, what):
    repository.add("src/rouage/web/templates/web/planted.html", f"<main>\n{markup_text}\n</main>")
    assert said(markup, repository) == [f"src/rouage/web/templates/web/planted.html:2: {what}"]


def test_markup_takes_files_and_comments_and_leaves_mails_alone(repository):
    repository.add(
        "src/rouage/web/templates/web/fine.html",
        '<script src="/static/app.js" defer></script>{# <style> #}<!-- onclick= --><input name="on" value="a">',
    )
    repository.add("src/rouage/mail/templates/mail/plain.html", '<p style="margin: 0">')
    assert said(markup, repository) == []


def test_markup_names_a_template_that_does_not_compile(repository):
    repository.add("src/rouage/web/templates/web/planted.html", "{% if %}")
    (found,) = said(markup, repository)
    assert "does not compile" in found


def manifest(name, data, **changes):
    entry = {"name": name, "version": "1", "licence": "MIT", "package": "p"}
    entry |= {"sha256": hashlib.sha256(data.encode()).hexdigest()} | changes
    return "[[file]]\n" + "".join(f'{key} = "{value}"\n' for key, value in entry.items())


def test_vendored_takes_a_file_with_its_hash(repository):
    repository.add("src/rouage/web/static/vendor/a.js", "let a")
    repository.add("src/rouage/web/static/vendor/a.LICENSE", "MIT")
    repository.add("src/rouage/web/static/vendor/VENDOR.toml", manifest("a.js", "let a"))
    assert said(vendored, repository) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (manifest("a.js", "let b"), "its hash differs"),
        (manifest("a.js", "let a", licence=""), "licence not given"),
        (manifest("a.js", "let a") + manifest("b.js", "x"), "b.js is in VENDOR.toml and not in the folder"),
        ("", "a.js is not in VENDOR.toml"),
    ],
)
def test_vendored_names_what_differs_from_the_manifest(repository, text, problem):
    repository.add("src/rouage/web/static/vendor/a.js", "let a")
    repository.add("src/rouage/web/static/vendor/VENDOR.toml", text)
    assert any(problem in found for found in said(vendored, repository))


def test_vendored_wants_a_manifest(repository):
    repository.add("src/rouage/web/static/vendor/a.js", "let a")
    assert said(vendored, repository) == ["src/rouage/web/static/vendor: has no VENDOR.toml"]


@pytest.mark.parametrize("place", ["PYPI.org", "files.PYTHONhosted.org", "/ROOT/x", " /WORK/x"])
def test_places_names_a_host_or_a_machine(repository, place):
    repository.add("docs/planted.md", f"See\n{place.lower()} for it\n")
    (found,) = said(places, repository)
    assert found.startswith("docs/planted.md:2")


def test_places_names_an_address_in_a_lock_and_reads_past_fonts(repository):
    repository.add("requirements/run.lock", "--index-url https://mirror.example\na==1 --hash=sha256:0\n")
    (repository.root / "font.woff2").write_bytes(b"\xff\xfe\x00")
    (found,) = said(places, repository)
    assert found.startswith("requirements/run.lock:1")


@pytest.mark.parametrize("check", [sizes, comments, doors, markup, vendored, places])
def test_the_house_keeps_its_own_rules(check):
    assert list(check.check(ROOT)) == []
