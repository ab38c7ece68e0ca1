"""``rouage work``: turns the pumps until it is told to stop."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from rouage.engine import worker
from rouage.engine.signals import until_told


class Command(BaseCommand):
    help = "Turn the pumps: react to events, carry out due steps, hand mails over, make calls."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--pumps", default=",".join(sorted(worker.ALL)), help="which of them, by commas (default: %(default)s)"
        )
        parser.add_argument("--batch", type=int, default=None, help="rows taken at once (default: ROUAGE_PUMPS_BATCH)")

    def handle(self, *_args: Any, **options: Any) -> None:
        names = {name.strip() for name in options["pumps"].split(",") if name.strip()}
        unknown = sorted(names - worker.ALL)
        if unknown or not names:
            told = {"name": ", ".join(unknown), "known": ", ".join(sorted(worker.ALL))}
            raise CommandError(_("There is no pump “%(name)s”. Choose among: %(known)s.") % told)
        if options["batch"] is not None and options["batch"] < 1:
            raise CommandError(_("A batch has at least one row."))
        with until_told() as told_to_stop:
            crew = worker.begin([name for name in worker.ALL if name in names], limit=options["batch"])
            self.stdout.write(_("Working (%(names)s). Ctrl-C ends it.") % {"names": ", ".join(sorted(names))})
            self.stdout.flush()
            told_to_stop.wait()
            crew.end()
            self.stdout.write(_("Ended. %(number)s events and runs were taken up.") % {"number": crew.taken})
