"""What was fetched from others, in the borough's SQLite store."""

from __future__ import annotations

import sqlite3
import uuid

from services.copy_ports import Fetch


class SqliteFetches:
    """The `FetchTable` port. An empty place stands for a part that was kept in no file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use an open file, inside its transactions."""
        self._connection = connection

    def note(self, fetch: Fetch) -> None:
        """Note that a part is about to be fetched."""
        self._connection.execute(
            "INSERT OR IGNORE INTO fetched (ledger, event, number, kept) VALUES (?, ?, ?, ?)",
            (fetch.ledger, fetch.event.bytes, fetch.number, fetch.kept or ""),
        )

    def of(self, ledger: str, event: uuid.UUID, number: int) -> list[Fetch]:
        """Give the fetches of a part, those kept nowhere first."""
        rows = self._connection.execute(
            "SELECT kept FROM fetched WHERE ledger = ? AND event = ? AND number = ? ORDER BY kept",
            (ledger, event.bytes, number),
        )
        return [Fetch(ledger, event, number, kept or None) for (kept,) in rows]

    def gone(self, ledger: str, event: uuid.UUID, number: int) -> None:
        """Forget the fetches of a part."""
        self._connection.execute(
            "DELETE FROM fetched WHERE ledger = ? AND event = ? AND number = ?",
            (ledger, event.bytes, number),
        )
