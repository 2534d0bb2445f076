"""Current totals, stored: figures that were counted once, for readers that start anew.

What a process remembers of figures (`memory`) is written beside the rows from time to time, with
the version of the months that each was read from; a later process believes a stored figure exactly
as long as it would its own. Figures that are cut are not stored, since what is said of children
stands sealed alone. Nothing stored outlives an erasure: it goes in the erasing transaction, and
nothing is written that was counted before one.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Mapping
from datetime import date
from typing import Final

from adapters.views.door import Door
from adapters.views.forgetting import forgotten
from adapters.views.memory import Asked, CountMemory, Figure
from adapters.views.periods import Span
from domain.errors import Unavailable
from projections.projection import AtEnd, Recurrence, Way

WORTH_WRITING: Final = 200
"""Figures that are not stored yet, from which on they are."""
_MOST: Final = 200_000
_NOTHING: Final = (0, 0, 0)


def read_totals(
    connection: sqlite3.Connection, asked: Asked
) -> dict[tuple[int, Span], tuple[int, Figure]]:
    """Give what is stored of a question, by the month from which it reads and its period."""
    rows = connection.execute(
        "SELECT reads, number, first, last, version, events, episodes, children FROM total "
        "WHERE asked = ?",
        [_name(asked)],
    )
    return {
        (reads, Span(number, date.fromordinal(first), date.fromordinal(last))): (
            version,
            () if tuple(numbers) == _NOTHING else (("", *numbers),),
        )
        for reads, number, first, last, version, *numbers in rows
    }


def store_totals(door: Door, memory: CountMemory) -> None:
    """Store what was counted through a door, if that is worth it and nobody else is writing."""
    if memory.unstored < WORTH_WRITING:
        return
    with (
        contextlib.suppress(Unavailable),
        door.transaction("BEGIN IMMEDIATE", patient=False) as connection,
    ):
        times, totals = memory.take_unstored()
        if times == forgotten(connection):  # else they were counted before an erasure
            _write(connection, totals)


def _write(
    connection: sqlite3.Connection,
    totals: Mapping[tuple[Asked, int, Span], tuple[int, Figure]],
) -> None:
    if connection.execute("SELECT COUNT(*) FROM total").fetchone()[0] > _MOST:
        connection.execute("DELETE FROM total")
    connection.executemany(
        "INSERT OR REPLACE INTO total VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                _name(asked),
                reads,
                span.number,
                span.first.toordinal(),
                span.last.toordinal(),
                version,
                *(figure[0][1:] if figure else _NOTHING),
            )
            for (asked, reads, span), (version, figure) in totals.items()
        ],
    )


def _name(asked: Asked) -> bytes:
    """Name a question in few bytes, the same in every process."""
    ledger, restricted, cells, way, _ = asked
    said = (ledger, restricted, sorted(cells), _spelled(way))
    return hashlib.sha256(repr(said).encode()).digest()[:16]


def _spelled(way: Way | None) -> object:
    if isinstance(way, Recurrence):
        return "recurrence", sorted(way.after), way.within_days, way.at_least, way.joined_by
    return ("at end", way.cell) if isinstance(way, AtEnd) else None
