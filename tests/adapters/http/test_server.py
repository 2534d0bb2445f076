"""The server: safe addresses alone, TLS where asked, and no text of anybody's exceptions."""

from __future__ import annotations

import datetime
import ipaddress
import json
import socket
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Never, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.types import Receive, Scope, Send

from adapters.http.application import guarded
from adapters.http.server import Address, configured, refuse_open_address
from domain.errors import HomeNotReady
from services.publishing import Publishing
from tests.adapters.http.serving import (
    CLOSE,
    HOST,
    MARKER,
    PATIENCE_S,
    Served,
    answered,
    asking,
    everything,
    problem_of,
    serving,
    submitting,
)

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
            connection.sendall(asking(served))
            status, body = answered(connection)
            assert (status, json.loads(body)["participant"]) == (200, "havering")
            connection.sendall(b"\x00noise\r\n\r\n")
            assert problem_of(everything(connection)) == "urn:bhr:problem:not-http"
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
    head, _, _ = served.sent(asking(served, CLOSE)).partition(b"\r\n\r\n")
    names = {line.partition(b":")[0] for line in head.split(b"\r\n")[1:]}
    assert names == {b"cache-control", b"content-length", b"content-type", b"date", b"Connection"}


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
        answer = Served(served.door, port).sent(
            submitting(served, b"content-length: 2", CLOSE), b"{}"
        )
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
        answer = Served(served.door, port).sent(asking(served))
    assert answer.startswith(b"HTTP/1.1 500 ")
    shown = heard.text + "".join(capfd.readouterr())
    assert "kind=ValueError" in shown
    assert MARKER.decode() not in shown
