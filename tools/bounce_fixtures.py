"""Lets six mail servers write real reports, for the tests of the bounce parser: ``python -m tools.bounce_fixtures``.

Needs root on Debian, and changes nothing there: each server is installed into an overlay over the file system that is
thrown away, and runs in name spaces of its own (mounts, processes, host name, network), where the only network is a
wire to the scripted server of bounce_world. That one refuses mails in many ways; what comes back is kept in
tests/mail/bounces/fixtures, with what is known about it from the script.

python -m tools.bounce_fixtures [SERVER ...]   makes the reports of these servers, of all when none is named
"""

import contextlib
import json
import os
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools import bounce_world
from tools.bounce_world import HOST

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests/mail/bounces/fixtures"
OUT = Path("/var/tmp/bounces")  # noqa: S108 -- inside the overlay, which nobody else sees
PATIENCE = 60.0  # seconds for all the reports of a server


@dataclass(frozen=True, kw_only=True)
class Case:
    """One mail. ``expected`` holds (action, cause) for each recipient, in the order in which reports come back."""

    to: tuple[str, ...]
    expected: tuple[Mapping[str, tuple[str, str]], ...]
    notify: str = "FAILURE,DELAY"


def _refused(name: str, cause: str, domain: str = "client.example") -> Case:
    address = f"{name}@{domain}"
    return Case(to=(address,), expected=({address: ("failed", cause)},))


def _deferred(address: str, cause: str) -> Case:
    return Case(to=(address,), expected=({address: ("delayed", cause)}, {address: ("failed", cause)}))


def _expired(address: str, cause: str) -> Case:
    return Case(to=(address,), expected=({address: ("delayed", cause)}, {address: ("failed", "expired")}))


CASES: Mapping[str, Case] = {
    "inconnu": _refused("inconnu", "user_unknown"),
    "pleine": _refused("pleine", "mailbox_full"),
    "ofr416": _refused("ofr416", "user_unknown"),
    "ofr417": _refused("ofr417", "mailbox_full"),
    "simple": _refused("simple", "user_unknown"),
    "longue": _refused("longue", "user_unknown"),
    "ferme": _refused("ferme", "disabled"),
    "liste": _refused("liste", "blocked"),
    "relais": _refused("relais", "relay"),
    "indesirable": _refused("indesirable", "spam"),
    "auth": _refused("auth", "auth"),
    "gros": _refused("gros", "too_big"),
    "domaine": _refused("anna", "domain_unknown", "nulle-part.example"),
    "deux": Case(
        to=("inconnu@client.example", "pleine@client.example"),
        expected=(
            {
                "inconnu@client.example": ("failed", "user_unknown"),
                "pleine@client.example": ("failed", "mailbox_full"),
            },
        ),
    ),
    "gris": _deferred("gris@client.example", "greylist"),
    "muet": _deferred("anna@ferme.example", "unreachable"),
    "bon": Case(
        to=("bon@client.example",),
        expected=({"bon@client.example": ("relayed", "")},),
        notify="SUCCESS,FAILURE,DELAY",
    ),
}
PATIENT, RECEIPT = frozenset({"gris", "muet"}), frozenset({"bon"})


@dataclass(frozen=True, kw_only=True)
class Server:
    """A mail server: its packages, its files, how it is started, how a mail is given to it (SMTP unless a command)."""

    packages: tuple[str, ...]
    files: Mapping[str, str]
    prepare: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    flush: str = ""
    submit: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()  # cases that it cannot play
    instead: Mapping[str, Case] = field(default_factory=dict)  # cases of which it reports otherwise


