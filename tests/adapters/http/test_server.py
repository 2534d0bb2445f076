"""The server: safe addresses alone, bounded patience, and nothing of a request in any log."""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import json
import logging
import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Never, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.types import Receive, Scope, Send

from adapters.http import server
from adapters.http.application import guarded
from adapters.http.documents import Problem
from adapters.http.server import Address, configured, refuse_open_address
from domain.errors import HomeNotReady
from domain.wire import SIGNED_TYPE
from services.publishing import Publishing
from tests.adapters.http.serving import HOST, PATIENCE_S, Served, everything, serving
from tests.http_rig import open_door

MARKER = b"Marker-51fe"
KEYS = "/v1/participants/havering/keys"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Give a hub behind a real port."""
    with open_door() as door, serving(door.app) as port:
        yield Served(door, port)


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Hear every logger at its most talkative, the server's own included."""
    caplog.set_level(logging.DEBUG)
    own = logging.getLogger("uvicorn.error")
    caplog.set_level(1, "uvicorn.error")
    own.addHandler(caplog.handler)
    yield caplog
    own.removeHandler(caplog.handler)


CLOSE = b"connection: close"


def request(served: Served, *lines: bytes) -> bytes:
    """Spell a request with the reader's token."""
    token = served.door.reading["authorization"].encode()
    head = [b"GET %b HTTP/1.1" % KEYS.encode(), b"host: hub", b"authorization: " + token]
    return b"\r\n".join([*head, *lines, b"", b""])


def answered(connection: socket.socket) -> tuple[int, bytes]:
    """Read one answer."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, response.read()


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_machine_s_own_addresses_need_no_tls(host: str) -> None:
    """What no other machine can reach may be served plainly."""
    refuse_open_address(Address(host, 1))


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "", "10.0.0.1", "192.168.1.9", "hub.example", "127.0.0.1.example", "*",
     "::ffff:10.0.0.1", "localhost.example", "LOCALHOST", "0", "2130706433"],
)  # fmt: skip
def test_other_addresses_need_tls_or_a_named_proxy(host: str, tmp_path: Path) -> None:
    """Nothing listens where others reach it until something protects the way there."""
    with pytest.raises(HomeNotReady, match="can be reached from other machines"):
        refuse_open_address(Address(host, 1))
    with pytest.raises(HomeNotReady, match="can be reached from other machines"):
        refuse_open_address(Address(host, 1, behind_proxy=""))
    with pytest.raises(HomeNotReady, match="can be reached from other machines"):
        configured(_Never(), Address(host, 1))
    refuse_open_address(Address(host, 1, behind_proxy="nginx on this host"))
    refuse_open_address(Address(host, 1, tmp_path / "certificate", tmp_path / "key"))


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_half_of_what_tls_takes_is_refused(host: str, tmp_path: Path) -> None:
    """A certificate without its key, or the other way round, is a mistake to be told of."""
    for one in (Address(host, 1, certificate=tmp_path), Address(host, 1, key=tmp_path)):
        with pytest.raises(HomeNotReady, match="both a certificate and its key"):
            refuse_open_address(one)


class _Never:
    """An application that is not called."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate for this machine, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")])
    today = datetime.datetime.now(datetime.UTC)
    alternatives = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(alternatives, critical=False)
        .sign(private, hashes.SHA256())
    )
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, key


