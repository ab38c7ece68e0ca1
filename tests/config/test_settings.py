import os
import re
import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from rouage.config.database import POSTGRESQL, SQLITE, database
from rouage.config.env import env_bool, env_int, env_list, kept_secret, secret
from tests.house.repository import ROOT, python

SHOW = "from rouage.config import settings as s; print({name})"


def start(tmp_path, name="1", **environment):
    """Read the settings in a process of their own, from a clean environment."""
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "ROUAGE_HOME": str(tmp_path / "home")}
    return python("-c", SHOW.format(name=name), env=clean | environment, cwd=tmp_path)


def test_bool_is_read_or_refused(monkeypatch):
    monkeypatch.setenv("X", "Yes")
    assert env_bool("X") is True
    monkeypatch.setenv("X", "0")
    assert env_bool("X", default=True) is False
    monkeypatch.delenv("X")
    assert env_bool("X", default=True) is True
    monkeypatch.setenv("X", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="X is 'perhaps': write 1 or 0"):
        env_bool("X")


def test_int_is_read_or_refused(monkeypatch):
    monkeypatch.setenv("X", "12")
    assert env_int("X", 3) == 12
    monkeypatch.setenv("X", " ")
    assert env_int("X", 3) == 3
    for bad in ("ten", "-1"):
        monkeypatch.setenv("X", bad)
        with pytest.raises(ImproperlyConfigured, match=bad):
            env_int("X", 3)


def test_list_leaves_empty_parts_out(monkeypatch):
    monkeypatch.setenv("X", "a, b,,")
    assert env_list("X") == ["a", "b"]


def test_secret_comes_from_a_file_or_the_environment_but_not_both(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("X_FILE", str(tmp_path / "key"))
    assert secret("X") == "from a file"
    monkeypatch.setenv("X", "from here")
    with pytest.raises(ImproperlyConfigured, match="keep one"):
        secret("X")
    monkeypatch.delenv("X_FILE")
    assert secret("X") == "from here"
    monkeypatch.delenv("X")
    monkeypatch.setenv("X_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        secret("X")


def test_kept_secret_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "home" / "secret-key"
    first = kept_secret(path)
    assert len(first) >= 48
    assert kept_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret-key"]
    path.write_text("")
    with pytest.raises(ImproperlyConfigured, match="is empty"):
        kept_secret(path)


def test_database_takes_care_of_both_and_refuses_others():
    sqlite = database("sqlite:////srv/rouage/rouage.sqlite3")
    assert sqlite["ENGINE"] == SQLITE
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=full" in sqlite["OPTIONS"]["init_command"]
    postgresql = database("postgresql://rouage@127.0.0.1/rouage")
    assert (postgresql["ENGINE"], postgresql["CONN_HEALTH_CHECKS"]) == (POSTGRESQL, True)
    with pytest.raises(ImproperlyConfigured, match="SQLite and on PostgreSQL"):
        database("mysql://root@127.0.0.1/x")
    with pytest.raises(ImproperlyConfigured, match="not an address"):
        database("rouage")


def test_settings_start_with_nothing_set_and_make_a_home(tmp_path):
    answer = start(tmp_path, "s.ROUAGE_EMBEDDED, s.DEBUG, s.ROUAGE_SMTP_PORT, s.SESSION_COOKIE_SECURE")
    assert answer.stdout.strip() == "(True, False, 2525, False)".strip("()").replace(",", ""), answer.stdout
    assert (tmp_path / "home" / "secret-key").exists()


def test_settings_are_secure_behind_https(tmp_path):
    shown = "s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.CSRF_TRUSTED_ORIGINS, 'r.example' in s.ALLOWED_HOSTS"
    answer = start(tmp_path, shown, ROUAGE_BASE_URL="https://r.example/")
    assert answer.stdout.strip() == "True True ['https://r.example'] True"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"ROUAGE_DATABASE": "postgresql://h/n"}, "ROUAGE_SECRET_KEY (or _FILE) is required with PostgreSQL"),
        ({"ROUAGE_DATABASE": "postgresql://h/n", "ROUAGE_SECRET_KEY": "k"}, "ROUAGE_SMTP_HOST is required"),
        ({"ROUAGE_BASE_URL": "rouage.example"}, "write the whole address"),
        ({"ROUAGE_FLOOD_LIMIT": "many"}, "ROUAGE_FLOOD_LIMIT is 'many'"),
    ],
)
def test_settings_fail_loudly(tmp_path, environment, message):
    answer = start(tmp_path, **environment)
    assert answer.returncode != 0
    assert message in answer.stdout


def test_command_line_says_what_is_wrong_without_a_traceback(tmp_path):
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "ROUAGE_PUMPS_BATCH": "0"}
    answer = python("-m", "rouage", "check", env=environment, cwd=tmp_path)
    assert answer.returncode == 1
    assert answer.stdout.strip() == "rouage: ROUAGE_PUMPS_BATCH is 0: the smallest value is 1."


def test_every_setting_of_ours_is_in_the_reference():
    code = (ROOT / "src/rouage/config/settings.py").read_text()
    reference = (ROOT / "docs/reference/settings.md").read_text()
    names = set(re.findall(r"\"(ROUAGE_[A-Z_]+)\"", code))
    assert len(names) > 10
    assert {name for name in names if f"`{name}`" not in reference} == set()
