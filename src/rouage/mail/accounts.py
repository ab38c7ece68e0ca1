"""How an organisation's mails leave and in whose name: its account, or the deployment's service."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings

from rouage.accounts.models import Organisation
from rouage.mail.addresses import Mailbox, check_address
from rouage.mail.models import MailAccount
from rouage.mail.reasons import Code
from rouage.mail.secrets import Unreadable, unseal
from rouage.mail.smtp import Server
from rouage.mail.states import Mode, Security


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes. ``reply_to`` is empty where answers come to ``address`` anyway."""

    name: str
    address: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    server: Server
    sender: Sender


def channel_of(organisation: Organisation, account: MailAccount | None) -> Channel | Code:
    """The way out for this organisation's mails, or why there is none."""
    match Mode(account.mode) if account else Mode.DEPLOYMENT:
        case Mode.DEPLOYMENT:
            return Channel(server=_deployment_server(), sender=_sender(organisation, account, _deployment_address()))
        case Mode.SMTP if account:
            return _own_server(organisation, account)
        case Mode.MANUAL:
            return Code.ACCOUNT_MANUAL
        case _:
            return Code.ACCOUNT_INCOMPLETE


def _deployment_server() -> Server:
    return Server(
        host=settings.ROUAGE_SMTP_HOST,
        port=settings.ROUAGE_SMTP_PORT,
        security=Security.STARTTLS if settings.ROUAGE_SMTP_STARTTLS else Security.NONE,
        user=settings.ROUAGE_SMTP_USER,
        password=settings.ROUAGE_SMTP_PASSWORD,
        guarded=False,
    )


def _deployment_address() -> str:
    return parseaddr(settings.ROUAGE_MAIL_FROM)[1]


def _own_server(organisation: Organisation, account: MailAccount) -> Channel | Code:
    address = _usable(account.from_address) or _usable(organisation.email) or _usable(account.user)
    if not (account.host and address):
        return Code.ACCOUNT_INCOMPLETE
    try:
        password = unseal(account.secret)
    except Unreadable:
        return Code.ACCOUNT_INCOMPLETE
    server = Server(
        host=account.host,
        port=account.port,
        security=Security(account.security),
        user=account.user,
        password=password,
    )
    return Channel(server=server, sender=_sender(organisation, account, address))


def _sender(organisation: Organisation, account: MailAccount | None, fallback: str) -> Sender:
    """Answers go to the organisation, also where its mails leave under the deployment's address."""
    address = (_usable(account.from_address) if account else "") or fallback
    reply_to = (_usable(account.reply_to) if account else "") or _usable(organisation.email)
    return Sender(
        name=(account.from_name if account else "") or organisation.name,
        address=address,
        reply_to=reply_to if reply_to.lower() != address.lower() else "",
    )


def _usable(written: str) -> str:
    checked = check_address(written)
    return checked.address if isinstance(checked, Mailbox) else ""
