"""The editor as a browser uses it: its form as drawn, sent with some changes."""

import re
from html import unescape

from rouage.automations import commands
from tests.factories.accounts import NOW
from tests.factories.automations import draft
from tests.web.filled import filled

HTMX = {"HX-Request": "true", "HX-Target": "div#editor"}


def make_draft(member, *steps, **definition):
    return commands.create(member, name="Relances", kind=definition.get("kind", "quote"),
                           draft=draft(*steps, **definition), now=NOW)  # fmt: skip


def address(automation, query=""):
    return f"/automations/{automation.pk}{query}"


def send(browser, automation, do="save", changes=None, query="", **options):
    """Post the editor's form as it is drawn, with some fields changed (None: taken out) and one button pressed."""
    page = browser.get(address(automation, query))
    assert page.status_code == 200
    data = filled(page, "editor-form") | {"do": [do]}
    for name, value in (changes or {}).items():
        data.pop(name, None)
        if value is not None:
            data[name] = value if isinstance(value, list) else [value]
    return browser.post(address(automation, "/draft"), data, **options)


def sentence_of(page):
    """Without the links in it."""
    section = page.content.decode().partition('id="sentence"')[2].partition("</section>")[0].partition("</span>")[2]
    return unescape(re.sub(r"<[^>]+>", "", section)).replace("'", "’").replace("\xa0", " ")


def stored(automation):
    automation.refresh_from_db()
    return automation.draft
