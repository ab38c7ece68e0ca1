"""Reads settings from the environment, typed, and refuses what it cannot understand."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def env_str(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def env_bool(name: str, *, default: bool = False) -> bool:
    raw = os.environ.get(name)
    if raw is None:
        return default
    if raw.strip().lower() in _TRUE:
        return True
    if raw.strip().lower() in _FALSE:
        return False
    msg = f"{name} is {raw!r}: write 1 or 0."
    raise ImproperlyConfigured(msg)


def env_int(name: str, default: int, *, minimum: int = 0) -> int:
    raw = os.environ.get(name)
    if raw is None or not raw.strip():
        return default
    try:
        value = int(raw)
    except ValueError:
        msg = f"{name} is {raw!r}: write a whole number."
        raise ImproperlyConfigured(msg) from None
    if value < minimum:
        msg = f"{name} is {value}: the smallest value is {minimum}."
        raise ImproperlyConfigured(msg)
    return value


def secret(name: str, default: str = "") -> str:
    """Take NAME from the environment, or the content of the file that NAME_FILE points to (a mounted secret)."""
    path = os.environ.get(f"{name}_FILE")
    if path is None:
        return os.environ.get(name, default)
    if name in os.environ:
        msg = f"Both {name} and {name}_FILE are set: keep one."
        raise ImproperlyConfigured(msg)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        msg = f"{name}_FILE: {path} cannot be read ({error.strerror})."
        raise ImproperlyConfigured(msg) from error


def kept_secret(path: Path) -> str:
    """Read the secret kept in a file of the box, made at the first start and readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        # Written whole, then linked: of two processes that start together, the second takes the first one's secret.
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    value = path.read_text(encoding="utf-8").strip()
    if not value:
        msg = f"{path} is empty: delete it, and a new secret is made at the next start (everybody signs in again)."
        raise ImproperlyConfigured(msg)
    return value
