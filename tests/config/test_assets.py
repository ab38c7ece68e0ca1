import hashlib
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static

from rouage.config.assets import FingerprintStorage


@pytest.fixture
def script():
    """Some script of the web room."""
    return next(name for finder in finders.get_finders() for name, _ in finder.list([]) if name.endswith(".js"))


def test_static_address_carries_the_fingerprint_of_the_content(script):
    address = FingerprintStorage().url(script)
    digest = hashlib.sha256(Path(finders.find(script)).read_bytes()).hexdigest()
    assert address == f"/static/{script}?v={digest[:12]}"
    assert static(script) == address


def test_static_address_of_a_missing_file_is_refused():
    with pytest.raises(ValueError, match="no-such-file"):
        FingerprintStorage().url("no-such-file.css")


def test_static_files_are_served_without_collectstatic(client, script):
    answer = client.get(static(script))
    assert (answer.status_code, answer["Content-Type"]) == (200, 'text/javascript; charset="utf-8"')
    assert answer.getvalue() == Path(finders.find(script)).read_bytes()
    answer.close()
    assert "max-age=86400" in answer["Cache-Control"]


def test_every_answer_carries_the_strict_policy(client):
    answer = client.get("/no-such-page")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
