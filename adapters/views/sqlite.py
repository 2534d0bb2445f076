"""The store of views in one SQLite file: whatever is here can be made again from the ledgers."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from adapters.views.asking import ledger_row
from adapters.views.comparing import digest
from adapters.views.counting import Reader, count
from adapters.views.door import Door
from adapters.views.forgetting import destroyed_keys, entries_under, parked_for
from adapters.views.memory import CountMemory
from adapters.views.moving import moved
from adapters.views.schema import check_versions, place
from adapters.views.sharing import Known, known, paired
from adapters.views.telling import last_told, told
from adapters.views.totals import Totals
from adapters.views.trait_book import TraitBook
from adapters.views.traits import TraitSeal
from adapters.views.writing import Pen, cut, write
from projections.projection import Way
from projections.standing import Link, rank
from services.folded import FoldedBatch, LeftOut
from services.last_told import LastTold
from services.views import (
    Counts,
    FoldedLedger,
    LedgerDigest,
    Moved,
    ParkedSource,
    ParkedStream,
    Question,
    RegisterRow,
    Shared,
    SharedCounts,
    ToldRow,
)

_LINK = """
SELECT l.event_id, l.position, source.text, l.stream, kind.text, l.day, l.names,
    CASE WHEN l.names IS NULL THEN l.event_id ELSE l.root END, l.depth, l.withdrawn
