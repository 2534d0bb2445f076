"""Pseudonyms and sealing sessions in the borough's SQLite store."""

from __future__ import annotations

import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from adapters.client.store_file import in_lists
from services.client_ports import Name, OpenSession, PseudonymClass


class SqlitePseudonyms:
    """The `PseudonymTable` port."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use an open file, inside its transactions."""
        self._connection = connection

    def find(self, names: Collection[Name]) -> dict[Name, bytes]:
        """Give the latest pseudonym of each name that has one."""
        return dict(self._every(names))

    def generations(self, names: Collection[Name]) -> dict[Name, tuple[bytes, ...]]:
        """Give every pseudonym that each name ever had, the oldest first."""
        found: dict[Name, tuple[bytes, ...]] = {}
        for name, pseudonym in self._every(names):
            found[name] = (*found.get(name, ()), pseudonym)
        return found

    def add(self, made: Mapping[Name, bytes]) -> None:
        """Keep a pseudonym for each name, as its next generation."""
        self._connection.executemany(
            "INSERT INTO pseudonym SELECT ?1, ?2, coalesce(max(generation), 0) + 1, ?3"
            " FROM pseudonym WHERE class = ?1 AND key = ?2",
            ((*name, pseudonym) for name, pseudonym in made.items()),
        )

    def _every(self, names: Collection[Name]) -> Iterator[tuple[Name, bytes]]:
        """Give each pseudonym of each name, of one name the oldest first."""
        by_class: dict[PseudonymClass, list[str]] = defaultdict(list)
        for name_class, key in names:
            by_class[name_class].append(key)
        for name_class, keys in by_class.items():
            for marks, some in in_lists(keys):
                query = f"SELECT key, pseudonym FROM pseudonym WHERE class = ? AND key IN ({marks})"  # noqa: S608 - question marks alone
                rows = self._connection.execute(query + " ORDER BY generation", (name_class, *some))
                for key, pseudonym in rows:
                    yield (name_class, key), pseudonym


class SqliteSessions:
    """The `SessionTable` port. Recipients stand in one text, with spaces between."""

    def __init__(self, connection: sqlite3.Connection, source: int) -> None:
        """Use an open file for one source."""
        self._connection = connection
        self._source = source

    def in_use(self, recipients: tuple[str, ...]) -> OpenSession | None:
        """Give the session in use for these recipients (sorted)."""
        row = self._connection.execute(
            "SELECT session, secret, opened_ms, event, parts FROM session"
            " WHERE source = ? AND recipients = ? AND secret IS NOT NULL",
            (self._source, " ".join(recipients)),
        ).fetchone()
        if row is None:
            return None
        session, secret, opened_ms, event, parts = row
        return OpenSession(session, recipients, secret, opened_ms, uuid.UUID(bytes=event), parts)

    def add(self, session: OpenSession) -> None:
        """Keep a new session."""
        self._connection.execute(
            "INSERT INTO session (session, source, recipients, secret, opened_ms, event, parts)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                session.session,
                self._source,
                " ".join(session.recipients),
                session.secret,
                session.opened_ms,
                session.event.bytes,
                session.parts,
            ),
        )

    def count(self, session: bytes, parts: int) -> None:
        """Add to the number of parts sealed in a session."""
        self._connection.execute(
            "UPDATE session SET parts = parts + ? WHERE session = ?", (parts, session)
        )

    def close(self, session: bytes) -> None:
        """Put a session out of use and forget its secret."""
        self._connection.execute("UPDATE session SET secret = NULL WHERE session = ?", (session,))

    def close_opened_by(self, events: Collection[uuid.UUID]) -> None:
        """Do so for sessions whose opening event was refused."""
        opened = [event.bytes for event in events]
        for marks, some in in_lists(opened):
            self._connection.execute(
                f"UPDATE session SET secret = NULL WHERE event IN ({marks})",  # noqa: S608 - question marks alone
                tuple(some),
            )

    def close_all(self) -> None:
        """Do so for every session, of all sources of the body."""
        self._connection.execute("UPDATE session SET secret = NULL WHERE secret IS NOT NULL")
