"""Current totals, stored: figures that were counted once, for readers that start anew.

What a process remembers of figures (`memory`) is written beside the rows from time to time, with
the version of the months that each was read from; a later process believes a stored figure exactly
as long as it would its own. Each is tagged under the view key, so that nobody else makes one up; an
audit holds the rows themselves against the ledgers, and believes none. Figures that are cut are not
stored, since what is said of children stands sealed alone. Nothing stored outlives an erasure: it
goes in the erasing transaction, and nothing is written that was counted before one.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from adapters.views.forgetting import forgotten
from adapters.views.memory import Asked, CountMemory, Figure
from adapters.views.periods import Span
from adapters.views.tables import Door, Tables
from domain.errors import Unavailable
from domain.keyed import hmac_sha256
from projections.projection import AtEnd, Recurrence, Way

WORTH_WRITING: Final = 200
"""Figures that are not stored yet, from which on they are."""
_MOST: Final = 200_000
_NOTHING: Final = (0, 0, 0)
_TAG_BYTES: Final = 16
_COLUMNS: Final = "asked, reads, number, first, last, version, events, episodes, children"
_STORE: Final = f"""
INSERT INTO total ({_COLUMNS}, tag) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (asked, reads, number, first, last) DO UPDATE SET version = excluded.version,
    events = excluded.events, episodes = excluded.episodes, children = excluded.children,
    tag = excluded.tag
"""  # noqa: S608 - our own columns

Stored = dict[tuple[int, Span], tuple[int, Figure]]
"""Version and figure, by the month from which it reads and its period."""


class Totals:
    """The stored figures of one file, tagged under a key of their own, made of the view key."""

    def __init__(self, view_key: bytes) -> None:
        """Tag by a key made of 32 bytes of the view key."""
        self._key = hmac_sha256(view_key, b"bhr-views/totals")

    def read(self, tables: Tables, asked: Asked) -> Stored:
        """Give what is stored of a question, and was stored by who holds the view key."""
        found: Stored = {}
        rows = tables.execute(
            f"SELECT {_COLUMNS}, tag FROM total WHERE asked = ?",  # noqa: S608 - our own columns
            [_name(asked)],
        )
        for *row, tag in rows:
            if hmac.compare_digest(tag, self._tag(row)):
                _, reads, number, first, last, version, *numbers = row
                span = Span(number, date.fromordinal(first), date.fromordinal(last))
                figure = () if tuple(numbers) == _NOTHING else (("", *numbers),)
                found[reads, span] = version, figure
        return found

    def store(self, door: Door, memory: CountMemory) -> None:
        """Store what was counted by a door, if that is worth it and nobody else is writing."""
        if memory.unstored < WORTH_WRITING:
            return
        with contextlib.suppress(Unavailable), door.writing(patient=False) as tables:
            times, counted = memory.take_unstored()
            if times == forgotten(tables):  # else they were counted before an erasure
                self._write(tables, counted)

    def _write(
        self,
        tables: Tables,
        counted: Mapping[tuple[Asked, int, Span], tuple[int, Figure]],
    ) -> None:
        ((many,),) = tables.execute("SELECT COUNT(*) FROM total")
        if many > _MOST:
            tables.execute("DELETE FROM total")
        rows = [
            (
                _name(asked),
                reads,
                span.number,
                span.first.toordinal(),
                span.last.toordinal(),
                version,
                *(figure[0][1:] if figure else _NOTHING),
            )
            for (asked, reads, span), (version, figure) in counted.items()
        ]
        # In order, so that two who write the same cannot wait for each other.
        tables.each(_STORE, [(*row, self._tag(row)) for row in sorted(rows)])

    def _tag(self, row: Sequence[object]) -> bytes:
        return hmac_sha256(self._key, repr(tuple(row)).encode())[:_TAG_BYTES]


class NoTotals(Totals):
    """What an audit has: every figure is counted from its rows."""

    def read(self, _: Tables, __: Asked) -> Stored:
        """Give nothing."""
        return {}

    def store(self, _: Door, __: CountMemory) -> None:
        """Store nothing."""


def _name(asked: Asked) -> bytes:
    """Name a question in few bytes, the same in every process."""
    ledger, restricted, cells, way, _ = asked
    said = (ledger, restricted, sorted(cells), _spelled(way))
    return hashlib.sha256(repr(said).encode()).digest()[:16]


def _spelled(way: Way | None) -> object:
    if isinstance(way, Recurrence):
        return "recurrence", sorted(way.after), way.within_days, way.at_least, way.joined_by
    return ("at end", way.cell) if isinstance(way, AtEnd) else None