EXIM = f"""primary_hostname = {HOST}
local_interfaces = 127.0.0.1
acl_smtp_rcpt = take
dsn_advertise_hosts = *
delay_warning = 3s:1h
begin acl
take:
  accept
begin routers
mx:
  driver = dnslookup
  transport = out
  no_more
begin transports
out:
  driver = smtp
begin retry
* * F,8s,1s
"""
OPENSMTPD = """listen on 127.0.0.1
bounce warn-interval 3s
queue ttl 12s
action "out" relay
match from any for any action "out"
"""
SENDMAIL = f"""include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`debian')dnl
define(`confDOMAIN_NAME',`{HOST}')dnl
define(`confTO_QUEUEWARN',`3s')dnl
define(`confTO_QUEUERETURN',`10s')dnl
define(`confTO_HOSTSTATUS',`1s')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`no_default_msa')dnl
DAEMON_OPTIONS(`Name=MTA,Port=smtp,Addr=127.0.0.1')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
"""
POSTFIX = f"""compatibility_level = 3.6
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {HOST}
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
alias_maps =
alias_database =
maillog_file = /var/log/postfix.log
minimal_backoff_time = 2s
maximal_backoff_time = 3s
queue_run_delay = 2s
delay_warning_time = 3s
maximal_queue_lifetime = 12s
smtp_bind_address = 0.0.0.0
"""
SERVERS: Mapping[str, Server] = {
    "exim": Server(
        packages=("exim4-daemon-light",),
        files={"/etc/exim4/exim4.conf": EXIM},
        start=("exim4 -bdf -q2s",),
        # It does not say that no connection was possible.
        instead={
            "muet": Case(
                to=("anna@ferme.example",),
                expected=(
                    {"anna@ferme.example": ("delayed", "")},
                    {"anna@ferme.example": ("failed", "expired")},
                ),
            )
        },
    ),
    "opensmtpd": Server(
        packages=("opensmtpd",),
        files={"/etc/smtpd.conf": OPENSMTPD},
        start=("smtpd -d",),
        # Its report at the end of the attempts ("delayed", it writes) has forgotten the answers.
        instead={
            "gris": _expired("gris@client.example", "greylist"),
            "muet": _expired("anna@ferme.example", "unreachable"),
        },
        flush="smtpctl schedule all",
    ),
    "sendmail": Server(
        packages=("sendmail-bin", "sendmail-cf", "m4"),
        files={"/etc/mail/rouage.mc": SENDMAIL, "/etc/mail/local-host-names": "", "/etc/mail/aliases": ""},
        prepare=("m4 /etc/mail/rouage.mc > /etc/mail/sendmail.cf", "chown root /var/spool/mqueue"),
        start=("/usr/sbin/sendmail -bD -q1s",),
    ),
    "courier": Server(
        packages=("courier-mta",),
        files={
            "/etc/courier/me": HOST + "\n",
            "/etc/courier/defaultdomain": HOST + "\n",
            "/etc/courier/warntime": "3s\n",
            "/etc/courier/queuetime": "12s\n",
            "/etc/courier/retryalpha": "1s\n",
            "/etc/courier/retrybeta": "1s\n",
            "/etc/courier/retrymaxdelta": "1\n",
            "/etc/courier/esmtpdelay": "1s\n",
        },
        start=("courier start",),
        flush="courier flush",
        submit=("/usr/sbin/sendmail", "-R", "hdrs"),
        without=RECEIPT,  # it sends none for what it hands to a server without DSN
    ),
    "dma": Server(
        packages=("dma",),
        files={"/etc/dma/dma.conf": f"MAILNAME {HOST}\n"},
        submit=("/usr/sbin/dma", "-O"),
        without=PATIENT | RECEIPT | {"deux"},  # no DSN, five days of retries, a mail for each recipient
    ),
    "postfix": Server(
        packages=("postfix",),
        files={"/etc/postfix/main.cf": POSTFIX},
        prepare=("postconf -F '*/*/chroot = n'",),
        start=("postfix start-fg",),
    ),
}


def _mail(name: str, case: Case) -> bytes:
    token = name.encode().hex().ljust(30, "0")[:30]
    return (
        f"From: Atelier Martin <contact@atelier.example>\r\nTo: {', '.join(case.to)}\r\n"
        f"Subject: =?utf-8?q?Relance_de_la_facture_F-{len(name)}?=\r\nMessage-ID: <{token}@atelier.example>\r\n"
        f"X-Rouage-Id: {token}\r\nDate: Fri, 20 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        "Bonjour,\r\n\r\nSauf erreur de notre part, cette facture reste due.\r\n\r\nCordialement,\r\nAtelier Martin\r\n"
    ).encode()


def _submit(server: Server, name: str, case: Case) -> None:
    sender, mail = f"retour+{name}@atelier.example", _mail(name, case)
    if server.submit:
        options = (
            []
            if "dma" in server.submit[0]
            else ["-N", case.notify.lower().replace("failure", "fail"), "-V", f"envoi-{name}"]
        )
        command = [each for each in server.submit if each != "-O"] + [*options, "-f", sender, *case.to]
        subprocess.run(command, input=mail.replace(b"\r\n", b"\n"), check=True, timeout=20)
        return
    with smtplib.SMTP("127.0.0.1", 25, timeout=20) as line:
        line.ehlo("atelier.example")
        dsn = line.has_extn("dsn")
        line.mail(sender, ["RET=HDRS", f"ENVID=envoi-{name}"] if dsn else [])
        for address in case.to:
            line.rcpt(address, [f"NOTIFY={case.notify}"] if dsn else [])
        line.data(mail)
        if not dsn and name in RECEIPT:
            raise SystemExit(f"{name}: the server knows no DSN; add the case to its `without`")


