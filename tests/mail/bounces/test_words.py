"""The names here are those of the room, which this pure package cannot import."""

import subprocess
import sys

import pytest

from rouage.mail.bounces import Action, Cause, parse
from rouage.mail.bounces.original import ID_HEADER
from rouage.mail.compose import ID_HEADER as ROOM_HEADER
from rouage.mail.reasons import Code
from rouage.mail.states import DeliveryKind

pytestmark = pytest.mark.req("SND-3")
DSN = {Action.FAILED, Action.DELAYED, Action.DELIVERED, Action.RELAYED, Action.EXPANDED}


@pytest.mark.parametrize("cause", Cause)
def test_cause_is_a_reason_of_the_room(cause):
    assert Code(cause.value).name == cause.name


@pytest.mark.parametrize("action", Action)
def test_action_is_a_kind_of_event_of_the_room(action):
    assert DeliveryKind(f"dsn_{action}" if action in DSN else action.value)


def test_header_is_the_one_that_we_write():
    assert ROOM_HEADER.lower() == ID_HEADER


def test_parser_needs_no_django():

    code = "import sys, rouage.mail.bounces; sys.exit(any(each.split('.')[0] == 'django' for each in sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], cwd="src", check=False, timeout=30).returncode == 0
    assert parse(b"").recipients == ()