FROM link AS l CROSS JOIN word AS source ON source.id = l.source
CROSS JOIN word AS kind ON kind.id = l.kind
WHERE l.ledger = ?"""
_BEST = f"""{_LINK} AND l.root = ? AND l.names IS NOT NULL AND l.withdrawn = 0
AND l.event_id NOT IN ({{}}) ORDER BY l.depth DESC, l.position DESC LIMIT 1"""
_MET = """
SELECT word.text FROM word WHERE word.text IN ({}) AND EXISTS (
    SELECT 1 FROM contribution AS c WHERE c.cell = word.id AND c.place BETWEEN ? AND ?
)
"""
_WAITING = """
SELECT COUNT(*) FROM link AS l WHERE l.ledger = ?1 AND l.names IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM link AS t WHERE t.event_id = l.names AND t.ledger = ?1)
"""
_PARKED = """
SELECT p.stream, p.position, p.reason, (
    SELECT COUNT(*) FROM parked AS b WHERE b.ledger = p.ledger AND b.stream = p.stream
) FROM parked AS p WHERE p.ledger = ? AND p.reason IS NOT NULL ORDER BY p.since, p.position
"""
_STATES = "SELECT key, state FROM state WHERE register = ? AND ledger = ? ORDER BY key"
_PARKED_NUMBERS = """
SELECT source, COUNT(*), MIN(sequence), MAX(sequence) FROM (
    SELECT source, sequence,
        sequence - ROW_NUMBER() OVER (PARTITION BY source ORDER BY sequence) AS run
    FROM parked WHERE ledger = ? AND source IS NOT NULL
) GROUP BY source, run ORDER BY source, run
"""


class SqliteViews:
    """`services.views.ViewStore` over one file.

    Projecting and reading have a door each, so that a long answer does not hold up the projector.
    """

    def __init__(self, path: Path, *, versions: str, key: bytes) -> None:
        """Open a file; `key` is 32 bytes and names its subjects and episodes.

        Raises HomeNotReady when other projections wrote it, Unavailable when it cannot be opened.
        """
        seal = TraitSeal(key)
        self._pen = Pen(key, TraitBook(seal))
        self._book = TraitBook(seal)
        self._memory = CountMemory()
        self._totals = self._stored_totals(key)
        self._projecting = self._door(path)
        self._reading = self._door(path)
        check_versions(self._reading, versions, path)

    def _door(self, path: Path) -> Door:
        return Door(path)

    def _stored_totals(self, key: bytes) -> Totals:
        return Totals(key)

    def position(self, ledger: str) -> int:
        """Give how many entries of a ledger are folded; 0 for one never met."""
        with self._projecting.transaction() as connection:
            return ledger_row(connection, ledger)[1]

    def links(self, ledger: str, event_ids: Collection[uuid.UUID]) -> list[Link]:
        """Give those of these events that are folded, in any order."""
        with self._projecting.transaction() as connection:
            return list(_links(connection, ledger, "l.event_id", event_ids))

    def naming(self, ledger: str, event_ids: Collection[uuid.UUID]) -> list[Link]:
        """Give the folded events that name one of these, in any order."""
        with self._projecting.transaction() as connection:
            return list(_links(connection, ledger, "l.names", event_ids))

    def best(self, ledger: str, root: uuid.UUID, without: Collection[uuid.UUID]) -> Link | None:
        """Give who stands for a fact, by `standing.rank`, these and the withdrawn left out."""
        with self._projecting.transaction() as connection:
            found = [
                link
                for link in _links(connection, ledger, "l.event_id", {root} - set(without))
                if not link.withdrawn
            ]
            number, _ = ledger_row(connection, ledger)
            left_out = [one.bytes for one in without]
            statement = _BEST.format(",".join("?" * len(left_out)))
            corrections = _read(connection, statement, [number, root.bytes, *left_out])
            return max([*found, *corrections], key=rank, default=None)

    def parked_streams(self, ledger: str, streams: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Give those of these streams that are parked."""
        statement = "SELECT DISTINCT stream FROM parked WHERE ledger = ? AND stream IN ({})"
        with self._projecting.transaction() as connection:
            number, _ = ledger_row(connection, ledger)
            return {
                uuid.UUID(bytes=row[0])
                for marks, some in cut([stream.bytes for stream in streams])
                for row in connection.execute(statement.format(marks), [number, *some])
            }

    def states(self, ledger: str, register: str, keys: Collection[str]) -> dict[str, bytes]:
        """Give the states of those of these keys that have one."""
        statement = "SELECT key, state FROM state WHERE register = ? AND ledger = ? AND key IN ({})"
        with self._projecting.transaction() as connection:
            number, _ = ledger_row(connection, ledger)
            return {
                row[0]: row[1]
                for marks, some in cut(keys)
                for row in connection.execute(statement.format(marks), [register, number, *some])
            }

    def commit(self, batch: FoldedBatch) -> None:
        """Write a batch; raises PositionMoved when its `before` is not the stored position."""
        with self._projecting.transaction("BEGIN IMMEDIATE") as connection:
            write(connection, self._pen, batch)
        if batch.destroyed:
            self._projecting.empty_the_log()

    def destroyed(self, ledger: str, keys: Collection[bytes]) -> set[bytes]:
        """Give those of these keys that are known to be destroyed."""
        with self._projecting.transaction() as connection:
            return destroyed_keys(connection, ledger, keys)

    def under(self, ledger: str, keys: Collection[bytes]) -> list[int]:
        """Give the positions of folded events that give anything, and have a part under these."""
        with self._projecting.transaction() as connection:
            return entries_under(connection, ledger, self._pen.key, keys)

    def parked_for(self, ledger: str) -> list[tuple[int, str]]:
        """Give position and reason of every entry that is parked for a reason, in order."""
        with self._projecting.transaction() as connection:
            return parked_for(connection, ledger)

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count what is live as of the question; Unavailable for positions not folded yet."""
        with self._reading.transaction() as connection:
            reader = Reader(connection, self._book, self._memory, self._totals)
            counts = count(reader, question, way)
        self._totals.store(self._reading, self._memory)
        return counts

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Give what stands of a telling, in order of ledger and position."""
        with self._reading.transaction() as connection:
            return told(connection, telling, ledgers, as_of)

    def last_told(self, asked: LastTold) -> list[ToldRow]:
        """Give the last that stands of a telling in one ledger, the newest first."""
        with self._reading.transaction() as connection:
            return last_told(connection, asked)

    def moved(self, question: Question, before: Mapping[str, int]) -> list[Moved]:
        """Say which events each group gained and lost since `before`, in order; no cut."""
        with self._reading.transaction() as connection:
            return moved(connection, question, before)

    def shared(self, question: Shared) -> SharedCounts:
        """Count the children whom two ledgers know; Unavailable for positions not folded yet."""
        with self._reading.transaction() as connection:
            return paired(known(connection, self._book, question))

    def known(self, question: Shared) -> list[Known]:
        """Give what ledgers of this file know of their children, to be paired with other files."""
        with self._reading.transaction() as connection:
            return known(connection, self._book, question)

    def met(self, ledger: str, cells: Collection[str]) -> set[str]:
        """Give those of these cells that an event of a ledger was ever given for."""
        with self._reading.transaction() as connection:
            number, _ = ledger_row(connection, ledger)
            bounds = [place(number, 0), place(number + 1, 0) - 1]
            return {
                row[0]
                for marks, some in cut(cells)
                for row in connection.execute(_MET.format(marks), [*some, *bounds])
            }

    def register(self, name: str) -> list[RegisterRow]:
        """Give a register's states, in order of ledger and key."""
        statement = (
            "SELECT ledger.name, state.key, state.state FROM state "
            "JOIN ledger ON ledger.id = state.ledger WHERE register = ? ORDER BY 1, 2"
        )
        with self._reading.transaction() as connection:
            return [RegisterRow(*row) for row in connection.execute(statement, [name])]

    def folded(self, ledger: str, *registers: str) -> FoldedLedger:
        """Give how far a ledger is folded, with the states of registers as of that position."""
        with self._reading.transaction() as connection:
            number, position = ledger_row(connection, ledger)
            waiting = connection.execute(_WAITING, [number]).fetchone()[0]
            left_out = connection.execute(
                "SELECT agreement, entries FROM left_out WHERE ledger = ? ORDER BY 1", [number]
            )
            parked: dict[bytes, ParkedStream] = {}
            for stream, *rest in connection.execute(_PARKED, [number]):
                parked.setdefault(stream, ParkedStream(uuid.UUID(bytes=stream), *rest))
            return FoldedLedger(
                ledger,
                position,
                waiting,
                tuple(parked.values()),
                tuple(LeftOut(*row) for row in left_out),
                tuple(_parked_sources(connection, number)),
                {one: dict(connection.execute(_STATES, [one, number])) for one in registers},
            )

    def digest(self, ledger: str) -> LedgerDigest:
        """Digest one ledger's views."""
        with self._reading.transaction() as connection:
            return digest(connection, self._book, ledger)


