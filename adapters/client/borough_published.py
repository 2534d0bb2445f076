"""What a source has published, in the borough's SQLite store."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence

from adapters.client.store_file import SEQUENCE_BITS, in_lists
from services.borough.pseudonyms import spelled, unspelled
from services.client_ports import Published, State
from services.unseen import Unseen

PUBLISHED_COLUMNS = (
    "number, event, submission, kind, scope, person, key, stream, time, fact, digest, likeness,"
    " supersedes, state, withdrawn_by, episode, beside"
)
_SEQUENCE_MASK = (1 << SEQUENCE_BITS) - 1
_STANDING = "state <> 'refused' AND withdrawn_by IS NULL"
PublishedRow = tuple[
    int, bytes, bytes, str, str, str, str, str, str, bytes, bytes, bytes, bytes | None, State,
    bytes | None, str | None, str,
]  # fmt: skip


class SqlitePublished:
    """The `PublishedTable` port."""

    def __init__(self, connection: sqlite3.Connection, source: int) -> None:
        """Use an open file for one source."""
        self._connection = connection
        self._numbers = source << SEQUENCE_BITS
        self._beyond = (source + 1) << SEQUENCE_BITS

    def standing(self, facts: Collection[bytes]) -> list[Published]:
        """Give the standing rows of some facts, in the order in which they were made."""
        return self._some(f"scope <> '' AND {_STANDING} AND fact", list(facts))

    def standing_of(self, scope: str, persons: Collection[str]) -> list[Published]:
        """Give the standing rows of some persons in a scope, in the order of making."""
        rows = self._some(f"scope <> '' AND {_STANDING} AND person", list(persons))
        return [row for row in rows if row.scope == scope]

    def of_submission(self, submission: uuid.UUID) -> list[Published]:
        """Give every row of a submission, in the order of making."""
        row = self._connection.execute(
            "SELECT events FROM outbox WHERE submission = ? AND source = ?",
            (submission.bytes, self._numbers >> SEQUENCE_BITS),
        ).fetchone()
        events: bytes = row[0] if row else b""
        ids = [events[at : at + 16] for at in range(0, len(events), 16)]
        return self._some("event", ids)

    def of_events(self, events: Collection[uuid.UUID]) -> list[Published]:
        """Give the rows of some events, in the order of making."""
        return self._some("event", [event.bytes for event in events])

    def latest_own(self, kind: str, *states: State) -> Published | None:
        """Give the last made row of the client's own of a kind, in one of these states."""
        marks = ",".join("?" * len(states))
        row = self._connection.execute(
            f"SELECT {PUBLISHED_COLUMNS} FROM published"  # noqa: S608 - our own words and question marks
            " WHERE scope = '' AND kind = ? AND number >= ? AND number < ?"
            f" AND state IN ({marks}) ORDER BY number DESC LIMIT 1",
            (kind, self._numbers, self._beyond, *states),
        ).fetchone()
        return None if row is None else published_of(row)

    def counts(self) -> Mapping[tuple[str, str, State], int]:
        """Count the rows that are not withdrawn, by scope, kind and state."""
        rows = self._connection.execute(
            "SELECT scope, kind, state, count(*) FROM published"
            " WHERE number >= ? AND number < ? AND withdrawn_by IS NULL GROUP BY 1, 2, 3",
            (self._numbers, self._beyond),
        )
        return {(scope, kind, state): count for scope, kind, state, count in rows}

    def add(self, rows: Sequence[Published]) -> None:
        """Keep new rows."""
        self._connection.executemany(
            f"INSERT INTO published ({PUBLISHED_COLUMNS})"  # noqa: S608 - our own words
            f" VALUES ({','.join('?' * 17)})",
            map(self._written, rows),
        )

    def withdraw(self, by: Mapping[uuid.UUID, uuid.UUID]) -> None:
        """Mark rows as withdrawn: event → the event that takes it back."""
        self._connection.executemany(
            "UPDATE published SET withdrawn_by = ? WHERE event = ?",
            ((taker.bytes, event.bytes) for event, taker in by.items()),
        )

    def settle(self, recorded: Sequence[uuid.UUID], refused: Sequence[uuid.UUID]) -> None:
        """Put pending rows into the state that the hub told."""
        self._each(
            "UPDATE published SET state = 'refused' WHERE event = ? AND state = 'pending'", refused
        )
        self._each("UPDATE published SET withdrawn_by = NULL WHERE withdrawn_by = ?", refused)
        # One by one, in order: what supersedes an adrift event is adrift itself.
        self._each(
            "UPDATE published SET state = CASE WHEN EXISTS (SELECT 1 FROM published AS target"
            " WHERE target.event = published.supersedes AND target.state IN ('refused', 'adrift'))"
            " THEN 'adrift' ELSE 'recorded' END WHERE event = ? AND state = 'pending'",
            recorded,
        )

    def doubt(self, events: Collection[uuid.UUID]) -> None:
        """Put pending rows adrift, and whatever these events would have taken back."""
        self._each(
            "UPDATE published SET state = 'adrift' WHERE event = ? AND state = 'pending'", events
        )
        self._each(
            "UPDATE published SET state = 'adrift', withdrawn_by = NULL WHERE withdrawn_by = ?",
            events,
        )

    def forget_seen(self) -> None:
        """Begin a new reading of a return: nothing of it has been seen."""
        self._connection.execute("DELETE FROM seen")

    def see(self, tags: Collection[bytes]) -> None:
        """Note facts and persons as seen."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO seen (tag) VALUES (?)", ((tag,) for tag in tags)
        )

    def seen(self, tags: Collection[bytes]) -> set[bytes]:
        """Give those of the tags that were seen."""
        found: set[bytes] = set()
        for marks, some in in_lists(list(tags)):
            query = f"SELECT tag FROM seen WHERE tag IN ({marks})"  # noqa: S608 - question marks alone
            found.update(tag for (tag,) in self._connection.execute(query, tuple(some)))
        return found

    def unseen(self, scope: str, after: int, limit: int) -> list[Unseen]:
        """Give standing facts of a scope that were not seen, each as its last row has it."""
        rows = self._connection.execute(
            f"SELECT number & {_SEQUENCE_MASK}, kind, person, stream, time FROM published"  # noqa: S608 - our own words
            " WHERE number > ? AND number < ? AND scope = ?"
            f" AND {_STANDING} AND NOT EXISTS (SELECT 1 FROM seen WHERE tag = published.fact)"
            " AND NOT EXISTS (SELECT 1 FROM published AS later WHERE later.fact = published.fact"
            " AND later.scope <> '' AND later.number > published.number"
            " AND later.state <> 'refused' AND later.withdrawn_by IS NULL)"
            " ORDER BY number LIMIT ?",
            (self._numbers + after, self._beyond, scope, limit),
        )
        return [Unseen(*row) for row in rows]

    def _some(self, condition: str, values: Sequence[object]) -> list[Published]:
        rows: list[PublishedRow] = []
        for marks, some in in_lists(values):
            rows += self._connection.execute(
                f"SELECT {PUBLISHED_COLUMNS} FROM published WHERE {condition} IN ({marks})"  # noqa: S608 - our own words and question marks
                " AND number >= ? AND number < ?",
                (*some, self._numbers, self._beyond),
            )
        return [published_of(row) for row in sorted(rows)]

    def _each(self, statement: str, events: Iterable[uuid.UUID]) -> None:
        self._connection.executemany(statement, ((event.bytes,) for event in events))

    def _written(self, row: Published) -> PublishedRow:
        return (
            self._numbers + row.sequence,
            row.event.bytes,
            row.submission.bytes,
            row.kind,
            row.scope,
            row.person,
            row.key,
            row.stream,
            row.time,
            row.fact,
            row.digest,
            row.likeness,
            row.supersedes.bytes if row.supersedes else None,
            row.state,
            row.withdrawn_by.bytes if row.withdrawn_by else None,
            row.episode,
            spelled(row.beside),
        )


def published_of(row: PublishedRow) -> Published:
    """Read a row."""
    number, event, submission, kind, scope, person, key, stream, time = row[:9]
    fact, digest, likeness, supersedes, state, withdrawn_by, episode, beside = row[9:]
    return Published(
        event=uuid.UUID(bytes=event),
        sequence=number & _SEQUENCE_MASK,
        submission=uuid.UUID(bytes=submission),
        kind=kind,
        scope=scope,
        person=person,
        key=key,
        stream=stream,
        time=time,
        fact=fact,
        digest=digest,
        likeness=likeness,
        supersedes=uuid.UUID(bytes=supersedes) if supersedes else None,
        state=state,
        withdrawn_by=uuid.UUID(bytes=withdrawn_by) if withdrawn_by else None,
        episode=episode,
        beside=unspelled(beside),
    )
