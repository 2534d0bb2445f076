"""What the tests of ledgers in files share, and those of ledgers on a server."""

from collections.abc import Iterator

import pytest
from eventsourcing.sqlite import SQLiteCursor

from adapters.ledger.sqlite_store import LedgerConnection
from adapters.postgres_connections import Place
from tests.adapters.ledger.faults import Fault
from tests.contracts.ledger_builders import NAME
from tests.postgres_server import new_schema


@pytest.fixture
def place() -> Place:
    """An empty ledger in PostgreSQL, as its owner reaches it."""
    return new_schema(NAME)


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fault]:
    """Every statement and commit from here on fails when this says so."""
    fault = Fault()
    for owner, name in (
        (SQLiteCursor, "execute"),
        (SQLiteCursor, "executemany"),
        (LedgerConnection, "commit"),
    ):
        monkeypatch.setattr(owner, name, fault.around(getattr(owner, name)))
    yield fault
    fault.at = 0
