"""A ledger in PostgreSQL refuses what would change it, whoever asks, and each role its own."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from eventsourcing.persistence import PersistenceError

from adapters.ledger.postgres import PostgresLedger, ReadOnlyPostgresLedger
from adapters.ledger.postgres_evidence import PostgresEvidence
from adapters.postgres_connections import Place, connect
from domain.errors import HomeNotReady, Unavailable
from services.intake_ports import Advance
from services.ports import Head
from tests.contracts.ledger_builders import (
    NAME,
    NOON,
    answer_to,
    batch,
    open_postgres,
    record,
    statements_of,
)
from tests.postgres_server import AUDITOR, HUB, new_schema, seen_by

pytestmark = pytest.mark.postgres
Plain = psycopg.Connection[psycopg.rows.DictRow]

TABLES = {
    "checkpoint": ["size", "root", "note", "kept_ms"],
    "cosignature": ["number", "size", "line", "taken_ms"],
    "head": ["only_row", "size", "recorded_ms", "fences", "root"],
    "ledger": ["only_row", "name", "format", "origin"],
    "migration": ["version", "applied"],
    "published": ["number", "size", "note", "published_ms"],
    "queue_offset": ["queue", "reached"],
    "record": [
        *("notification_id", "originator_id", "originator_version", "topic"),
        *("event_id", "statement", "state"),
    ],
    "submission": [
        *("number", "id", "source", "first", "count"),
        *("digests", "signature", "answer"),
    ],
    "tile": ["level", "number", "top", "hashes"],
}
ZEROS = r"decode(repeat('00', 32), 'hex')"
FULL = r"decode(repeat('00', 8192), 'hex')"
TILE = f"INSERT INTO tile VALUES (0, 0, {ZEROS}, {FULL})"  # noqa: S608 - constants
ROW = "topic, gen_random_uuid(), statement, state FROM record WHERE notification_id = 2"


@pytest.fixture(scope="module")
def place() -> Place:
    """A ledger of six entries with a row in every table, closed; nothing here changes it."""
    place = new_schema(NAME)
    ledger = open_postgres(seen_by(place, HUB))
    answer_to(ledger, batch(1, 0, 4))
    answer_to(ledger, batch(2, 4, 2))
    ledger.checkpoints.keep(6, ledger.tiles.root(6), b"note", now_ms=NOON)
    ledger.checkpoints.cosign(6, [b"line"], now_ms=NOON)
    ledger.checkpoints.publish(6, b"note and line", now_ms=NOON)
    ledger.offsets.advance(Advance(uuid.UUID(int=1), 0, 5))
    ledger.close()
    with connect(place) as plain:
        # As the 256th entry would write it: what it says does not matter to who refuses a change.
        plain.execute(TILE)
    return place


@pytest.fixture
def plain(place: Place) -> Iterator[Plain]:
    """The same schema for a superuser."""
    with connect(place) as connection:
        yield connection


def everything(plain: Plain) -> list[object]:
    """Give every row of every table."""
    return [plain.execute(f"TABLE {table}").fetchall() for table in TABLES]


CHANGES = [
    *(f"DELETE FROM {table}" for table in TABLES),  # noqa: S608 - names of our own tables
    *(f"TRUNCATE {table} CASCADE" for table in TABLES),
    *(
        f"UPDATE {table} SET {columns[-1]} = {columns[-1]}"  # noqa: S608 - the same
        for table, columns in TABLES.items()
        if table not in {"head", "queue_offset"}
    ),
    "UPDATE record SET notification_id = 99 WHERE notification_id = 6",
    "INSERT INTO record SELECT 2, originator_id, 1, " + ROW,
    # a gap, a place before the first, and the next place twice
    "INSERT INTO record SELECT 9, originator_id, 8, " + ROW,
    "INSERT INTO record SELECT 0, originator_id, -1, " + ROW,
    "INSERT INTO record SELECT 7, originator_id, 6, topic, event_id, statement, state FROM record",
    (
        "INSERT INTO record SELECT 8, a.originator_id, 7, a.topic, gen_random_uuid(), a.statement,"
        " a.state FROM record a, record b LIMIT 2"
    ),
    (
        "INSERT INTO submission (id, source, first, count, digests, signature, answer)"
        " SELECT id, 's', 0, 0, '', '', '' FROM submission"
    ),
    f"INSERT INTO head VALUES (1, 2, 0, 0, {ZEROS})",  # noqa: S608 - constants
    "INSERT INTO ledger VALUES (2, 'redbridge', 'bhr-ledger/v1', 'demo')",
    "UPDATE head SET size = 5",
    "UPDATE head SET recorded_ms = recorded_ms - 1",
    "UPDATE head SET fences = -1",
    "UPDATE head SET only_row = 2",
    "UPDATE queue_offset SET reached = 4",
    "UPDATE queue_offset SET queue = gen_random_uuid()",
    "INSERT INTO queue_offset SELECT queue, 9 FROM queue_offset",
    f"UPDATE head SET root = {ZEROS}",  # noqa: S608 - constants
    # the level above without its first, a gap, and a tile that is not full
    f"INSERT INTO tile VALUES (1, 1, {ZEROS}, {FULL})",  # noqa: S608 - constants
    f"INSERT INTO tile VALUES (0, 2, {ZEROS}, {FULL})",  # noqa: S608 - constants
    f"INSERT INTO tile VALUES (0, 1, {ZEROS}, {ZEROS})",  # noqa: S608 - constants
    # the same size with another root, and a size that is not there
    f"INSERT INTO checkpoint VALUES (6, {ZEROS}, '', 0)",  # noqa: S608 - constants
    f"INSERT INTO checkpoint VALUES (7, {ZEROS}, '', 0)",  # noqa: S608 - constants
    f"INSERT INTO checkpoint VALUES (0, {ZEROS}, '', 0)",  # noqa: S608 - constants
    "INSERT INTO cosignature (size, line, taken_ms) SELECT size, line, 0 FROM cosignature",
    "INSERT INTO cosignature (size, line, taken_ms) VALUES (5, '', 0)",
    "INSERT INTO published (size, note, published_ms) VALUES (5, '', 0)",
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("as_a_replica", [False, True])
def test_change_is_refused(plain: Plain, change: str, *, as_a_replica: bool) -> None:
    """Nothing recorded is changed, removed or put out of order, even by a superuser."""
    if as_a_replica and "INTO" in change and "record" not in change:
        as_a_replica = False  # a replica's foreign keys rest; what was recorded is not at stake
    before = everything(plain)
    if as_a_replica:
        plain.execute("SET session_replication_role = replica")
    with pytest.raises(psycopg.IntegrityError):
        plain.execute(change)
    assert everything(plain) == before


def rights(plain: Plain, user: str) -> dict[str, set[str]]:
    """Give what a user may do to each table."""
    verbs = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    found: dict[str, set[str]] = {}
    for table in TABLES:
        for verb in verbs:
            row = plain.execute("SELECT has_table_privilege(%s, %s, %s)", (user, table, verb))
            if row.fetchall() == [{"has_table_privilege": True}]:
                found.setdefault(table, set()).add(verb)
    return found


def test_each_role_may_do_its_own(plain: Plain) -> None:
    """The hub adds and looks, an auditor looks: neither may change, remove or make anything."""
    looks = {table: {"SELECT"} for table in TABLES}
    added = (
        *("record", "submission", "tile", "checkpoint", "cosignature", "published"),
        "queue_offset",
    )
    assert rights(plain, AUDITOR) == looks
    assert rights(plain, HUB) == looks | {table: {"SELECT", "INSERT"} for table in added}
    for user in (HUB, AUDITOR):
        made = plain.execute(
            "SELECT has_schema_privilege(%s, current_schema(), 'CREATE') AS it", (user,)
        )
        assert made.fetchall() == [{"it": False}]
    moved = plain.execute(
        "SELECT column_name AS it FROM information_schema.column_privileges"
        " WHERE table_schema = current_schema() AND privilege_type = 'UPDATE'"
        " AND grantee = 'bhr_writer' ORDER BY 1"
    )
    assert [row["it"] for row in moved] == [
        *("fences", "reached", "recorded_ms", "root", "size"),
    ]


@pytest.mark.parametrize("change", ["DELETE FROM record", "TRUNCATE head", "DROP TABLE record"])
def test_the_hub_itself_is_refused(place: Place, change: str) -> None:
    """A hub that was taken over can add, and no more: the right is not there."""
    with (
        connect(seen_by(place, HUB)) as hub,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        hub.execute(change)


@pytest.mark.parametrize("role", [AUDITOR, HUB])
def test_an_auditor_reads_and_cannot_append(place: Place, role: str) -> None:
    """An audit reads everything; whatever would write is refused, under the hub's role too."""
    auditor = ReadOnlyPostgresLedger(seen_by(place, role), NAME, origin="demo")
    assert auditor.head() == Head(6, NOON, 0)
    assert statements_of(auditor) == [record(number).statement for number in range(6)]
    latest = auditor.checkpoints.latest_published()
    assert latest is not None
    assert latest.note == b"note and line"
    with pytest.raises(Unavailable):
        answer_to(auditor, batch(3, 6, 1))
    with pytest.raises(Unavailable):
        auditor.checkpoints.publish(6, b"mine", now_ms=NOON)
    with pytest.raises(Unavailable):
        auditor.offsets.advance(Advance(uuid.UUID(int=9), 0, 1))
    auditor.close()


