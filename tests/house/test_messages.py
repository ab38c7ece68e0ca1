import gettext

import pytest

from tests.house.repository import ROOT
from tools import messages
from tools.typography import french_problems, placeholders

CODE = """from django.utils.translation import gettext as _, ngettext
HELLO = _("Hello %(name)s")
COUNT = ngettext("%(n)s reminder", "%(n)s reminders", n)
"""
PAGE = """{% load i18n %}<p title="l'été">{% translate "Save" %}</p>
{% blocktranslate count n=items|length trimmed %}
  {{ n }} run
{% plural %}
  {{ n }} runs
{% endblocktranslate %}{% translate "Open" context "verb" %}"""
FRENCH = {
    "Hello %(name)s": "Bonjour %(name)s",
    "Save": "Enregistrer",
    "Open": "Ouvrir",
    "%(n)s reminder": ("%(n)s relance", "%(n)s relances"),
    "%(n)s run": ("%(n)s exécution", "%(n)s exécutions"),
}


@pytest.fixture
def room(repository):
    repository.add("src/rouage/mail/__init__.py", "")
    repository.add("src/rouage/mail/words.py", CODE)
    repository.add("src/rouage/mail/templates/mail/page.html", PAGE)
    messages.extract([], repository.root)
    return repository


def translate(room, changes=None, name="mail"):
    path = messages.catalogue_path(room.root / "src/rouage" / name, "fr")
    catalogue = messages.read(path, "fr")
    for message in catalogue:
        key = message.id[0] if isinstance(message.id, (list, tuple)) else message.id
        if key:
            message.string = (FRENCH | (changes or {}))[key]
    messages._write(catalogue, path, "fr")


def test_extract_takes_code_and_templates_and_fills_english(room):
    translate(room)
    assert messages.check(room.root) == []
    english = messages.read(messages.catalogue_path(room.root / "src/rouage/mail", "en"), "en")
    assert english.get("Hello %(name)s").string == "Hello %(name)s"
    assert english.get("Open", "verb").string == "Open"


def test_extract_twice_changes_nothing_and_keeps_translations(room):
    translate(room)
    path = messages.catalogue_path(room.root / "src/rouage/mail", "fr")
    before = path.read_text()
    messages.extract([], room.root)
    assert path.read_text() == before
    assert 'msgstr "Enregistrer"' in before


def test_extract_drops_what_the_room_no_longer_says(room):
    translate(room)
    room.add("src/rouage/mail/words.py", "")
    messages.extract(["mail"], room.root)
    text = messages.catalogue_path(room.root / "src/rouage/mail", "fr").read_text()
    assert "Hello" not in text
    assert "Enregistrer" in text


def test_check_names_a_planted_message(room):
    translate(room)
    room.add("src/rouage/mail/planted.py", '_("Not translated by anybody")')
    problems = messages.check(room.root)
    assert len(problems) == 2
    assert all("'Not translated by anybody' is missing" in problem for problem in problems)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Save": ""}, "'Save' is not translated"),
        ({"%(n)s run": ("%(n)s exécution", "")}, "is not translated"),
        ({"Hello %(name)s": "Bonjour %(nom)s"}, "has the placeholders ['%(nom)s']"),
        ({"Hello %(name)s": "Bonjour"}, "has the placeholders []"),
        ({"%(n)s run": ("%(n)s exécution", "des exécutions")}, "has the placeholders []"),
        ({"Save": "Enregistrer !"}, "needs a no-break space"),
    ],
)
def test_check_names_a_bad_translation(room, changes, problem):
    translate(room, changes)
    (found,) = messages.check(room.root)
    assert problem in found


def test_check_lets_one_reminder_leave_its_figure_out(room):
    translate(room, {"%(n)s reminder": ("une relance", "%(n)s relances")})
    assert messages.check(room.root) == []


def test_check_names_two_translations_of_one_message(room):
    room.add("src/rouage/web/__init__.py", "")
    room.add("src/rouage/web/words.py", '_("Save")')
    messages.extract([], room.root)
    translate(room)
    translate(room, {"Save": "Sauvegarder"}, name="web")
    (found,) = messages.check(room.root)
    assert "'Save' is translated in another way" in found


def test_compile_writes_what_gettext_reads_and_follows_a_change(room):
    translate(room)
    messages.compile_all(room.root)
    target = messages.catalogue_path(room.root / "src/rouage/mail", "fr").with_suffix(".mo")
    with target.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    assert catalogue.gettext("Save") == "Enregistrer"
    assert catalogue.ngettext("%(n)s run", "%(n)s runs", 2) == "%(n)s exécutions"
    assert catalogue.ngettext("%(n)s run", "%(n)s runs", 0) == "%(n)s exécution"
    messages.catalogue_path(room.root / "src/rouage/mail", "fr").unlink()
    messages.compile_all(room.root)
    assert not target.exists()


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour\u00a0!",
        "Total\u00a0: 3\u00a0€",
        "20\u00a0%% de «\u00a0%(name)s\u00a0»",
        "Vraiment\u00a0?! (oui\u00a0?)",
        "À 10:30, voir https://exemple.fr/?a=b;c",
        '<a href="x:y">lien</a>',
        "Écrivez {{ invoice.number }} ici",
    ],
)
def test_french_takes_good_typography(text):
    assert list(french_problems(text)) == []


@pytest.mark.parametrize(
    "text", ["Bonjour !", "Total: 3", "3 €", "3€", "20%% de", "20 %% de", "« a\u00a0»", "«\u00a0a »", "ça ;"]
)
def test_french_names_a_missing_no_break_space(text):
    assert len(list(french_problems(text))) == 1


def test_placeholders_knows_each_kind():
    text = "%(name)s %s %d {a} {0:>3} {{ b.c }} 5%% 100% sure"
    assert placeholders(text) == {"%(name)s", "%s", "%d", "{a}", "{0:>3}", "{{ b.c }}"}


@pytest.mark.req("UX-1")
def test_the_rooms_are_complete_in_both_languages():
    assert messages.check(ROOT) == []
