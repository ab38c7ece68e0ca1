import contextlib
import ipaddress
import socket
import time

import pytest
from django.test import override_settings
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from rouage.functions import outbound
from rouage.functions.outbound import SENTENCES, Code, Outcome, Request, send
from rouage.mail import destinations
from tests.factories.mail import free_port
from tests.factories.wire import Wire, make_certificate

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nsalut"


@contextlib.contextmanager
def allowed(port, host="127.0.0.1"):
    with override_settings(ROUAGE_OUTBOUND_ALLOW=[f"{host}:{port}"]):
        yield


def call(server, *, path="/crochet", host="127.0.0.1", scheme="http", **settings):
    with allowed(server.port, host):
        return send(Request(url=f"{scheme}://{host}:{server.port}{path}", **settings))


@pytest.mark.req("AUT-4")
def test_call_is_made_and_answered():
    with Wire(OK) as server:
        outcome = call(
            server, path="/crochet?a=1#ignored", headers={"X-Key": "clé"}, body='{"n": "é"}'.encode(), method="POST"
        )
    assert (outcome.code, outcome.status, outcome.body, outcome.ok) == (Code.OK, 200, b"salut", True)
    assert outcome.headers == {"content-type": "text/plain"}
    assert outcome.reached
    assert 0 < outcome.duration < 5
    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /crochet?a=1 HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}".encode() in lines
    assert "X-Key: clé".encode("latin-1") in lines
    assert b"Content-Length: 11" in lines
    assert body == '{"n": "é"}'.encode()


def test_get_has_no_body():
    with Wire(OK) as server:
        assert call(server, method="GET").ok
    assert b"Content-Length" not in server.requests[0]


def test_path_with_accents_is_encoded():
    with Wire(OK) as server:
        assert call(server, path="/été?q=é%20x", method="GET").ok
    assert server.requests[0].startswith(b"GET /%C3%A9t%C3%A9?q=%C3%A9%20x HTTP/1.1")