def test_tls_is_really_spoken(
    served: Served, certified: tuple[Path, Path], heard: pytest.LogCaptureFixture
) -> None:
    """A client that believes the certificate reads; one that speaks plainly is not answered."""
    certificate, key = certified
    with serving(served.door.app, Address(HOST, 0, certificate, key)) as port:
        believing = ssl.create_default_context(cafile=str(certificate))
        with (
            socket.create_connection((HOST, port), timeout=PATIENCE_S) as plain,
            believing.wrap_socket(plain, server_hostname=HOST) as connection,
        ):
            assert connection.version() in {"TLSv1.2", "TLSv1.3"}
            connection.sendall(request(served))
            status, body = answered(connection)
            assert (status, json.loads(body)["participant"]) == (200, "havering")
            connection.sendall(b"\x00noise\r\n\r\n")
            assert _problem(everything(connection)) == "urn:bhr:problem:not-http"
        with socket.create_connection((HOST, port), timeout=PATIENCE_S) as plain:
            plain.sendall(b"GET /%b HTTP/1.1\r\nhost: hub\r\n\r\n" % MARKER)
            assert b"HTTP" not in everything(plain)
    assert MARKER.decode() not in heard.text


@pytest.mark.parametrize("spoilt", ["missing", "empty", "swapped"])
def test_a_certificate_that_cannot_be_used_is_refused_before_anything_listens(
    certified: tuple[Path, Path], tmp_path: Path, spoilt: str
) -> None:
    """Missing, empty, or in the other's place: told in our words."""
    certificate, key = certified
    (tmp_path / "empty").touch()
    address = {
        "missing": Address(HOST, 0, tmp_path / "none", key),
        "empty": Address(HOST, 0, certificate, tmp_path / "empty"),
        "swapped": Address(HOST, 0, key, certificate),
    }[spoilt]
    with pytest.raises(HomeNotReady, match="cannot be read"):
        configured(_Never(), address)


# --- settings -------------------------------------------------------------------------------------


def test_nothing_of_the_environment_opens_the_server_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No forwarded addresses, no workers, no WebSockets, no banner: whatever variables say."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    config = configured(_Never(), Address(HOST, 0))
    assert (config.proxy_headers, config.forwarded_allow_ips, config.workers) == (False, [], 1)
    assert (config.ws_protocol_class, config.access_log) == (None, False)
    assert not config.encoded_headers
    assert isinstance(config.loaded_app, _Never)


def test_an_answer_names_no_software(served: Served) -> None:
    """Which server and which version is nobody's business."""
    head, _, _ = served.sent(request(served, CLOSE)).partition(b"\r\n\r\n")
    names = {line.partition(b":")[0] for line in head.split(b"\r\n")[1:]}
    names.discard(b"connection")
    assert names == {b"cache-control", b"content-length", b"content-type", b"date"}


# --- noise ----------------------------------------------------------------------------------------


