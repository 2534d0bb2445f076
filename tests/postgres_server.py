"""A real PostgreSQL server for the tests, from the first that wants it to the end of the run.

`BHR_TEST_POSTGRES` names one that is there already, as a superuser's connection string; else the
newest that is installed is started in a folder of its own, on a socket in that folder. PostgreSQL
refuses to run as root, so then it runs as a user who may nothing. What the tests make is in a
database of this run's, which goes with it.
"""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.keys.postgres_keys_migrations import ERASER, HOLDER, KEY_READER
from adapters.keys.postgres_keys_schema import create_key_store
from adapters.ledger.postgres_schema import READER, WRITER, create_schema
from adapters.postgres_connections import Place
from adapters.views.postgres_schema import KEEPER

VARIABLE = "BHR_TEST_POSTGRES"
INSTALLED = Path("/usr/lib/postgresql")
PATIENCE_S = 60
GUARD = 'read -r _; [ -f "$1" ] && kill -QUIT "$(head -n 1 "$1")"; rm -rf "$2"'
"""Waits for the end of its input, which is the end of the process that holds the other side."""
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOM_BYTES = 1 << 30
PASSWORD = "of-tests"
HUB, AUDITOR = "bhr_test_hub", "bhr_test_auditor"
KEYS, KEY_ERASER = "bhr_test_keys", "bhr_test_eraser"
VIEWS, KEY_AUDITOR = "bhr_test_views", "bhr_test_key_auditor"
LOGINS = (
    (WRITER, HUB),
    (READER, AUDITOR),
    (HOLDER, KEYS),
    (ERASER, KEY_ERASER),
    (KEY_READER, KEY_AUDITOR),
    (KEEPER, VIEWS),
)
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
    "wal_recycle": "off",
}
"""What is not said here is as it is installed: fsync is on, or the hub would refuse the server."""


def programs() -> Path | None:
    """Find the folder with the newest server's programs, or none."""
    found = shutil.which("initdb")
    folders = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    if folders:
        return folders[-1].parent
    return Path(found).resolve().parent if found else None


def missing(*, own: bool = False) -> str | None:
    """Say why no server can be had, where none can; a server of one's own is one to be stopped."""
    if programs() is not None:
        return None
    if os.environ.get(VARIABLE):
        return "no server is installed that a test may stop" if own else None
    return f"no PostgreSQL server is installed here, and {VARIABLE} names none"


def missing_for(item: pytest.Item) -> str | None:
    """Say why a test cannot have the server that it is marked to need: `postgres(own=True)`."""
    marker = item.get_closest_marker("postgres")
    return marker and missing(own=bool(marker.kwargs.get("own")))


@dataclass
class Server:
    """A server of our own, which can be stopped, killed and started again."""

    folder: Path
    programs: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    guard: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))

    @property
    def conninfo(self) -> str:
        """How its superuser reaches it."""
        port = self.settings.get("port", "5432")
        return make_conninfo("", host=str(self.folder), port=port, user="owner", dbname="postgres")

    def make(self, by: str = "initdb", *options: str) -> None:
        """Make its files, and see that nothing of it outlives this process, however that ends."""
        pid = self.folder / "data" / "postmaster.pid"
        command = ["sh", "-c", GUARD, "guard", str(pid), str(self.folder)]
        self.guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        new = ("--username=owner", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        assert self._begun(by, *(options or new)).wait(PATIENCE_S) == 0

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = self.settings | {"unix_socket_directories": str(self.folder)}
        said = (piece for one in settings.items() for piece in ("-c", "=".join(one)))
        self.process = self._begun("postgres", *said)
        answers(self.conninfo)

    def ended(self) -> bool:
        """Say whether it ended by itself, as it does where it can write no log of what it does."""
        return self.process is not None and self.process.poll() is not None

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends every connection, SIGQUIT leaves what a power cut would."""
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(PATIENCE_S)
        self.process = None

    def kill(self) -> None:
        """End it as nobody should, by SIGKILL."""
        self.stop(signal.SIGKILL)

    def remove(self) -> None:
        """Stop it, and remove everything of it."""
        if self.process is not None:
            self.stop(signal.SIGQUIT)
        assert self.guard is not None
        self.guard.communicate()

    def _begun(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        """Begin one of the server's programs; as root, in the name of a user who may nothing."""
        user = pwd.getpwnam(_nobody()) if os.geteuid() == 0 else None
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self.programs / program, "-D", self.folder / "data", *options],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=user and user.pw_uid,
                group=user and user.pw_gid,
                extra_groups=[] if user else None,
            )


