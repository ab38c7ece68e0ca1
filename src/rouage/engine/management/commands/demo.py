"""``rouage demo load`` makes the demo company; ``rouage demo reminders`` plays ten weeks of payment reminders."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rouage.engine import ports, serving
from rouage.engine.demo import company, reminders
from rouage.engine.serving import PortTaken


class Command(BaseCommand):
    help = "The demo company, and a demonstration of payment reminders on a test clock."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["load", "reminders"])
        parser.add_argument("--days", type=int, default=reminders.DAYS, help="of the clock (default: %(default)s)")
        parser.add_argument("--language", choices=["fr", "en"], default=get_language() or "fr")
        parser.add_argument(
            "--here", action="store_true", help="reminders: in the present database, which must be empty"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["what"] == "load":
                self._load()
            elif options["here"]:
                self._play(options["days"], options["language"])
            else:
                self._play_elsewhere(options["days"], options["language"])
        except PortTaken as taken:
            raise CommandError(str(taken)) from None

    def _load(self) -> None:
        if not serving.wants_mailbox():
            raise CommandError(_("The demo company is for SQLite: its mails would go to the real mail server."))
        call_command("migrate", verbosity=0, interactive=False)
        with serving.demo_mailbox(settings.ROUAGE_MAILBOX_PORT):
            loaded = company.load()
        self.stdout.write(_("The demo company is loaded.") if loaded else _("The demo company was there already."))

    def _play(self, days: int, language: str) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if company.is_loaded():
            raise CommandError(_("This database is in use. Leave --here out: the play makes a database of its own."))
        if reminders.play(self.stdout.write, days=days, language=language).faults:
            raise CommandError(_("The journal shows faults."))

    def _play_elsewhere(self, days: int, language: str) -> None:
        """In a process of its own: settings name the database and the mail server, and are read once."""
        with tempfile.TemporaryDirectory(prefix="rouage-demo-") as home:
            port = str(ports.free_port())
            place = {"ROUAGE_HOME": home, "ROUAGE_SMTP_PORT": port, "ROUAGE_MAILBOX_PORT": port}
            kept = {name: value for name, value in os.environ.items() if not name.startswith("ROUAGE_")}
            command = [sys.executable, "-m", "rouage", "demo", "reminders", "--here"]
            command += ["--days", str(days), "--language", language]
            code = subprocess.run(command, env=kept | place, check=False).returncode  # noqa: S603 -- ourselves
        if code:
            raise CommandError(_("The journal shows faults."))
