"""The library's own cases for a recorder, over ours: opaque states, versions as given."""

import tempfile
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.tests import persistence

from adapters.ledger.postgres import PostgresLedger
from adapters.ledger.sqlite import SqliteLedger
from tests.contracts.ledger_builders import (
    open_postgres,
    open_sqlite,
    postgres_place,
    sqlite_path,
)

# The cases stand in a module that is imported whole: a name of an abstract case in this module
# would be collected and run without a recorder.


class OverOurs(persistence.RecorderTestCase):
    """Gives each case a recorder in a folder of its own."""

    def create_recorder(self) -> SqliteLedger:
        """Open an empty ledger, closed and removed after the case."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        ledger = open_sqlite(sqlite_path(Path(folder.name)))
        self.addCleanup(ledger.close)
        return ledger


class TestApplicationRecorder(OverOurs, persistence.ApplicationRecorderTestCase[SqliteLedger]):
    """Positions, selection, conflicts and concurrency as the library promises them."""


class TestNonInterleaving(OverOurs, persistence.NonInterleavingNotificationIDsBaseCase):
    """Two writers' batches do not interleave."""


class OverPostgres(persistence.RecorderTestCase):
    """Gives each case a recorder in a schema of its own."""

    def create_recorder(self) -> PostgresLedger:
        """Open an empty ledger, closed after the case."""
        ledger = open_postgres(postgres_place())
        self.addCleanup(ledger.close)
        return ledger


@pytest.mark.postgres
class TestPostgresRecorder(OverPostgres, persistence.ApplicationRecorderTestCase[PostgresLedger]):
    """Positions, selection, conflicts and concurrency as the library promises them."""


@pytest.mark.postgres
class TestPostgresNonInterleaving(OverPostgres, persistence.NonInterleavingNotificationIDsBaseCase):
    """Two writers' batches do not interleave."""


@pytest.mark.postgres
def test_library_makes_no_tables_in_postgresql() -> None:
    """Neither by its own door for it nor when it is opened: the hub's role may not."""
    ledger = open_postgres(postgres_place())
    ledger.create_table()
    assert ledger.sql_create_statements == []
    ledger.close()


def test_library_door_keeps_the_head(tmp_path: Path) -> None:
    """What comes through the library's own door moves the same head, so that positions go on."""
    ledger = open_sqlite(sqlite_path(tmp_path))
    event = StoredEvent("stream", 7, "opaque", b"state")
    assert ledger.insert_events([event, StoredEvent("stream", 8, "opaque", b"")]) == [
        1,
        2,
    ]
    assert ledger.insert_events([]) == []
    assert ledger.head().size == ledger.max_notification_id() == 2
    ledger.close()


def test_library_makes_no_tables(tmp_path: Path) -> None:
    """Tables are made once, by `create_ledger`: the library's own door for it does nothing."""
    ledger = open_sqlite(sqlite_path(tmp_path))
    ledger.create_table()
    assert ledger.create_table_statements == []
    ledger.close()
