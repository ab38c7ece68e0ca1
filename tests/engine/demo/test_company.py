"""The demo company: runs in every state, once."""

from datetime import UTC, datetime

import pytest

from rouage.accounts.models import Organisation
from rouage.automations.models import Automation, Run
from rouage.engine import ports
from rouage.engine.demo import company
from rouage.mail.demo_mailbox import DemoMailbox
from rouage.mail.models import DemoMail, Message
from rouage.planner.model import RunStatus
from rouage.records.models import Client, Invoice, InvoiceLine

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)


@pytest.fixture
def mailbox(settings):
    settings.ROUAGE_SMTP_HOST, settings.ROUAGE_SMTP_PORT = "127.0.0.1", ports.free_port()
    box = DemoMailbox(settings.ROUAGE_SMTP_PORT)
    box.start()
    yield box
    box.stop()


@pytest.mark.req("OPS-1", "REC-8")
def test_the_company_has_runs_in_every_state_and_is_loaded_once(mailbox):
    assert company.load(NOW) is True
    lumen = Organisation.objects.get(name=company.LUMEN)
    northwind = Organisation.objects.get(name=company.NORTHWIND)
    assert set(Run.objects.filter(organisation=lumen).values_list("status", flat=True)) == set(RunStatus)
    assert Automation.objects.filter(organisation=lumen, is_active=False).count() == 1
    assert Client.objects.filter(organisation=northwind).count() == 91
    assert Invoice.objects.filter(organisation=northwind).count() == 830
    assert (
        InvoiceLine.objects.filter(invoice__organisation=northwind).exclude(description__startswith="Freight").exists()
    )
    assert DemoMail.objects.count() == Message.objects.filter(status="sent").count() > 10
    before = Run.objects.count()
    assert company.load(NOW) is False
    assert Run.objects.count() == before
