"""A real Chromium on the live server.

    def test_quotes(visit):
        page = visit("/quotes", make_member(), view=PHONE_DARK)
        assert_accessible(page)

``visit`` signs the member in and fails the test if a page wrote a console error or broke the content policy; with
``quiet=False`` the test says itself what it expects in ``visit.complaints``.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

from tests.factories.accounts import sign_in

CHROMIUM = os.environ.get("ROUAGE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--lang=fr-FR",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class View:
    width: int = 1440
    height: int = 900
    theme: str = "light"

    def __str__(self):
        return f"{self.width}-{self.theme}"


DESKTOP, DESKTOP_DARK = View(), View(theme="dark")
PHONE, PHONE_DARK = View(width=390, height=844), View(width=390, height=844, theme="dark")
VIEWS = (DESKTOP, DESKTOP_DARK, PHONE, PHONE_DARK)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.serial)


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt-get install chromium chromium-l10n (or set ROUAGE_CHROMIUM)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    # Playwright keeps an event loop in this thread; the factories of the tests use the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    environment = {**os.environ, "LANGUAGE": "fr", "LANG": "fr_FR.UTF-8"}
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env=environment)
        yield browser
        browser.close()


class Visitor:
    """Opens pages, each in a browser profile of its own, and keeps what the browser complained about."""

    def __init__(self, browser, address):
        self.browser, self.address = browser, address
        self.complaints, self.contexts = [], []
        self.quiet = True

    def __call__(self, path, member=None, *, view=DESKTOP, quiet=True, **options):
        self.quiet = self.quiet and quiet
        context = self.browser.new_context(
            viewport={"width": view.width, "height": view.height},
            color_scheme=view.theme,
            reduced_motion="reduce",
            has_touch=view.width < 500,
            **({"locale": "fr-FR"} | options),
        )
        self.contexts.append(context)
        if member is not None:
            context.add_cookies([self._session(member)])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.address + path)
        page.wait_for_load_state("networkidle")
        return page

    def _session(self, member):
        client = sign_in(Client(), member)
        name = django_settings.SESSION_COOKIE_NAME
        return {"name": name, "value": client.cookies[name].value, "url": self.address}

    def _note(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@pytest.fixture
def visit(chromium, live_server):
    visitor = Visitor(chromium, live_server.url)
    yield visitor
    for context in visitor.contexts:
        context.close()
    if visitor.quiet:
        assert visitor.complaints == []
