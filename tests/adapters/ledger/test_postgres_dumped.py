"""A ledger's schema that PostgreSQL's own programs saved is the same ledger where they put it."""

from __future__ import annotations

import subprocess
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from adapters.postgres_connections import Place, connect
from tests.contracts.ledger_builders import (
    NAME,
    NOON,
    answer_to,
    batch,
    open_postgres,
    statements_of,
)
from tests.postgres_server import HUB, new_schema, programs, seen_by

pytestmark = pytest.mark.postgres(own=True)
SIZE = 300


@pytest.fixture
def dumped(tmp_path: Path) -> tuple[Place, Path]:
    """Give a ledger's place, as its owner reaches it, and what `pg_dump` made of it; it is lost."""
    place, file = new_schema(NAME), tmp_path / "havering.dump"
    with closing(open_postgres(seen_by(place, HUB))) as ledger:
        answer_to(ledger, batch(1, 0, SIZE))
        ledger.checkpoints.keep(SIZE, ledger.tiles.root(SIZE), b"note", now_ms=NOON)
        ledger.checkpoints.publish(SIZE, b"published", now_ms=NOON)
        command = ("--format=custom", f"--schema={place.schema}", f"--file={file}", place.conninfo)
        run("pg_dump", *command)  # while the hub has it open
    with connect(place) as plain:
        plain.execute(f'DROP SCHEMA "{place.schema}" CASCADE'.encode())
    return place, file


def run(program: str, *words: str) -> None:
    """Run one of the server's own programs; it must find nothing to complain of."""
    folder = programs()
    assert folder is not None
    done = subprocess.run([folder / program, *words], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_dump_is_put_back_whole(dumped: tuple[Place, Path]) -> None:
    """Entries, tree, checkpoints and answers are as they were, and the ledger goes on."""
    place, file = dumped
    run("pg_restore", "--exit-on-error", f"--dbname={place.conninfo}", str(file))
    with closing(open_postgres(seen_by(place, HUB))) as ledger:
        assert ledger.head().size == SIZE
        kept = ledger.checkpoints.latest_kept()
        assert kept is not None
        assert (kept.size, kept.root) == (SIZE, ledger.tiles.root(SIZE))
        found = ledger.checkpoints.latest_published()
        assert found is not None
        assert found.note == b"published"
        again = answer_to(ledger, batch(1, 0, SIZE))
        assert ledger.head().size == SIZE
        answer_to(ledger, batch(2, SIZE, 1))
        assert len(statements_of(ledger)) == SIZE + 1
        assert again == answer_to(ledger, batch(1, 0, SIZE))


def test_what_was_put_back_is_append_only(dumped: tuple[Place, Path]) -> None:
    """The hub's role may change nothing in it, and the owner's own hand is held by triggers."""
    place, file = dumped
    run("pg_restore", "--exit-on-error", f"--dbname={place.conninfo}", str(file))
    for who, refused in (
        (seen_by(place, HUB), psycopg.errors.InsufficientPrivilege),
        (place, psycopg.errors.IntegrityConstraintViolation),
    ):
        with connect(who) as plain, pytest.raises(refused):
            plain.execute("DELETE FROM record")