def test_a_connection_of_an_audit_writes_nothing_by_itself(place: Place) -> None:
    """What the hub's role may insert, the server refuses to who opened the ledger to look."""
    insert = "INSERT INTO cosignature (size, line, taken_ms) VALUES (6, 'mine', 1)"
    auditor = ReadOnlyPostgresLedger(seen_by(place, HUB), NAME, origin="demo")
    with pytest.raises(PersistenceError) as refused, auditor.datastore.get_connection() as plain:
        plain.execute(insert)
    assert isinstance(refused.value.__cause__, psycopg.errors.ReadOnlySqlTransaction)
    auditor.close()
    with connect(seen_by(place, HUB)) as hub, hub.transaction(force_rollback=True):
        assert hub.execute(insert).rowcount == 1


def test_who_looks_may_still_wait_and_listen(place: Place) -> None:
    """What an audit needs beside reading is let be, and what the place says itself is kept.

    Of several servers the one that can be written to is found, as where no more is asked for.
    """
    hub = seen_by(place, HUB)
    said = f"{hub.conninfo} options='-c geqo=off' target_session_attrs=read-write"
    with connect(Place(said, hub.schema).looking()) as plain:
        plain.execute("SELECT pg_advisory_lock(1), pg_advisory_unlock(1)")
        plain.execute("LISTEN anything")
        assert plain.execute("SELECT current_setting('geqo') AS it").fetchall() == [{"it": "off"}]


