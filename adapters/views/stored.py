"""The store of views over tables: whatever is here can be made again from the ledgers."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from adapters.views.asking import cut, ledger_row
from adapters.views.comparing import digest
from adapters.views.counting import Reader, count
from adapters.views.forgetting import destroyed_keys, entries_under, parked_for
from adapters.views.memory import CountMemory
from adapters.views.moving import moved
from adapters.views.sharing import Known, known, paired
from adapters.views.tables import Door, Tables
from adapters.views.telling import last_told, told
from adapters.views.totals import Totals
from adapters.views.trait_book import TraitBook
from adapters.views.traits import TraitSeal
from adapters.views.writing import Pen, write
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
{{}} ORDER BY l.depth DESC, l.position DESC LIMIT 1"""
_WAITING = """
SELECT COUNT(*) FROM link AS l WHERE l.ledger = :ledger AND l.names IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM link AS t WHERE t.event_id = l.names AND t.ledger = :ledger)
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
) AS numbered GROUP BY source, run ORDER BY source, run
"""


class StoredViews:
    """`services.views.ViewStore` over tables.

    Projecting and reading have a door each, so that a long answer does not hold up the projector.
    """

    def __init__(self, projecting: Door, reading: Door, key: bytes) -> None:
        """Write and read by these; `key` is 32 bytes and names subjects and episodes."""
        seal = TraitSeal(key)
        self._pen = Pen(key, TraitBook(seal))
        self._book = TraitBook(seal)
        self._memory = CountMemory()
        self._totals = self._stored_totals(key)
        self._projecting = projecting
        self._reading = reading

    def _stored_totals(self, key: bytes) -> Totals:
        return Totals(key)

    def position(self, ledger: str) -> int:
        """Give how many entries of a ledger are folded; 0 for one never met."""
        with self._projecting.reading() as tables:
            return ledger_row(tables, ledger)[1]

    def links(self, ledger: str, event_ids: Collection[uuid.UUID]) -> list[Link]:
        """Give those of these events that are folded, in any order."""
        with self._projecting.reading() as tables:
            return list(_links(tables, ledger, "l.event_id", event_ids))

    def naming(self, ledger: str, event_ids: Collection[uuid.UUID]) -> list[Link]:
        """Give the folded events that name one of these, in any order."""
        with self._projecting.reading() as tables:
            return list(_links(tables, ledger, "l.names", event_ids))

    def best(self, ledger: str, root: uuid.UUID, without: Collection[uuid.UUID]) -> Link | None:
        """Give who stands for a fact, by `standing.rank`, these and the withdrawn left out."""
        with self._projecting.reading() as tables:
            found = [
                link
                for link in _links(tables, ledger, "l.event_id", {root} - set(without))
                if not link.withdrawn
            ]
            number, _ = ledger_row(tables, ledger)
            left_out = [one.bytes for one in without]
            but = f"AND l.event_id NOT IN ({','.join('?' * len(left_out))})" if left_out else ""
            corrections = _read(tables, _BEST.format(but), [number, root.bytes, *left_out])
            return max([*found, *corrections], key=rank, default=None)

    def parked_streams(self, ledger: str, streams: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Give those of these streams that are parked."""
        statement = "SELECT DISTINCT stream FROM parked WHERE ledger = ? AND stream IN ({})"
        with self._projecting.reading() as tables:
            number, _ = ledger_row(tables, ledger)
            return {
                uuid.UUID(bytes=row[0])
                for marks, some in cut([stream.bytes for stream in streams])
                for row in tables.execute(statement.format(marks), [number, *some])
            }

    def states(self, ledger: str, register: str, keys: Collection[str]) -> dict[str, bytes]:
        """Give the states of those of these keys that have one."""
        statement = "SELECT key, state FROM state WHERE register = ? AND ledger = ? AND key IN ({})"
        with self._projecting.reading() as tables:
            number, _ = ledger_row(tables, ledger)
            return {
                row[0]: row[1]
                for marks, some in cut(keys)
                for row in tables.execute(statement.format(marks), [register, number, *some])
            }

    def commit(self, batch: FoldedBatch) -> None:
        """Write a batch; raises PositionMoved when its `before` is not the stored position."""
        with self._projecting.writing(forgets=bool(batch.destroyed) or batch.anew) as tables:
            write(tables, self._pen, batch)

    def destroyed(self, ledger: str, keys: Collection[bytes]) -> set[bytes]:
        """Give those of these keys that are known to be destroyed."""
        with self._projecting.reading() as tables:
            return destroyed_keys(tables, ledger, keys)

    def under(self, ledger: str, keys: Collection[bytes]) -> list[int]:
        """Give the positions of folded events that give anything, and have a part under these."""
        with self._projecting.reading() as tables:
            return entries_under(tables, ledger, self._pen.key, keys)

    def parked_for(self, ledger: str) -> list[tuple[int, str]]:
        """Give position and reason of every entry that is parked for a reason, in order."""
        with self._projecting.reading() as tables:
            return parked_for(tables, ledger)

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count what is live as of the question; Unavailable for positions not folded yet."""
        with self._reading.reading() as tables:
            counts = count(Reader(tables, self._book, self._memory, self._totals), question, way)
        self._totals.store(self._reading, self._memory)
        return counts

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Give what stands of a telling, in order of ledger and position."""
        with self._reading.reading() as tables:
            return told(tables, telling, ledgers, as_of)

    def last_told(self, asked: LastTold) -> list[ToldRow]:
        """Give the last that stands of a telling in one ledger, the newest first."""
        with self._reading.reading() as tables:
            return last_told(tables, asked)

    def moved(self, question: Question, before: Mapping[str, int]) -> list[Moved]:
        """Say which events each group gained and lost since `before`, in order; no cut."""
        with self._reading.reading() as tables:
            return moved(tables, question, before)

    def shared(self, question: Shared) -> SharedCounts:
        """Count the children whom two ledgers know; Unavailable for positions not folded yet."""
        with self._reading.reading() as tables:
            return paired(known(tables, self._book, question))

    def known(self, question: Shared) -> list[Known]:
        """Give what ledgers of this file know of their children, to be paired with other files."""
        with self._reading.reading() as tables:
            return known(tables, self._book, question)

    def register(self, name: str) -> list[RegisterRow]:
        """Give a register's states, in order of ledger and key."""
        statement = (
            "SELECT ledger.name, state.key, state.state FROM state "
            "JOIN ledger ON ledger.id = state.ledger WHERE register = ? ORDER BY 1, 2"
        )
        with self._reading.reading() as tables:
            return [RegisterRow(*row) for row in tables.execute(statement, [name])]

    def folded(self, ledger: str, *registers: str) -> FoldedLedger:
        """Give how far a ledger is folded, with the states of registers as of that position."""
        with self._reading.reading() as tables:
            number, position = ledger_row(tables, ledger)
            ((waiting,),) = tables.execute(_WAITING, {"ledger": number})
            left_out = tables.execute(
                "SELECT agreement, entries FROM left_out WHERE ledger = ? ORDER BY 1", [number]
            )
            parked: dict[bytes, ParkedStream] = {}
            for stream, *rest in tables.execute(_PARKED, [number]):
                parked.setdefault(stream, ParkedStream(uuid.UUID(bytes=stream), *rest))
            return FoldedLedger(
                ledger,
                position,
                waiting,
                tuple(parked.values()),
                tuple(LeftOut(*row) for row in left_out),
                tuple(_parked_sources(tables, number)),
                {one: _states(tables, one, number) for one in registers},
            )

    def digest(self, ledger: str, size: int | None = None) -> LedgerDigest:
        """Digest one ledger's views, or what of them keeps its past, as of so many entries."""
        with self._reading.reading() as tables:
            return digest(tables, self._book, ledger, size)


def _states(tables: Tables, register: str, number: int) -> dict[str, bytes]:
    return {key: state for key, state in tables.execute(_STATES, [register, number])}  # noqa: C416 - typed


def _parked_sources(tables: Tables, number: int) -> Iterable[ParkedSource]:
    found: dict[str, ParkedSource] = {}
    for source, entries, first, last in tables.execute(_PARKED_NUMBERS, [number]):
        before = found.get(source, ParkedSource(source, 0, ()))
        run = () if first is None else ((first, last),)
        found[source] = ParkedSource(source, before.entries + entries, (*before.numbers, *run))
    return found.values()


def _links(
    tables: Tables, ledger: str, column: str, event_ids: Collection[uuid.UUID]
) -> Iterator[Link]:
    number, _ = ledger_row(tables, ledger)
    for marks, some in cut([event_id.bytes for event_id in event_ids]):
        yield from _read(tables, f"{_LINK} AND {column} IN ({marks})", [number, *some])


def _read(tables: Tables, statement: str, parameters: Sequence[object]) -> Iterator[Link]:
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
    ) in tables.execute(statement, parameters):
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