NOISES = [
    MARKER + b"\r\n\r\n",
    b"\x16\x03\x01" + MARKER + b"\r\n\r\n",
    b"\xff" * 300 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + MARKER + b"\r\n\r\n",
    b"GET /%b HTTP/9.9\r\nhost: h\r\n\r\n" % MARKER,
    b"GET /%b HTTP/1.1\r\n\r\n" % MARKER,
    b"GET /%b\x00 HTTP/1.1\r\nhost: h\r\n\r\n" % MARKER,
    b"GET /\xc3\xa9%b HTTP/1.1\r\nhost: h\r\n\r\n" % MARKER,
    b"GET / HTTP/1.1\r\nhost: h\r\nhost: %b\r\n\r\n" % MARKER,
    b"GET / HTTP/1.1\r\nhost: h\r\nx-%b: a\x00b\r\n\r\n" % MARKER,
    b"GET / HTTP/1.1\r\nhost: h\r\nbad name %b: x\r\n\r\n" % MARKER,
    b"GET / HTTP/1.1\r\nhost: h\r\n folded: %b\r\n\r\n" % MARKER,
    b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: %b\r\n\r\n" % MARKER,
    b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9%b\r\n\r\n" % (b"9" * 5000),
    b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: %b\r\n\r\n" % MARKER,
    b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
    b"GET /%b HTTP/1.1\r\nhost: h\r\n" % (MARKER * 100_000),
    b"GET / HTTP/1.1\r\nhost: h\r\nx: %b\r\n" % (MARKER * 100_000),
    b"GET / HTTP/1.1\r\nhost: h\r\n" + b"x: y\r\n" * 50_000,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


def _problem(answer: bytes) -> str:
    """Give the type of the problem that an answer is."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 "), head[:40]
    assert b"content-type: application/problem+json" in head
    return Problem.model_validate_json(body).type


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: repr(noise[:40]))
def test_noise_is_answered_with_a_problem_and_shown_nowhere(
    served: Served,
    noise: bytes,
    heard: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Whatever is sent to the port: 400 in our words, and no byte of it in a log or on a screen."""
    sizes = served.door.rig.sizes()
    answer = served.sent(noise)
    assert _problem(answer) == "urn:bhr:problem:not-http"
    assert MARKER not in answer
    shown = heard.text + "".join(capfd.readouterr())
    assert MARKER.decode() not in shown
    assert "Traceback" not in shown
    assert served.door.rig.sizes() == sizes


def test_noise_behind_a_request_takes_nothing_from_it(
    served: Served, heard: pytest.LogCaptureFixture
) -> None:
    """The request before it is answered, then the noise."""
    answer = served.sent(request(served) + MARKER + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"urn:bhr:problem:not-http") == 1
    assert MARKER.decode() not in heard.text


def test_random_noise_never_hurts_the_server(
    served: Served, heard: pytest.LogCaptureFixture
) -> None:
    """Bytes of chance, alone and inside a request: the next request is answered."""
    for size in (1, 10, 1000, 100_000):
        noise = secrets.token_bytes(size)
        served.sent(noise, leave=True)
        served.sent(request(served, b"x: " + noise), leave=True)
        served.sent(_posted(served, b"transfer-encoding: chunked"), noise, leave=True)
    assert served.sent(request(served, CLOSE)).startswith(b"HTTP/1.1 200 ")
    assert "Traceback" not in heard.text


def _posted(served: Served, *lines: bytes) -> bytes:
    """Spell the head of a submission."""
    token = served.door.publishing["authorization"].encode()
    kind = b"content-type: " + SIGNED_TYPE.encode()
    head = [b"POST /v1/events HTTP/1.1", b"host: hub", b"authorization: " + token, kind]
    return b"\r\n".join([*head, *lines, b"", b""])


@pytest.mark.parametrize(
    "pieces",
    [
        [b"content-length: 100", b'{"events":'],
        [b"transfer-encoding: chunked", b"5\r\n" + MARKER[:5] + b"\r\n"],
        [b"transfer-encoding: chunked", MARKER + b"\r\n"],
        [b"transfer-encoding: chunked", b"fffffffffffffffff\r\n" + MARKER],
        [b"transfer-encoding: chunked", b"-5\r\n" + MARKER],
        [b"content-length: 5000000", MARKER * 1000],
    ],
    ids=repr,
)
def test_a_body_of_the_wrong_length_is_no_submission(
    served: Served, pieces: list[bytes], heard: pytest.LogCaptureFixture
) -> None:
    """Cut short or wrongly chunked: nothing is recorded, nothing shown, nobody else disturbed."""
    sizes = served.door.rig.sizes()
    line, *body = pieces
    answer = served.sent(_posted(served, line), *body, leave=True)
    assert not answer or _problem(answer)
    assert MARKER not in answer
    assert MARKER.decode() not in heard.text
    assert "Traceback" not in heard.text
    assert served.door.rig.sizes() == sizes


def test_a_body_longer_than_its_length_is_two_things(served: Served) -> None:
    """What stands behind the told length is no part of the submission, and no other request."""
    raw = served.door.publisher.submission(served.door.publisher.event())
    answer = served.sent(_posted(served, b"content-length: %d" % len(raw)), raw + MARKER)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert MARKER not in answer


def test_an_upgrade_is_not_taken_up(served: Served, heard: pytest.LogCaptureFixture) -> None:
    """Asked for a WebSocket or HTTP/2, the hub answers as if it had not been."""
    for protocol in (b"websocket", b"h2c", MARKER):
        answer = served.sent(
            request(served, b"connection: upgrade, close", b"upgrade: " + protocol)
        )
        assert answer.startswith(b"HTTP/1.1 200 ")
    assert MARKER.decode() not in heard.text


# --- patience -------------------------------------------------------------------------------------


def test_who_stalls_holds_up_nobody(served: Served) -> None:
    """A hundred connections that say half of something, and a request between them."""
    halves = [
        b"",
        b"GET",
        request(served)[:-2],
        _posted(served, b"content-length: 1000") + b"{",
        _posted(served, b"transfer-encoding: chunked") + b"5\r\nab",
    ]
    with ExitStack() as open_ones:
        for at in range(100):
            connection = open_ones.enter_context(served.connected())
            connection.sendall(halves[at % len(halves)])
        raw = served.door.publisher.submission(served.door.publisher.event())
        sent = _posted(served, b"content-length: %d" % len(raw), CLOSE)
        assert served.sent(sent, raw).startswith(b"HTTP/1.1 200 ")
        assert served.sent(request(served, CLOSE)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("said", [b"", b"G", b"GET / HTTP/1.1\r\nx: "])
def test_a_head_has_so_much_time_and_no_more(
    served: Served, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that does not say what it wants is closed, though a byte came now and then."""
    monkeypatch.setattr(server, "HEAD_S", 0.1)
    with served.connected() as connection:
        connection.sendall(said)
        assert everything(connection) == b""


def test_a_drip_of_bytes_buys_no_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte would begin the server's own timer anew; ours it does not."""
    monkeypatch.setattr(server, "HEAD_S", 0.2)
    with served.connected() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nx: ")
        connection.settimeout(0.02)
        closed = False
        for _ in range(200):
            try:
                connection.sendall(b"y")
                closed = connection.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True
            if closed:
                break
        assert closed


def test_after_an_answer_the_next_head_has_its_own_time(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kept connection is used again, and closed when nothing more comes."""
    monkeypatch.setattr(server, "HEAD_S", 0.3)
    with served.connected() as connection:
        for _ in range(3):
            connection.sendall(request(served))
            assert answered(connection)[0] == 200
        assert everything(connection) == b""


def test_the_rest_of_a_refused_body_is_not_awaited_for_ever(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was answered before a body was read has a while to stop sending it."""
    monkeypatch.setattr(server, "HEAD_S", 0.1)
    with served.connected() as connection:
        connection.sendall(b"POST /v1/events HTTP/1.1\r\nhost: h\r\ncontent-length: 5000\r\n\r\n{")
        status, _ = answered(connection)
        assert status == 401
        assert everything(connection) == b""


# --- what nobody foresaw --------------------------------------------------------------------------


class _Failing:
    def submit(self, *_: object, **__: object) -> Never:
        raise ValueError(MARKER.decode())


def test_an_unforeseen_exception_is_in_no_log_of_the_server(
    served: Served, heard: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The server logs what reaches it with its text: so nothing reaches it."""
    hub = replace(served.door.hub, publishing=cast("Publishing", _Failing()))
    with serving(guarded(hub)) as port:
        answer = Served(served.door, port).sent(_posted(served, b"content-length: 2", CLOSE), b"{}")
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"urn:bhr:problem:unexpected" in answer
    assert MARKER not in answer
    assert "unexpected-fault kind=ValueError" in heard.text
    assert MARKER.decode() not in heard.text + "".join(capfd.readouterr())


def test_even_what_reaches_the_server_is_logged_without_its_text(
    heard: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], served: Served
) -> None:
    """An application without the last resort: its fault is logged by class alone."""

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError(MARKER.decode())

    with serving(failing) as port:
        answer = Served(served.door, port).sent(request(served))
    assert answer.startswith(b"HTTP/1.1 500 ")
    shown = heard.text + "".join(capfd.readouterr())
    assert "kind=ValueError" in shown
    assert MARKER.decode() not in shown