def test_evidence_is_read_where_nothing_can_be_written(place: Place) -> None:
    """A verifier under the hub's role is refused what that role may insert."""
    evidence = PostgresEvidence(seen_by(place, HUB))
    assert (evidence.size, len(evidence.entries(0, 9))) == (6, 6)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        evidence._connection.execute("INSERT INTO queue_offset VALUES (gen_random_uuid(), 1)")
    evidence.close()


def test_a_role_that_could_change_records_is_no_hub(place: Place) -> None:
    """A hub does not append as the owner or a superuser: none that it could change."""
    with pytest.raises(HomeNotReady, match="may change what is recorded"):
        PostgresLedger(place, NAME, origin="demo")


def test_nothing_of_a_person_is_in_a_column(plain: Plain) -> None:
    """Columns hold positions, tags, digests and sealed bytes; no new one comes unnoticed."""
    found: dict[str, list[str]] = {}
    for row in plain.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
    ):
        found.setdefault(row["table_name"], []).append(row["column_name"])
    assert found == TABLES


def test_rows_say_what_the_library_reads(plain: Plain) -> None:
    """Notification id is position + 1, the version is the position, the topic is the format."""
    rows = plain.execute(
        "SELECT notification_id AS id, originator_version AS version, topic FROM record ORDER BY 1"
    ).fetchall()
    assert rows == [{"id": n + 1, "version": n, "topic": "bhr-record/v1"} for n in range(6)]
