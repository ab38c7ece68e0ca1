import pytest
from django.test import override_settings

from rouage.mail.accounts import Sender, channel_of
from rouage.mail.models import MailAccount
from rouage.mail.reasons import Code
from rouage.mail.secrets import seal
from rouage.mail.states import Security

pytestmark = pytest.mark.django_db


DEPLOYMENT = {
    "ROUAGE_MAIL_FROM": "Rouage <envoi@rouage.exemple.fr>",
    "ROUAGE_SMTP_HOST": "smtp.exemple.fr",
    "ROUAGE_SMTP_PORT": 587,
    "ROUAGE_SMTP_USER": "rouage",
    "ROUAGE_SMTP_PASSWORD": "secret",
    "ROUAGE_SMTP_STARTTLS": True,
}


class TestDeployment:
    @pytest.fixture(autouse=True)
    def _settings(self):
        with override_settings(**DEPLOYMENT):
            yield

    def test_mails_leave_in_the_organisations_name_and_answers_come_to_it(self, organisation):
        channel = channel_of(organisation, None)
        assert channel.sender == Sender(
            name="Atelier Martin", address="envoi@rouage.exemple.fr", reply_to="contact@atelier-martin.fr"
        )
        server = channel.server
        assert (server.host, server.port, server.security, server.user, server.password, server.guarded) == (
            "smtp.exemple.fr", 587, Security.STARTTLS, "rouage", "secret", False,
        )  # fmt: skip

    def test_account_may_choose_name_address_and_answers(self, organisation):
        account = MailAccount(
            organisation=organisation, from_name="La compta", from_address="compta@atelier-martin.fr",
            reply_to="marie@atelier-martin.fr",
        )  # fmt: skip
        assert channel_of(organisation, account).sender == Sender(
            name="La compta", address="compta@atelier-martin.fr", reply_to="marie@atelier-martin.fr"
        )

    def test_no_answers_address_where_it_would_be_the_same(self, organisation):
        account = MailAccount(organisation=organisation, from_address="Contact@atelier-martin.fr")
        assert channel_of(organisation, account).sender.reply_to == ""

    def test_unusable_address_of_the_organisation_is_left_out(self, organisation):
        organisation.email = "contact@"
        assert channel_of(organisation, None).sender.reply_to == ""


class TestOwnServer:
    def account(self, organisation, **changes):
        settings = {
            "mode": "smtp", "host": "smtp.atelier.fr", "port": 465, "security": "tls", "user": "factures",
            "secret": seal("motdepasse"), "from_address": "factures@atelier.fr",
        }  # fmt: skip
        return MailAccount(organisation=organisation, **(settings | changes))

    def test_channel(self, organisation):
        channel = channel_of(organisation, self.account(organisation))
        assert channel.sender.address == "factures@atelier.fr"
        assert (channel.server.security, channel.server.password, channel.server.guarded) == (
            Security.TLS, "motdepasse", True,
        )  # fmt: skip

    def test_sender_falls_back_to_the_organisation_and_to_the_user(self, organisation):
        account = self.account(organisation, from_address="", user="moi@atelier.fr")
        assert channel_of(organisation, account).sender.address == "contact@atelier-martin.fr"
        organisation.email = ""
        assert channel_of(organisation, account).sender.address == "moi@atelier.fr"

    @pytest.mark.parametrize("changes", [{"host": ""}, {"secret": "damaged"}, {"mode": "provider"}])
    def test_account_that_is_not_set_up(self, organisation, changes):
        assert channel_of(organisation, self.account(organisation, **changes)) is Code.ACCOUNT_INCOMPLETE

    def test_nobody_to_send_as(self, organisation):
        organisation.email = ""
        account = self.account(organisation, from_address="", user="factures")
        assert channel_of(organisation, account) is Code.ACCOUNT_INCOMPLETE

    def test_manual_sending(self, organisation):
        assert channel_of(organisation, self.account(organisation, mode="manual")) is Code.ACCOUNT_MANUAL
