import pytest

from rouage.automations import definition, flood


@pytest.fixture(autouse=True)
def _fresh_caches():
    """What a process keeps by id: each test's database gives the same ids to other rows."""
    definition.forget()
    flood.forget()