ANSWERS = [
    (b"HTTP/1.1 204 No Content\r\n\r\n", Code.OK, False),
    (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", Code.REDIRECTED, True),
    (b"HTTP/1.1 307 T\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", Code.REDIRECTED, True),
    (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Code.HTTP_4XX, True),
    (b"HTTP/1.1 429 Too Many\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n", Code.HTTP_4XX, False),
    (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", Code.HTTP_5XX, False),
    (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", Code.HTTP_5XX, False),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", Code.LOST, False),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsalut\r\n", Code.LOST, False),
    (b"", Code.LOST, False),
    (b"220 mail.exemple.fr ESMTP\r\n", Code.INVALID, True),
    (b"HTTP/1.1 999999 ?\r\n\r\n", Code.INVALID, True),
    (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n", Code.INVALID, True),
    (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", Code.INVALID, True),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", Code.LOST, False),
]


@pytest.mark.req("AUT-4")
@pytest.mark.parametrize(("answer", "code", "permanent"), ANSWERS)
def test_every_answer_is_an_outcome(answer, code, permanent):
    with Wire(answer) as server:
        outcome = call(server)
    assert (outcome.code, outcome.permanent, outcome.reached) == (code, permanent, True)
    assert server.connections == 1  # nothing is followed and nothing repeated


def test_redirect_tells_where_to():
    with Wire(b"HTTP/1.1 302 Found\r\nLocation: https://exemple.fr/ici\r\nContent-Length: 0\r\n\r\n") as server:
        outcome = call(server)
    assert outcome.detail == "https://exemple.fr/ici"
    with override("en"):
        assert "https://exemple.fr/ici" in outcome.sentence


@pytest.mark.parametrize(
    "answers",
    [
        (("sleep", 5),),
        (("drip", b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 500, 0.02),),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", ("drip", b"x" * 1000, 0.02)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", ("drip", b"1\r\nx\r\n" * 200, 0.02)),
        (b"HTTP/1.1 100 Continue\r\n\r\n", ("drip", b"HTTP/1.1 100 Continue\r\n\r\n" * 20, 0.02)),
    ],
)
def test_time_limit_holds_for_the_whole_exchange(answers):
    with Wire(*answers) as server:
        started = time.monotonic()
        outcome = call(server, timeout=0.4)
        elapsed = time.monotonic() - started
    assert (outcome.code, outcome.permanent, outcome.reached) == (Code.TIMEOUT, False, True)
    assert elapsed < 2


def test_server_that_never_reads_is_timed_out():
    with Wire(("sleep", 5), read=False) as server:
        outcome = call(server, body=b"x" * 20_000_000, timeout=0.5)
    assert outcome.code is Code.TIMEOUT


def test_answer_that_is_too_large_is_cut():
    with Wire(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 500_000) as server:
        outcome = call(server, biggest=1000)
    assert (outcome.code, outcome.permanent, len(outcome.body)) == (Code.TOO_BIG, True, 1000)


def test_compressed_answer_is_not_unpacked():
    with Wire(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b") as server:
        outcome = call(server)
    assert outcome.body == b"\x1f\x8b"
    assert b"Accept-Encoding: identity" in server.requests[0]


def test_early_answer_to_a_large_body_is_read():
    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with Wire(answer, read=False) as server:
        outcome = call(server, body=b"x" * 5_000_000)
    assert outcome.code in {Code.HTTP_4XX, Code.LOST}  # the reset may overtake the answer


def test_server_that_is_not_there():
    port = free_port()
    with allowed(port):
        outcome = send(Request(url=f"http://127.0.0.1:{port}/"))
    assert (outcome.code, outcome.permanent, outcome.reached) == (Code.REFUSED, False, False)


def test_unknown_name(monkeypatch):
    def fail(*_, **__):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(destinations.socket, "getaddrinfo", fail)
    outcome = send(Request(url="https://nobody.invalid/"))
    assert (outcome.code, outcome.permanent) == (Code.DNS, False)


def _no_connection(*_, **__):
    pytest.fail("connected")


BLOCKED = [
    "http://127.0.0.1/", "http://localhost:8000/", "https://localhost/", "http://127.1/", "http://0/", "http://0x7f.1/",
    "http://2130706433/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::]/",
    "http://[64:ff9b::7f00:1]/", "http://0.0.0.0:8000/", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/",
    "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://100.64.0.1/",
    "http://224.0.0.1/", "http://1.1.1.1:25/", "http://8.8.8.8:53/", "http://1.1.1.1:22/",
]  # fmt: skip


@pytest.mark.parametrize("url", BLOCKED)
def test_address_inside_our_network_is_blocked(url, monkeypatch):
    monkeypatch.setattr(outbound.socket, "create_connection", _no_connection)
    outcome = send(Request(url=url))
    assert (outcome.code, outcome.permanent, outcome.reached) == (Code.BLOCKED, True, False)


BAD_URLS = [
    "", "exemple.fr", "ftp://exemple.fr/", "file:///etc/passwd", "gopher://exemple.fr/", "javascript:alert(1)",
    "http://", "http:///chemin", "http://user@exemple.fr/", "http://user:pw@exemple.fr/", "http://exemple.fr@127.0.0.1/",
    "http://exemple.fr\\@127.0.0.1/", "http://exemple.fr:port/", "http://exemple.fr:99999/", "http://exemple.fr:-1/",
    "http://exe mple.fr/", "http://exemple.fr/a b", "http://exemple.fr/\r\nX: y", "http://exemple.fr/\x00",
    "http://exemple.fr\t.evil.fr/", "http://%31%32%37.0.0.1/", "http://[fe80::1%25eth0]/", "http://[::1/",
    "http://[127.0.0.1]/", "http://exemple..fr/", "http://" + "a" * 3000 + ".fr/", "//exemple.fr/", "http://-exemple.fr/",
    "HTTP//exemple.fr", "http://exemple.fr /", "http://\uff11\uff12\uff17.0.0.1:x/",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD_URLS)
def test_address_that_can_be_misread_is_refused(url, monkeypatch):
    monkeypatch.setattr(destinations.socket, "getaddrinfo", lambda *_, **__: [])
    monkeypatch.setattr(outbound.socket, "create_connection", _no_connection)
    outcome = send(Request(url=url))
    assert outcome.code in {Code.BAD_REQUEST, Code.DNS}
    assert not outcome.reached
    assert outcome.code is Code.BAD_REQUEST or url == "http://exemple..fr/"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "b\r\nX-C: d"}, {"X-A": "b\nX-C: d"}, {"X-A": "b\r X"}, {"X-A": "b\n folded"}, {"X-A\r\nX-C": "d"},
        {"X A": "b"}, {"": "b"}, {"X-A:": "b"}, {"X-A": "b\x00"}, {"X-A": "日本"}, {"Host": "evil.fr"},
        {"host": "evil.fr"}, {"Content-Length": "0"}, {"Transfer-Encoding": "chunked"}, {"Connection": "keep-alive"},
        {"Proxy-Authorization": "x"}, {"Upgrade": "h2c"}, {"X-A": "x" * 5000}, {f"X-{n}": "a" for n in range(60)},
    ],
)  # fmt: skip
def test_header_that_could_change_the_request_is_refused(headers):
    with Wire(OK) as server:
        outcome = call(server, headers=headers)
    assert (outcome.code, outcome.permanent) == (Code.BAD_REQUEST, True)
    assert server.connections == 0


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "GET /x HTTP/1.1\r\nX: y", "get", ""])
def test_unknown_method_is_refused(method):
    assert send(Request(url="http://exemple.fr/", method=method)).code is Code.BAD_REQUEST


