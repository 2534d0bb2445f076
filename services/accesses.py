"""Access: who has looked at ours? Every read of a view, fetch of a part and pack of openings.

A borough sees what was made from its own ledger, whoever read it, and what its own people read.
Another body sees what its own people read and fetched; the partnership sees everything. Readers
stand by their opaque ids: whose they are, their own body knows.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.canonical import JsonValue
from domain.errors import NotFound
from projections.accesses import ACCESSES, Access
from services.acknowledging import instant
from services.answering import Answering, Found
from services.last_told import LastTold
from services.reading import Reading
from services.views import ViewReader

VIEW = "access"
PAGE = 100
PAGE_MOST = 500
READ_AT_ONCE = 200
CURSOR = r"[0-9]{1,16}\.[a-z0-9-]{1,64}\.[0-9]{1,16}"
"""Where a page ends: recorded milliseconds, ledger and position of its last row."""

_Place = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class AccessAsked:
    """Of which borough's entries, from where on, and how many rows at most."""

    borough: str | None = None
    before: str | None = None
    limit: int = PAGE

    def texts(self) -> dict[str, str]:
        """Give what was asked for, as text."""
        named = {"before": self.before, "borough": self.borough, "limit": str(self.limit)}
        return {name: text for name, text in named.items() if text is not None}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a reader may see: reads made from one of these ledgers, or of these bodies' people."""

    ledgers: frozenset[str]
    participant: str
    borough: str | None
    """Only what was made from this ledger."""

    def shows(self, access: Access) -> bool:
        made_from = frozenset(access.ledgers)
        mine = access.participant == self.participant or bool(self.ledgers & made_from)
        return mine and (self.borough is None or self.borough in made_from)


@dataclass(frozen=True, slots=True)
class _Ledger:
    """One ledger's accesses before a position, as of its size."""

    store: ViewReader
    name: str
    size: int
    before: int

    def newest_first(self) -> Iterator[tuple[_Place, Access]]:
        before = self.before
        while rows := self.store.last_told(
            LastTold(ACCESSES.name, self.name, self.size, before, READ_AT_ONCE)
        ):
            for row in rows:
                access = Access.model_validate_json(row.body)
                yield (access.recorded_ms, row.ledger, row.position), access
            before = rows[-1].position


class Accesses:
    """Answers with who read what."""

    def __init__(self, answering: Answering) -> None:
        """Answer through the desk that every view shares."""
        self._answering = answering

    def answer(self, reading: Reading, asked: AccessAsked) -> dict[str, JsonValue]:
        """Give reads, fetches and openings, the newest first, a page at a time."""
        self._answering.allow(reading, VIEW)
        positions = self._answering.positions()
        seen = self._seen(reading, asked.borough)
        page: list[JsonValue] = []
        following: str | None = None
        for place, access in self._newest_first(positions, asked.before):
            if not seen.shows(access):
                continue
            if len(page) == asked.limit:
                break
            page.append(_row(place, access))
            following = ".".join(map(str, place))
        else:
            following = None
        told: dict[str, JsonValue] = {"next": following}
        return self._answering.answer(reading, VIEW, Found(page, positions, asked.texts(), told))

    def _newest_first(
        self, positions: Mapping[str, int], before: str | None
    ) -> Iterator[tuple[_Place, Access]]:
        """Give accesses in the order in which they were recorded, the last one first.

        Within a ledger nothing is recorded before what stands in front of it: so the ledgers are
        read from their ends, a few rows at a time, and only as far as the page goes.
        """
        end = None if before is None else _place_in(before)
        until = positions
        if end is not None:
            until = self._answering.positions_as_of(list(positions), end[0])
        store = self._answering.store()
        ledgers = (
            _Ledger(store, name, size, min(size, until[name])) for name, size in positions.items()
        )
        every = heapq.merge(
            *(one.newest_first() for one in ledgers), key=lambda one: one[0], reverse=True
        )
        return (one for one in every if end is None or one[0] < end)

    def _seen(self, reading: Reading, borough: str | None) -> _Seen:
        """Say what this reader may see; raises NotFound for a borough that is none."""
        registry = self._answering.registry
        body = reading.caller.participant
        known = registry.participants().participant(body, registry.today())
        everything = frozenset(self._answering.positions())
        ledgers = frozenset({known.ledger}) if known and known.ledger else frozenset()
        if known is not None and known.kind == "partnership":
            ledgers = everything
        wanted = self._answering.ledgers(borough)[0] if borough else None
        return _Seen(ledgers & everything, body, wanted)


def _place_in(cursor: str) -> _Place:
    if not re.fullmatch(CURSOR, cursor):
        raise NotFound("page")
    recorded, ledger, position = cursor.split(".")
    return int(recorded), ledger, int(position)


def _row(place: _Place, access: Access) -> JsonValue:
    return {
        "agreement": access.agreement,
        "event": access.event,
        "format": access.format,
        "kind": access.kind,
        "ledger": place[1],
        "made_from": list(access.ledgers),
        "office": access.office,
        "opened": access.opened,
        "part": access.part,
        "participant": access.participant,
        "position": place[2],
        "purpose": access.purpose,
        "reader": access.reader,
        "recorded": instant(access.recorded_ms),
        "right": access.right,
        "view": access.view,
        "warrant": access.warrant,
    }
