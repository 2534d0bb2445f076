"""A real Kafka broker for the tests, from the first that wants it to the end of the process.

`BHR_TEST_KAFKA` names a folder of one that is there already; else the broker whose jars
`tests/kafka/pom.xml` names is started, in a folder of its own. Either folder holds what a client
needs: `bootstrap` (host:port), `authority.pem`, and for each of `CLIENTS` a `NAME.pem` with key and
certificate, which the broker knows by this name. Everybody shows a certificate, and may do nothing
that no access rule allows, but for `operator`, who makes the rules.

Topics are shared by whoever shares the broker: a test takes names of its own (`new_prefix`).
"""

import atexit
import datetime
import ipaddress
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VARIABLE = "BHR_TEST_KAFKA"
POM = Path(__file__).parent / "kafka" / "pom.xml"
JARS = Path(__file__).parents[1] / ".venv" / "kafka"
OPERATOR, HUB, CLIENTS = "operator", "hub", ("havering", "redbridge")
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOM_BYTES = 1 << 30
PATIENCE_S = 120
SEARCHED_BYTES_MIN = 6
"""Of what a broker's files are searched for: anything shorter is in any file by chance."""
BROKER = "kafka.Kafka"
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=CLIENTS://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=CLIENTS:SSL,CONTROLLER:SSL
inter.broker.listener.name=CLIENTS
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/authority.pem
ssl.client.auth=required
ssl.principal.mapping.rules=RULE:^CN=(.*?)$/$1/
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:broker;User:operator
allow.everyone.if.no.acl.found=false
auto.create.topics.enable=false
log.dirs={folder}/data
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.cleaner.enable=false
log.index.size.max.bytes=65536
"""
# Its heap, and a compiler that is soon done: what is tested is what it does, not how quickly.
OPTIONS = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
# The shell outlives nobody: when this process is gone, so is its end of the pipe, and the broker.
KEEPER = 'exec 3<&0; "$@" </dev/null & cat <&3 >/dev/null; kill -9 $!; wait'


def missing(*, own: bool = False) -> str | None:
    """Say why no broker can be had, where none can; one of one's own is one to be killed."""
    if os.environ.get(VARIABLE) and not own:
        return None
    lacking = [one for one in ("java", "mvn") if shutil.which(one) is None]
    if not lacking:
        return None
    return f"{' and '.join(lacking)} not installed here, and {VARIABLE} names no broker"


def missing_for(item: pytest.Item) -> str | None:
    """Say why a test cannot have the broker that it is marked to need."""
    marker = item.get_closest_marker("kafka")
    return marker and missing(own=bool(marker.kwargs.get("own")))


@dataclass
class Broker:
    """A broker, by the folder of what its clients need."""

    folder: Path

    @property
    def bootstrap(self) -> str:
        """Where it listens."""
        return (self.folder / "bootstrap").read_text().strip()

    @property
    def authority(self) -> Path:
        """Whose certificates are believed."""
        return self.folder / "authority.pem"

    def certificate(self, name: str) -> Path:
        """Give the file with somebody's key and certificate."""
        return self.folder / f"{name}.pem"


