"""Connections to a server with a certificate: what `stores.json` says of TLS is what is done."""

from __future__ import annotations

import datetime
import ipaddress
import os
import shutil
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg.conninfo import make_conninfo

from adapters.assembly.ledgers import init_ledger, ledgers_of
from adapters.postgres_connections import Place
from adapters.postgres_pool import Connections
from adapters.settings import HubHome
from adapters.stores_settings import Server as OnServer
from adapters.stores_settings import Stores
from domain.errors import Unavailable
from domain.reference.participants import PARTNERSHIP
from tests.journeys.machines import free_port
from tests.postgres_server import AUDITOR, HUB, PASSWORD, Server

pytestmark = pytest.mark.postgres(own=True)


@pytest.fixture(scope="module")
def port(server: Server) -> int:
    """The port at which the server is reached over TLS alone."""
    port = free_port()
    certificate = server.folder / "server.crt"
    write_certificate(certificate, server.folder / "server.key")
    owner = (server.folder / "data").stat()
    for path in (certificate, server.folder / "server.key"):
        os.chown(path, owner.st_uid, owner.st_gid)
    (server.folder / "data" / "pg_hba.conf").write_text(
        "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
    )
    said = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "ssl": "on",
        "ssl_cert_file": str(certificate),
        "ssl_key_file": str(server.folder / "server.key"),
    }
    server.stop()
    server.settings.update(said)
    server.start()
    return port


def write_certificate(certificate: Path, key: Path) -> None:
    """Make a certificate that signs itself, of 127.0.0.1."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a server of tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.touch(mode=0o600)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture
def root(server: Server, port: int, tmp_path: Path) -> Path:
    """The root certificate that the server's ends in."""
    assert port
    return shutil.copyfile(server.folder / "server.crt", tmp_path / "root.crt")


def over_tls(port: int, root: Path, user: str = HUB) -> str:
    """Say how a server is reached that must show a certificate of this root."""
    said = {"sslmode": "verify-full", "sslrootcert": str(root), "password": PASSWORD}
    return make_conninfo(host="127.0.0.1", port=port, user=user, dbname="postgres", **said)


def is_reached(conninfo: str) -> bool:
    """Say whether a store connects there, and over TLS."""
    asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    with closing(Connections(Place(conninfo, "pg_catalog"), "a store")) as connections:
        try:
            with connections.looking() as cursor:
                return cursor.execute(asked).fetchall() == [(True,)]
        except psycopg.OperationalError:
            return False


def test_only_a_server_that_shows_its_certificate_is_believed(
    port: int, root: Path, tmp_path: Path
) -> None:
    """With `sslmode=verify-full`: neither another root, nor another name, nor no TLS will do."""
    assert is_reached(over_tls(port, root))
    write_certificate(tmp_path / "another.crt", tmp_path / "another.key")
    assert not is_reached(over_tls(port, tmp_path / "another.crt"))
    assert not is_reached(make_conninfo(over_tls(port, root), host="localhost"))
    assert not is_reached(make_conninfo(over_tls(port, root), sslmode="disable"))


def test_a_hub_keeps_its_ledgers_over_tls(
    server: Server, port: int, root: Path, tmp_path: Path
) -> None:
    """What `stores.json` says is what ledgers are opened by, and whoever else answers is not."""
    home = HubHome(tmp_path / "hub")
    home.folder.mkdir()
    make = make_conninfo(server.conninfo, port=port)
    said = OnServer(connect=over_tls(port, root), make=make, read=over_tls(port, root, AUDITOR))
    home.stores.write_bytes(Stores(others=said).canonical())
    assert init_ledger(home, PARTNERSHIP)
    with ledgers_of(home) as ledgers:
        assert ledgers[PARTNERSHIP].head().size == 0
    write_certificate(root, tmp_path / "another.key")
    with pytest.raises(Unavailable), ledgers_of(home):
        pass
