"""Runs the checks of tools/checks and the translation check: ``python -m tools.check``."""

import os
import sys

import django

from tools import messages
from tools.checks import comments, doors, markup, places, sizes, vendored
from tools.checks.tree import ROOT

CHECKS = (sizes, comments, doors, markup, vendored, places)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rouage.config.settings")
    django.setup()
    problems = [problem for check in CHECKS for problem in check.check(ROOT)] + messages.check(ROOT)
    print("\n".join(problems) or "The house is in order.", file=sys.stderr if problems else sys.stdout)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
