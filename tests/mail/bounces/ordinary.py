"""Ordinary mails in French and English, many of them about failed deliveries, full boxes, refusals and absences."""

import random
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from tests.mail.bounces import texts

FIXTURES = Path(__file__).parent / "fixtures"
PEOPLE = {
    "fr": ["Anne Lefèvre", "Jean-Marc Dupré", "Zoé Martin", "Étienne Roux", "Claire Bernard"],
    "en": ["Anna Smith", "John O'Neil", "Mary Postma", "Paul Daemen", "Ruth Bounceworth"],
}
DOMAINS = ["client.example", "boulangerie-roux.example", "mairie.example", "orange.example", "shop.example"]
MACHINES = [
    "noreply",
    "no-reply",
    "notifications",
    "service.client",
    "livraison",
    "alertes",
    "facturation",
    "postmaster",
]


def mails(count: int, seed: int) -> Iterator[bytes]:
    """So many mails, the same for a seed; every kind in both languages comes round."""
    chance = random.Random(seed)
    reports = [path.read_bytes() for path in sorted(FIXTURES.glob("*.eml"))]
    for number in range(count):
        language = "fr" if number % 2 else "en"
        kinds = texts.ORDINARY[language]
        subject, body, machine = kinds[number // 2 % len(kinds)]
        yield _mail(chance, language, subject, body, machine=machine, report=chance.choice(reports))


def _mail(chance, language, subject, body, *, machine, report):
    mail = EmailMessage()
    domain, name = chance.choice(DOMAINS), chance.choice(PEOPLE[language])
    local = chance.choice(MACHINES) if machine else name.split()[0].lower().replace("é", "e").replace("É", "e")
    local = local.encode("ascii", "ignore").decode()
    mail["Return-Path"] = f"<{local}@{domain}>"
    mail["From"] = f"{name} <{local}@{domain}>"
    mail["To"] = "Atelier Martin <contact@atelier.example>"
    number = chance.randrange(100, 9999)
    values = {
        "n": number,
        "address": f"{chance.choice(['anna', 'compta', 'contact'])}@{chance.choice(DOMAINS)}",
        "name": name,
        "day": chance.choice(["lundi", "mardi", "Friday", "12/03"]),
        "quoted": _quoted(report) if "{quoted}" in body else "",
    }
    mail["Subject"] = subject.format(**values)
    mail["Message-ID"] = f"<{number}.{chance.randrange(10**9)}@{domain}>"
    _optional_headers(mail, chance, machine=machine)
    text = body.format(**values) + chance.choice(texts.SIGNATURES[language]).format(**values)
    mail.set_content(text, cte=chance.choice(["quoted-printable", "base64", "8bit"]))
    if chance.random() < 0.4:
        mail.add_alternative(f"<html><body><p>{text.replace(chr(10), '<br>')}</p></body></html>", subtype="html")
    if chance.random() < 0.2:
        mail.add_attachment(b"%PDF-1.7 550 5.1.1 User unknown", maintype="application", subtype="pdf", filename="a.pdf")
    return mail.as_bytes()


def _optional_headers(mail, chance, *, machine):
    if machine and chance.random() < 0.5:
        mail["Auto-Submitted"] = "auto-generated"
        mail["Precedence"] = chance.choice(["bulk", "list"])
        mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    elif chance.random() < 0.5:
        mail["In-Reply-To"] = "<646f6d61696e650000000000000000@atelier.example>"
        mail["References"] = "<646f6d61696e650000000000000000@atelier.example>"


def _quoted(report: bytes) -> str:
    """A real report, as people pass it on in their mail programs: with "> " or plain."""
    lines = report.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")[10:60]
    return "\n".join(f"> {line}" for line in lines).replace("{", "(").replace("}", ")")
