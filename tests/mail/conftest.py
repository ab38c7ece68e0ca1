"""What the tests of the mail room share."""

import pytest
from django.test import override_settings

from rouage.mail.lines import LINES
from tests.factories.accounts import make_organisation
from tests.factories.mail import Sink


@pytest.fixture
def organisation(db):
    return make_organisation("Atelier Martin", email="contact@atelier-martin.fr")


@pytest.fixture
def sink():
    """A mail server, which is the deployment's."""
    with Sink() as server, override_settings(ROUAGE_SMTP_PORT=server.port):
        yield server
        LINES.close_idle()


@pytest.fixture(autouse=True)
def _no_line_is_left_open():
    yield
    LINES.close_idle()
