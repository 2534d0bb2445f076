"""A ledger's file opened for audit: nothing in it or beside it can change by this."""

from __future__ import annotations

from pathlib import Path

from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_store import LedgerDatastore, ReadOnlyDatastore
from adapters.read_only import ReadOnlyFile


class ReadOnlySqliteLedger(SqliteLedger):
    """One ledger, live or a copy of it. What would write raises Unavailable, by SQLite's own."""

    def _store(self, path: Path, lock_timeout_s: float) -> LedgerDatastore:
        return ReadOnlyDatastore(ReadOnlyFile(path), lock_timeout_s=lock_timeout_s)

    def _refuse_broken(self, path: Path) -> None:
        """Open it all the same: what is wrong with its tree is for the audit to find and name."""