def _parked_sources(connection: sqlite3.Connection, number: int) -> Iterable[ParkedSource]:
    found: dict[str, ParkedSource] = {}
    for source, entries, first, last in connection.execute(_PARKED_NUMBERS, [number]):
        before = found.get(source, ParkedSource(source, 0, ()))
        run = () if first is None else ((first, last),)
        found[source] = ParkedSource(source, before.entries + entries, (*before.numbers, *run))
    return found.values()


def _links(
    connection: sqlite3.Connection, ledger: str, column: str, event_ids: Collection[uuid.UUID]
) -> Iterator[Link]:
    number, _ = ledger_row(connection, ledger)
    for marks, some in cut([event_id.bytes for event_id in event_ids]):
        yield from _read(connection, f"{_LINK} AND {column} IN ({marks})", [number, *some])


def _read(
    connection: sqlite3.Connection, statement: str, parameters: Sequence[object]
) -> Iterator[Link]:
    for (
        event_id,
        position,
        source,
        stream,
        kind,
        day,
        names,
        root,
        depth,
        withdrawn,
    ) in connection.execute(statement, parameters):
        yield Link(
            event_id=uuid.UUID(bytes=event_id),
            position=position,
            source=source,
            stream_tag=uuid.UUID(bytes=stream),
            kind=kind,
            day=date.fromordinal(day),
            names=names and uuid.UUID(bytes=names),
            root=root and uuid.UUID(bytes=root),
            depth=depth,
            withdrawn=bool(withdrawn),
        )
