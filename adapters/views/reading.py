"""Views opened for audit: asked as readers ask, never written, and nothing made for them."""

from __future__ import annotations

from pathlib import Path

from adapters.read_only import ReadOnlyFile
from adapters.views.door import FileDoor
from adapters.views.ledger_files import LedgerFiles
from adapters.views.sqlite import SqliteViews
from adapters.views.totals import NoTotals
from domain.errors import Unavailable


class ReadOnlyViews(SqliteViews):
    """A file of views, live or a copy. What would write raises Unavailable, by SQLite's own."""

    def _door(self, path: Path) -> FileDoor:
        return FileDoor(path, ReadOnlyFile(path))

    def _stored_totals(self, key: bytes) -> NoTotals:
        return NoTotals(key)


class ReadOnlyLedgerFiles(LedgerFiles):
    """A generation that is read alone; a ledger that was never folded has no file to be asked."""

    def _opened(self, ledger: str) -> SqliteViews:
        if not self._stands(ledger):
            raise Unavailable(f"a view of {ledger}")
        return ReadOnlyViews(self._file(ledger), versions=self._versions, key=self._key)
