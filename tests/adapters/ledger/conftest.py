"""What the tests of ledgers in files share."""

from collections.abc import Iterator

import pytest
from eventsourcing.sqlite import SQLiteCursor

from adapters.ledger.sqlite_store import LedgerConnection
from tests.adapters.ledger.faults import Fault


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
