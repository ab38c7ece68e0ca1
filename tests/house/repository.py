"""A small repository in which a test plants what a check must find."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Repository:
    def __init__(self, root):
        self.root = root
        subprocess.run(["git", "init", "--quiet", root], check=True)

    def add(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


def run(*command, **options):
    """Run one of our tools as a developer would; both outputs come back as one text."""
    options = {"cwd": ROOT, "timeout": 300} | options
    return subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", **options
    )


def python(*arguments, **options):
    return run(sys.executable, *arguments, **options)
