"""A disk that is full for a while, under a ledger in a file and under one on a server."""

import shutil
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from adapters.ledger.postgres_schema import create_schema
from adapters.postgres_connections import Place
from domain.errors import Unavailable
from domain.record import leaf_bytes_of
from domain.tree import Edge, leaf_hash
from services.log_ports import ProvenLedger
from tests.contracts.ledger_builders import (
    NAME,
    answer_to,
    batch,
    open_postgres,
    open_sqlite,
    sqlite_path,
)
from tests.postgres_server import HUB, Server, new_database, seen_by
from tests.small_disk import SmallDisk, small_disk

pytestmark = pytest.mark.small_disk
EVENTS = 20
SOON = 500
"""So many submissions need more room than a last page may have."""


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """A disk of a test's own."""
    with small_disk() as disk:
        yield disk


def goes_on_once_there_is_room(ledger: ProvenLedger, disk: SmallDisk) -> None:
    """Fill the disk under a ledger, and see what it says, and that it goes on with room again."""
    answers = {0: answer_to(ledger, batch(0, 0, EVENTS))}
    disk.fill()
    with suppress(Unavailable):
        for number in range(1, SOON):
            answers[number] = answer_to(ledger, batch(number, number * EVENTS, EVENTS))
    refused = len(answers)
    with pytest.raises(Unavailable, match=r"^the ledger is not available; nothing was"):
        answer_to(ledger, batch(refused, refused * EVENTS, EVENTS))
    assert len(ledger.read(0, EVENTS * SOON)) == ledger.head().size == refused * EVENTS
    disk.free()
    for number in range(refused, refused + 3):
        answers[number] = answer_to(ledger, batch(number, number * EVENTS, EVENTS))
    entries = ledger.read(0, EVENTS * SOON)
    assert len(entries) == len(answers) * EVENTS
    leaves = [leaf_hash(leaf_bytes_of(entry.record)) for entry in entries]
    assert ledger.tiles.root(len(leaves)) == Edge().grown(leaves)[0].root()
    for number, answer in answers.items():
        assert answer_to(ledger, batch(number, number * EVENTS, EVENTS)) == answer


def test_under_a_ledger_in_a_file(disk: SmallDisk) -> None:
    """Full: refused, nothing acknowledged is lost, it is read on; with room the same goes on."""
    ledger = open_sqlite(sqlite_path(disk.folder))
    goes_on_once_there_is_room(ledger, disk)
    ledger.close()


@pytest.mark.postgres(own=True)
def test_under_the_tables_of_a_server(disk: SmallDisk, server: Server) -> None:
    """The server's tables find no room, its log does: refused, and on it goes with room again."""
    shutil.chown(disk.folder, server.folder.owner())
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{disk.folder}'".encode())
    place = Place(new_database(server.conninfo, tablespace="small"), "ledger")
    create_schema(place, NAME, origin="demo")
    ledger = open_postgres(seen_by(place, HUB))
    goes_on_once_there_is_room(ledger, disk)
    ledger.close()
