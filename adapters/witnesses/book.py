"""A witness's book in SQLite: the last tree that was cosigned of each log, and evidence."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.witnesses.book_file import (
    open_book,
    refuse_if_moved,
    transaction,
    translated,
    vkey_of,
)
from domain.errors import ClockWentBack, HomeNotReady
from domain.signed_note import NoteKey, read_vkey
from domain.tree import EMPTY_ROOT
from domain.witnessing import origin_digest
from services.witness_ports import Evidence, KnownLog, Tree

SLACK_S = 5
"""Requests that came together may be written in another order than they were stamped."""
EVIDENCE_MAX = 1000
"""Of one log: more would say nothing new, and fill the disk of whoever keeps it."""
_BACK = "the clock (it is behind the last cosignature: correct it)"


class SqliteWitnessBook:
    """The `WitnessBook` port. Safe between threads; several processes may hold the same file."""

    def __init__(self, path: Path, vkey: str | None = None) -> None:
        """Open the book, of this key where one is named; raises HomeNotReady."""
        self._path = path
        self._lock = threading.Lock()
        self._connection = open_book(path, vkey)
        self._status = path.stat()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def vkey(self) -> str:
        """Give the key whose book this is."""
        with self._lock, translated(self._path):
            return vkey_of(self._connection)

    def add_log(self, key: NoteKey) -> None:
        """Serve a log, or believe another key of one that is served: its name is the origin."""
        with self._lock, translated(self._path), transaction(self._connection):
            self._connection.execute(
                "INSERT INTO log VALUES (?, ?, 0, ?, NULL, 0) ON CONFLICT DO NOTHING",
                (key.name, origin_digest(key.name), EMPTY_ROOT),
            )
            self._connection.execute(
                "INSERT INTO log_key VALUES (?, ?) ON CONFLICT DO NOTHING", (key.name, key.vkey())
            )

    def drop_key(self, key: NoteKey) -> None:
        """Believe a key of a log no longer; what it signed stays as it was cosigned."""
        with self._lock, translated(self._path), transaction(self._connection):
            self._connection.execute(
                "DELETE FROM log_key WHERE origin = ? AND vkey = ?", (key.name, key.vkey())
            )

    def origins(self) -> list[str]:
        """Give the origins of the logs that are served."""
        with self._lock, translated(self._path):
            rows = self._connection.execute("SELECT origin FROM log ORDER BY origin").fetchall()
        return [str(row[0]) for row in rows]

    def log(self, origin: str) -> KnownLog | None:
        """Give what is known of a log; None for one that is not served."""
        with self._lock, translated(self._path):
            row: tuple[int, bytes, bytes | None, int] | None = self._connection.execute(
                "SELECT size, root, note, seconds FROM log WHERE origin = ?", (origin,)
            ).fetchone()
            keys = self._connection.execute(
                "SELECT vkey FROM log_key WHERE origin = ?", (origin,)
            ).fetchall()
        if row is None:
            return None
        size, root, note, seconds = row
        known = tuple(read_vkey(str(key[0])) for key in keys)
        return KnownLog(known, Tree(size, root), note, seconds)

    def origin(self, digest: str) -> str | None:
        """Give the origin of which this is the digest, if it is one of a log that is served."""
        with self._lock, translated(self._path):
            row: tuple[str] | None = self._connection.execute(
                "SELECT origin FROM log WHERE digest = ?", (digest,)
            ).fetchone()
        return None if row is None else row[0]

    def keep(self, origin: str, old: Tree, new: Tree, note: bytes, seconds: int) -> bool:
        """Make `new` the last cosigned tree where it is still `old`; False where it is not."""
        with self._lock, translated(self._path), transaction(self._connection):
            own, anybody = self._last(origin)
            if seconds < max(own, anybody - SLACK_S):
                raise ClockWentBack(_BACK)
            changed = self._connection.execute(
                "UPDATE log SET size = ?, root = ?, note = ?, seconds = ?"
                " WHERE origin = ? AND size = ? AND root = ?",
                (*new, note, seconds, origin, *old),
            ).rowcount
            refuse_if_moved(self._path, self._status)
        return changed == 1

    def _last(self, origin: str) -> tuple[int, int]:
        row: tuple[int, int] = self._connection.execute(
            "SELECT coalesce(max(seconds) FILTER (WHERE origin = ?), 0), coalesce(max(seconds), 0)"
            " FROM log",
            (origin,),
        ).fetchone()
        return row

    def keep_evidence(self, evidence: Evidence) -> None:
        """Keep what speaks against a log, for ever; the same checkpoint twice is kept once."""
        row = (
            evidence.origin,
            evidence.seconds,
            evidence.text,
            evidence.certain,
            evidence.kept,
            evidence.request,
        )
        with self._lock, translated(self._path), transaction(self._connection):
            self._connection.execute(
                "INSERT INTO evidence (origin, seconds, text, certain, kept, request)"
                " SELECT ?, ?, ?, ?, ?, ?"
                " WHERE (SELECT count(*) FROM evidence WHERE origin = ? AND certain = ?) < ?"
                " ON CONFLICT DO NOTHING",
                (*row, evidence.origin, evidence.certain, EVIDENCE_MAX),
            )

    def evidence(self) -> list[Evidence]:
        """Give all that was kept, in the order in which it came."""
        with self._lock, translated(self._path):
            rows: list[tuple[str, int, bytes, int, bytes | None, bytes]] = self._connection.execute(
                "SELECT origin, seconds, text, certain, kept, request FROM evidence ORDER BY number"
            ).fetchall()
        return [
            Evidence(origin, seconds, text, bool(certain), kept, request)
            for origin, seconds, text, certain, kept, request in rows
        ]


def opened(path: Path) -> SqliteWitnessBook:
    """Open a book, whichever key it is of; raises HomeNotReady."""
    if not path.parent.is_dir():
        raise HomeNotReady(f"{path.parent} is no witness's home yet: run `bhr witness init`")
    return SqliteWitnessBook(path)
