import pytest

from tests.house.repository import Repository


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")