@dataclass
class OwnBroker(Broker):
    """A broker of our own, which can be killed and started again."""

    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def make(self) -> None:
        """Make certificates, settings and an empty data folder."""
        ports = _free_ports()
        _certificates(self.folder)
        (self.folder / "bootstrap").write_text(f"127.0.0.1:{ports['broker']}")
        said = SETTINGS.format(folder=self.folder, **ports)
        (self.folder / "server.properties").write_text(said)
        own_id = uuid.uuid4().hex[:22]
        given = ("format", "--standalone", "-t", own_id, "-c", self.folder / "server.properties")
        assert self._begun("kafka.tools.StorageTool", *given).wait(PATIENCE_S) == 0, self.said()

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self.process = self._begun(BROKER, self.folder / "server.properties")
        host, _, port = self.bootstrap.partition(":")
        until = time.monotonic() + PATIENCE_S
        while True:
            with suppress(OSError), socket.create_connection((host, int(port)), timeout=5):
                return
            assert time.monotonic() < until, self.said()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)
                pytest.fail(self.said())

    def kill(self) -> None:
        """End it as a power cut would; what it holds on disk stays."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)
        self.process = None

    def remove(self) -> None:
        """End it, and remove everything of it."""
        if self.process is not None:
            self.kill()
        shutil.rmtree(self.folder)

    def held(self, wanted: Iterable[bytes]) -> set[bytes]:
        """Give which of these bytes any of its files holds.

        Every place is looked at once, however many are wanted: by how each of them begins.
        """
        begin = defaultdict[bytes, set[bytes]](set)
        for one in wanted:
            assert len(one) >= SEARCHED_BYTES_MIN
            begin[one[:SEARCHED_BYTES_MIN]].add(one)
        found: set[bytes] = set()
        for path in (self.folder / "data").rglob("*"):
            raw = path.read_bytes() if path.is_file() else b""
            for at in range(len(raw) - SEARCHED_BYTES_MIN + 1):
                if ones := begin.get(raw[at : at + SEARCHED_BYTES_MIN]):
                    found |= {one for one in ones if raw.startswith(one, at)}
        return found

    def said(self) -> str:
        """Give the end of what it wrote to its log, for a test that fails."""
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def _begun(self, main: str, *given: str | Path) -> subprocess.Popen[bytes]:
        java = (_program("java"), *OPTIONS, "-cp", f"{jars()}/*", main, *map(str, given))
        kept = (_program("bash"), "-c", KEEPER, "keeper", *java)
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                kept if main == BROKER else java,
                stdin=subprocess.PIPE if main == BROKER else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C at a terminal is for the tests to deal with
            )


@cache
def jars() -> Path:
    """Give the folder of the broker's jars, fetched once for this machine."""
    made = JARS / str(POM.stat().st_mtime_ns)
    if not made.is_dir():
        JARS.mkdir(parents=True, exist_ok=True)
        coming = Path(tempfile.mkdtemp(dir=JARS))
        to = f"-DoutputDirectory={coming}"
        fetching = (_program("mvn"), "-q", "-B", "-f", POM, "dependency:copy-dependencies", to)
        subprocess.run(fetching, check=True)
        with suppress(OSError):  # another process was as quick
            coming.rename(made)
    return made


def own_broker() -> OwnBroker:
    """Make and start a broker of our own, in memory where the machine has room there."""
    roomy = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM_BYTES
    folder = Path(tempfile.mkdtemp(prefix="bhr-kafka-", dir=IN_MEMORY if roomy else None))
    broker = OwnBroker(folder)
    broker.make()
    broker.start()
    return broker


@cache
def broker() -> Broker:
    """Give this process's broker, which others of its tests use too."""
    given = os.environ.get(VARIABLE)
    if given:
        return Broker(Path(given))
    own = own_broker()
    atexit.register(own.remove)
    return own


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found is not None
    return found


def new_prefix() -> str:
    """Name topics that nobody else has."""
    return f"t{uuid.uuid4().hex[:10]}"


def _free_ports() -> dict[str, int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return {"broker": one.getsockname()[1], "controller": other.getsockname()[1]}


def _certificates(folder: Path) -> None:
    """Make an authority, and a key with its certificate for the broker and for each client."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    ours = x509.BasicConstraints(ca=True, path_length=0)
    authority = _unsigned(name, name, key).add_extension(ours, critical=True)
    signed = authority.sign(key, hashes.SHA256())
    (folder / "authority.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    for client in ("broker", OPERATOR, HUB, *CLIENTS):
        _certificate(folder / f"{client}.pem", client, name, key)


def _certificate(
    path: Path, client: str, authority: x509.Name, by: ec.EllipticCurvePrivateKey
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, client)])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = _unsigned(name, authority, key).add_extension(here, critical=False)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = made.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    path.touch(0o600)
    path.write_bytes(private + public)


def _unsigned(
    name: x509.Name, authority: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=2))
    )
