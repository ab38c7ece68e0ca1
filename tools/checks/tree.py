"""Which files the checks read: those that git knows or would add."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def files(root: Path, *patterns: str) -> list[Path]:
    """List the files under root that match one of git's path patterns; all files when there is none."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns)
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted(path for path in {root / name for name in names if name} if path.is_file())


def text_of(path: Path) -> str | None:
    """Read a file; None for one that is no text (a font, a picture)."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
