from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from django.test import override_settings

from rouage.automations import definition, flood
from rouage.mail.lines import LINES
from tests.factories.mail import Sink


@pytest.fixture(autouse=True)
def _fresh_caches():
    """What a process keeps by id: each test's database gives the same ids to other rows."""
    definition.forget()
    flood.forget()


@pytest.fixture
def sink():
    """A real mail server on loopback, which is the deployment's."""
    with Sink() as server, override_settings(ROUAGE_SMTP_PORT=server.port):
        yield server
        LINES.close_idle()


@pytest.fixture
def mails(sink):
    """What the mail server has got by now, as (address, subject)."""

    def read():
        return [
            (address, str(make_header(decode_header(message_from_bytes(raw)["Subject"]))))
            for address, raw in sink.mails
        ]

    return read
