"""What could leak of an organisation's mail."""

from rouage.mail.history import reminders_sent, reminders_sent_to
from tests.factories.mail import NOW, make_message
from tests.factories.sealed import Side


def fill(side: Side) -> None:
    client = side.things["client"]
    make_message(side.organisation, client_id=client.id, reminder=True)


ASKS = {
    "history.reminders_sent": lambda me, of: reminders_sent(me.organisation.id, {of.things["client"].id}, NOW),
    "history.reminders_sent_to": lambda me, of: reminders_sent_to({(me.organisation.id, of.things["client"].id)}, NOW),
}
EXEMPT: dict[str, str] = {}
