"""``rouage serve``: web, worker and demo mailbox in one process."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from rouage.engine import serving
from rouage.engine.demo import company
from rouage.engine.serving import PortTaken
from rouage.engine.signals import until_told


class Command(BaseCommand):
    help = "Serve Rouage: brings the database up to date, then runs web and worker in this process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
        parser.add_argument("--demo", action="store_true", help="with a demo company, loaded once, and a demo mailbox")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self._serve(options["host"], options["port"], demo=options["demo"])
        except PortTaken as taken:
            raise CommandError(str(taken)) from None

    def _serve(self, host: str, port: int, *, demo: bool) -> None:
        if demo and not settings.ROUAGE_EMBEDDED:
            raise CommandError(_("The demo company is for SQLite: its mails would go to the real mail server."))
        with ExitStack() as stack:
            server = serving.listen(host, port)
            address = f"http://{host}:{getattr(server, 'effective_port', port)}"
            if "ROUAGE_BASE_URL" not in os.environ:
                settings.ROUAGE_BASE_URL = address
            call_command("migrate", verbosity=0, interactive=False)
            if serving.wants_mailbox():
                stack.enter_context(serving.demo_mailbox(settings.ROUAGE_MAILBOX_PORT))
            if demo:
                company.load()
            told_to_stop = stack.enter_context(until_told())
            serving.serve(server, told_to_stop, lambda: self._say(address, demo=demo))

    def _say(self, address: str, *, demo: bool) -> None:
        self.stdout.write(_("Rouage serves on %(address)s") % {"address": address})
        if demo:
            told = {"email": company.EMAIL, "password": company.PASSWORD}
            self.stdout.write(_("Sign in with %(email)s and the password %(password)s") % told)
        self.stdout.write(_("Ctrl-C ends it."))
        self.stdout.flush()