def _await_listening(server: Server) -> None:
    for _ in range(30):
        with contextlib.suppress(OSError):
            if not server.submit:
                smtplib.SMTP("127.0.0.1", 25, timeout=2).quit()
            return
        time.sleep(0.5)
    raise SystemExit("the server does not answer")


def play(name: str) -> None:
    """Inside the name spaces: run the server, give it the mails, and keep what comes back in OUT."""
    server = SERVERS[name]
    cases = {**CASES, **server.instead}
    for each in server.without:
        del cases[each]
    for path, text in server.files.items():
        Path(path).write_text(text)
    bounce_world.build()
    with contextlib.ExitStack() as stack:
        for command in server.prepare:
            subprocess.run(command, shell=True, check=True)  # noqa: S602 -- our own constant commands
        for command in server.start:
            started = subprocess.Popen(command.split())
            stack.callback(started.terminate)
        _await_listening(server)
        for each, case in cases.items():
            _submit(server, each, case)
        awaited, end = sum(len(case.expected) for case in cases.values()), time.monotonic() + PATIENCE
        while len(bounce_world.Recipient.received) < awaited and time.monotonic() < end:
            time.sleep(1)
            if server.flush:
                subprocess.run(server.flush.split(), check=False, stdout=subprocess.DEVNULL)
        time.sleep(2)
        _keep(name, cases)


def _keep(name: str, cases: Mapping[str, Case]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    index, counts = [], dict.fromkeys(cases, 0)
    for address, content in bounce_world.Recipient.received:
        case = address.partition("+")[2].partition("@")[0]
        number = counts[case] = counts[case] + 1
        file = f"{name}-{case}-{number}.eml"
        (OUT / file).write_bytes(b"Return-Path: <>\r\nDelivered-To: " + address.encode() + b"\r\n" + content)
        expected = cases[case].expected
        outcome = expected[number - 1] if number <= len(expected) else {}
        index.append({"file": file, "recipients": {to: list(each) for to, each in outcome.items()}})
    (OUT / "index.json").write_text(json.dumps(sorted(index, key=lambda each: str(each["file"]))))
    for case, number in counts.items():
        if number != len(cases[case].expected):
            print(f"{name}: {case}: {number} reports, {len(cases[case].expected)} expected", file=sys.stderr)


@dataclass
class Overlay:
    """A copy of the file system on which changes cost only themselves; gone at the end."""

    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="rouage-bounces-")))

    def run(self, *command: str, network: bool) -> None:
        for each in ("up", "work", "merged"):
            (self.home / each).mkdir(exist_ok=True)
        merged = self.home / "merged"
        script = (
            f"mount -t overlay overlay -o lowerdir=/,upperdir={self.home}/up,workdir={self.home}/work {merged}\n"
            f"mount -t proc proc {merged}/proc\nmount --rbind /dev {merged}/dev\nhostname {HOST}\n"
            f"cd {merged}/usr/sbin\nprintf '#!/bin/sh\\nexit 101\\n' > policy-rc.d\nchmod +x policy-rc.d\ncd /\n"
            f'exec chroot {merged} sh -c \'cd "$0" && exec "$@"\' {ROOT} "$@"\n'
        )
        spaces = ["--mount", "--uts", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["unshare", *spaces, "sh", "-ec", script, "sh", *command], check=True, env=environment)

    def kept(self) -> Path:
        return self.home / "up" / OUT.relative_to("/")


def make(name: str) -> None:
    overlay = Overlay()
    try:
        overlay.run("apt-get", "install", "-qy", "--no-install-recommends", *SERVERS[name].packages, network=True)
        overlay.run(sys.executable, "-m", "tools.bounce_fixtures", "--play", name, network=False)
        FIXTURES.mkdir(parents=True, exist_ok=True)
        for old in FIXTURES.glob(f"{name}-*.eml"):
            old.unlink()
        for report in overlay.kept().glob("*.eml"):
            shutil.copy(report, FIXTURES)
        path = FIXTURES / "index.json"
        others = [each for each in _index(path) if not each["file"].startswith(f"{name}-")]
        index = others + _index(overlay.kept() / "index.json")
        path.write_text(json.dumps(sorted(index, key=lambda each: each["file"]), indent=1) + "\n")
    finally:
        shutil.rmtree(overlay.home)


def _index(path: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(path.read_text()) if path.exists() else []
    return found


def main(arguments: Sequence[str]) -> None:
    if arguments[:1] == ["--play"]:
        play(arguments[1])
        return
    for name in arguments or SERVERS:
        make(name)


if __name__ == "__main__":
    main(sys.argv[1:])