def own_server(*, on_disk: bool = False, within: Path | None = None) -> Server:
    """Make and start a server of our own: in memory where the machine has room there, or `within`.

    What is tested is what the server is asked and what it keeps when it is killed, not its disk,
    which is measured alone.
    """
    found = programs()
    assert found is not None
    roomy = not on_disk and IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM_BYTES
    server = Server(_new_folder(within or (IN_MEMORY if roomy else None)), found)
    server.make()
    server.start()
    make_roles(server.conninfo)
    return server


def _new_folder(within: Path | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bhr-postgres-", dir=within))
    if os.geteuid() == 0:
        shutil.chown(folder, _nobody())
    return folder


def _nobody() -> str:
    """Give a user who may nothing here."""
    known = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def answers(conninfo: str) -> None:
    """Wait until a server takes connections."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(conninfo, connect_timeout=5).close()
        except psycopg.OperationalError:
            assert time.monotonic() < until, "the server does not come up"
        else:
            return


@cache
def database() -> str:
    """Give the connection string of this run's database, as who may make tables in it."""
    given = os.environ.get(VARIABLE)
    if given:
        superuser = given
        make_roles(superuser)
    else:
        server = own_server()
        atexit.register(server.remove)
        superuser = server.conninfo
    made = new_database(superuser)
    if given:
        name = conninfo_to_dict(made)["dbname"]
        atexit.register(_ask, superuser, f"DROP DATABASE {name} WITH (FORCE)")
    return made


def new_database(
    superuser: str, *, tablespace: str = "pg_default", encoding: str | None = None
) -> str:
    """Make a database on a server; gives how its owner reaches it."""
    name = f"bhr_test_{uuid.uuid4().hex}"
    spelt = f"TEMPLATE template0 LOCALE 'C' ENCODING '{encoding}'" if encoding else ""
    _ask(superuser, f"CREATE DATABASE {name} TABLESPACE {tablespace} {spelt}")
    return make_conninfo(superuser, dbname=name)


def make_roles(superuser: str) -> None:
    """Make who the tests log in as: each in one of the hub's own roles, and no more."""
    for role, user in LOGINS:
        _ask_once(superuser, f"CREATE ROLE {role} NOLOGIN")
        _ask_once(superuser, f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
        _ask(superuser, f"GRANT {role} TO {user}")


def _ask(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(statement)


def _ask_once(conninfo: str, statement: str) -> None:
    with suppress(psycopg.errors.DuplicateObject):
        _ask(conninfo, statement)


def as_user(owner: str, user: str) -> str:
    """Give the same place for another user."""
    return make_conninfo(owner, user=user, password=PASSWORD)


def new_schema(name: str) -> Place:
    """Make an empty ledger in a schema of its own; gives its place as the owner reaches it."""
    place = Place(database(), f"a-ledger-{uuid.uuid4().hex[:12]}")
    create_schema(place, name, origin="demo")
    return place


def empty_place() -> Place:
    """Give a schema that is not there."""
    return Place(database(), f"ledger_{uuid.uuid4().hex[:12]}")


def new_key_store() -> Place:
    """Make an empty key store in a schema of its own; gives its place as the owner reaches it."""
    place = Place(database(), f"the-keys-{uuid.uuid4().hex[:12]}")
    create_key_store(place)
    return place


def seen_by(place: Place, user: str) -> Place:
    """Give a place as another user reaches it."""
    return Place(as_user(place.conninfo, user), place.schema)


def cut() -> None:
    """End every connection that the hub has to this run's database."""
    with psycopg.connect(database(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = %s",
            (HUB,),
        )


def held(server: Server, wanted: Sequence[bytes]) -> set[bytes]:
    """Give which of these bytes any file of a server holds, but for its write-ahead log."""
    _ask(server.conninfo, "CHECKPOINT")
    return held_as_it_is(server, wanted, but="pg_wal")


def held_as_it_is(server: Server, wanted: Sequence[bytes], but: str = "") -> set[bytes]:
    """Give which of these bytes any file of a server holds now, but for those of one folder."""
    found: set[bytes] = set()
    for path in (server.folder / "data").rglob("*"):
        if path.is_file() and but not in path.parts:
            raw = path.read_bytes()
            found |= {one for one in wanted if one in raw}
    return found
