"""Rules of the whole suite: which database a test runs on, what runs one after the other, what a skip means."""

import os

import pytest
from django.db import connection

from tests.factories.flush import allow_flush

REQUIRE_ALL = os.environ.get("ROUAGE_REQUIRE_ALL") == "1"
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server", "client", "admin_client"}


def pytest_addoption(parser):
    parser.addoption(
        "--database-only", action="store_true", help="only tests that use the database (for the second database)"
    )


@pytest.fixture(scope="session", autouse=True)
def _flush_append_only_tables():
    allow_flush()


@pytest.fixture(autouse=True)
def _forget():
    """Each test begins with the numbers of the one before: what is kept by number would be another test's."""
    from rouage.automations import definition, flood  # noqa: PLC0415 -- app ready

    definition.forget()
    flood.forget()


def pytest_collection_modifyitems(config, items):
    """Leave out what belongs to the other database: deselected, not skipped, since tools/test runs it there."""
    kept, left = [], []
    for item in items:
        if item.get_closest_marker("serial"):
            item.add_marker(pytest.mark.xdist_group("serial"))
        (kept if _runs_here(item, config) else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def _runs_here(item, config):
    other = {"postgresql": "sqlite", "sqlite": "postgresql"}[connection.vendor]
    if item.get_closest_marker(other):
        return False
    if config.getoption("--database-only"):
        uses = bool(item.get_closest_marker("django_db")) or not DATABASE_FIXTURES.isdisjoint(item.fixturenames)
        return (uses or item.get_closest_marker(connection.vendor)) and not item.get_closest_marker("browser")
    return True


def _refuse_skip(report):
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"ROUAGE_REQUIRE_ALL=1, and this was skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _refuse_skip((yield))