def test_connection_goes_to_the_address_that_was_checked(monkeypatch):
    """A name that changes its address between the check and the connection (DNS rebinding)."""
    looked_up, connected = [], []

    def look_up(host, port, **_):
        looked_up.append(host)
        address = "93.184.216.34" if len(looked_up) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(destinations.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(outbound.socket, "create_connection", connect)

    outcome = send(Request(url="http://rebond.exemple.fr/"))

    assert outcome.code is Code.REFUSED
    assert looked_up == ["rebond.exemple.fr"]
    assert connected == [("93.184.216.34", 80)]


class TestTls:
    @pytest.fixture(autouse=True)
    def _fresh_context(self):
        outbound._context.cache_clear()
        yield
        outbound._context.cache_clear()

    def certificate(self, tmp_path, monkeypatch, *names, **settings):
        trusted, context = make_certificate(tmp_path, *names, **settings)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        return context

    def test_certificate_of_the_name_is_taken(self, tmp_path, monkeypatch):
        with Wire(OK, tls=self.certificate(tmp_path, monkeypatch, "localhost")) as server:
            assert call(server, scheme="https", host="localhost").ok
        assert f"Host: localhost:{server.port}".encode() in server.requests[0]

    def test_certificate_of_another_name_is_refused(self, tmp_path, monkeypatch):
        with Wire(OK, tls=self.certificate(tmp_path, monkeypatch, "exemple.fr")) as server:
            outcome = call(server, scheme="https", host="localhost")
        assert (outcome.code, outcome.permanent, outcome.reached) == (Code.TLS, False, False)

    def test_expired_certificate_is_refused(self, tmp_path, monkeypatch):
        with Wire(OK, tls=self.certificate(tmp_path, monkeypatch, "localhost", valid=False)) as server:
            assert call(server, scheme="https", host="localhost").code is Code.TLS

    def test_unknown_issuer_is_refused(self, tmp_path):
        _, context = make_certificate(tmp_path, "localhost")
        with Wire(OK, tls=context) as server:
            assert call(server, scheme="https", host="localhost").code is Code.TLS

    def test_plain_server_behind_https(self):
        with Wire(b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
            assert call(server, scheme="https", host="localhost", timeout=0.5).code in {Code.TLS, Code.TIMEOUT}

    def test_handshake_that_never_ends(self):
        with Wire(("sleep", 5), read=False) as server:
            started = time.monotonic()
            assert call(server, scheme="https", host="localhost", timeout=0.3).code is Code.TIMEOUT
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_outcome_has_a_sentence(code, language):
    with override(language):
        text = Outcome(code=code, status=500, detail="exemple").sentence
    assert text.endswith(".")
    assert "%(" not in text
    assert SENTENCES.keys() == set(Code)


def test_outcome_is_said_in_french():
    with override("fr"):
        assert Outcome(code=Code.TIMEOUT).sentence == "Le serveur n'a pas répondu à temps. Réessayez plus tard."


@given(
    url=st.text(max_size=80),
    method=st.sampled_from(["GET", "POST"]),
    name=st.text(max_size=10),
    value=st.text(max_size=10),
)
def test_nothing_that_a_user_writes_raises_or_connects_inside(url, method, name, value):
    def look_up(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    def connect(address, timeout):
        assert ipaddress.ip_address(address[0]).is_global
        raise ConnectionRefusedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(destinations.socket, "getaddrinfo", look_up)
        patch.setattr(outbound.socket, "create_connection", connect)
        for whole in (url, f"http://{url}", f"https://exemple.fr/{url}"):
            outcome = send(Request(url=whole, method=method, headers={name: value}))
            assert outcome.code in {Code.BAD_REQUEST, Code.BLOCKED, Code.DNS}


def test_excerpt_is_short_text():
    assert Outcome(code=Code.OK, body=b"a\x00\xff" + b"x" * 9000).excerpt == "a\ufffd" + "x" * 1998
