"""What was fetched from others, in the borough's SQLite store."""

from __future__ import annotations

import sqlite3
import uuid

from services.copy_ports import Fetch

_PLACE = "ledger = ? AND event = ? AND number = ? AND kept = ?"


class SqliteFetches:
    """The `FetchTable` port. An empty place stands for a part that was kept in no file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use an open file, inside its transactions."""
        self._connection = connection

    def note(self, fetch: Fetch) -> bool:
        """Note that a part is about to be fetched; False when it was noted before."""
        before = self._connection.execute(
            f"SELECT 1 FROM fetched WHERE {_PLACE}",  # noqa: S608 - our own words
            _place(fetch),
        ).fetchone()
        self._connection.execute(
            "INSERT INTO fetched (ledger, event, number, kept, going, mark)"
            " VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO UPDATE SET going = 0, mark = excluded.mark",
            (*_place(fetch), fetch.mark),
        )
        return before is None

    def marked(self, fetch: Fetch) -> None:
        """Note the mark of the copy that is about to be written to this place."""
        self._connection.execute(
            f"UPDATE fetched SET mark = ? WHERE {_PLACE}",  # noqa: S608 - our own words
            (fetch.mark, *_place(fetch)),
        )

    def take_back(self, fetch: Fetch) -> None:
        """Forget that a part was fetched to this place."""
        self._connection.execute(
            f"DELETE FROM fetched WHERE {_PLACE}",  # noqa: S608 - our own words
            _place(fetch),
        )

    def goes(self, fetch: Fetch) -> None:
        """Note that the copy in this place is going."""
        self._connection.execute(
            f"UPDATE fetched SET going = 1 WHERE {_PLACE}",  # noqa: S608 - our own words
            _place(fetch),
        )

    def of(self, ledger: str, event: uuid.UUID, number: int) -> list[Fetch]:
        """Give the fetches of a part, those kept nowhere first."""
        rows = self._connection.execute(
            "SELECT kept, going, mark FROM fetched WHERE ledger = ? AND event = ? AND number = ?"
            " ORDER BY kept",
            (ledger, event.bytes, number),
        )
        return [
            Fetch(ledger, event, number, kept or None, bool(going), mark)
            for kept, going, mark in rows
        ]

    def gone(self, ledger: str, event: uuid.UUID, number: int) -> None:
        """Forget the fetches of a part."""
        self._connection.execute(
            "DELETE FROM fetched WHERE ledger = ? AND event = ? AND number = ?",
            (ledger, event.bytes, number),
        )


def _place(fetch: Fetch) -> tuple[str, bytes, int, str]:
    return fetch.ledger, fetch.event.bytes, fetch.number, fetch.kept or ""
