"""Whether two stores of views answer the same questions alike, and in what they do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.errors import Unavailable
from services.audit.asking import Asked, Listening, ToldOf, as_of
from services.views import Counted, Moved, ToldRow, ViewReader

Figures = tuple[int, int, int]
"""Events, episodes and children."""
NOTHING: Figures = (0, 0, 0)


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One line of one period that is not the same in both; figures are None of what is told.

    `other` is what the other store says, or the same as of other positions.
    """

    line: str
    ledger: str
    period: str
    value: str
    replayed: Figures | None
    other: Figures | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it: `why_not` says why nothing was compared, and then nothing differs."""

    compared: int = 0
    """Figures that were compared, one a line, ledger and period."""
    differing: tuple[Difference, ...] = ()
    why_not: str | None = None
    parts: int = 0
    """Parts of whole views that were: the rows of one cell or telling, the children and so on."""
    gone_on: tuple[str, ...] = ()
    """Ledgers of which the live views hold more: their registers were not held against these."""


def against_live(
    replayed: Listening,
    live: ViewReader | None,
    positions: Mapping[str, int],
    *,
    as_asked: bool = False,
) -> Comparison:
    """Ask the live views whatever the replayed ones were asked, as of the same positions.

    These are the positions replayed to, or `as_asked` those that each question itself was as of.
    """
    if live is None:
        return Comparison(why_not="there are no live views that open here")
    try:
        behind = [name for name, size in sorted(positions.items()) if live.position(name) < size]
        if behind:
            return Comparison(why_not=f"the live views have not folded so much of {behind[0]}")
        return compare(replayed, live, None if as_asked else positions)
    except Unavailable:
        return Comparison(why_not="the live views cannot be asked")


def whole_against_live(
    replayed: Listening, live: ViewReader | None, positions: Mapping[str, int]
) -> Comparison:
    """Hold every row of the live views against replayed ones, and name the figures that differ.

    What was asked before is asked of both, so that a figure is told with both its numbers; beside
    that each cell and telling, the children and their linkage are compared whole, whether anybody
    asked for them or not. Registers, links and what is parked keep no past: they are compared where
    the live views hold no more than the replayed ones.
    """
    asked = against_live(replayed, live, positions)
    if live is None or asked.why_not is not None:
        return asked
    try:
        held = [_held(replayed.store, live, name, size) for name, size in sorted(positions.items())]
    except Unavailable:
        return Comparison(why_not="the live views cannot be asked")
    differing = {*asked.differing, *(one for found in held for one in found.differing)}
    return Comparison(
        asked.compared,
        tuple(sorted(differing, key=_order)),
        parts=sum(one.parts for one in held),
        gone_on=tuple(name for one in held for name in one.gone_on),
    )


def _held(ours: ViewReader, live: ViewReader, ledger: str, size: int) -> Comparison:
    """Compare all that stands of one ledger."""
    theirs, own = live.digest(ledger), ours.digest(ledger)
    gone_on = () if theirs.position == own.position == size else (ledger,)
    if gone_on:
        theirs, own = live.digest(ledger, size), ours.digest(ledger, size)
    parts = sorted({*own.parts, *theirs.parts})
    differing = [
        Difference(part, ledger, "", "rows", None, None)
        for part in parts
        if own.parts.get(part) != theirs.parts.get(part)
    ]
    return Comparison(0, tuple(differing), parts=len(parts), gone_on=gone_on)


def compare(
    replayed: Listening, other: ViewReader, positions: Mapping[str, int] | None = None
) -> Comparison:
    """Ask another store whatever the replayed one was asked, as of positions or the same ones.

    Raises Unavailable when it has not folded so much, or cannot be asked.
    """
    found = [
        *(_counted(asked, other, positions) for asked in replayed.counted),
        *(_told(heard, other, positions) for heard in replayed.heard),
    ]
    differing = {one for _, some in found for one in some}
    return Comparison(sum(many for many, _ in found), tuple(sorted(differing, key=_order)))


def causes(
    replayed: Listening, before: Mapping[str, int], now: Mapping[str, int]
) -> dict[tuple[str, str, str], list[Moved]]:
    """Say why lines moved between two positions, by ledger, line and period."""
    found: dict[tuple[str, str, str], list[Moved]] = {}
    for asked in replayed.counted:
        if asked.way is None and asked.question.cut is None:
            for moved in replayed.store.moved(as_of(asked.question, now), before):
                place = moved.ledger, moved.group, moved.period
                found.setdefault(place, []).append(moved)
    return found


def _order(one: Difference) -> tuple[str, str, str, str]:
    return one.line, one.ledger, one.period, one.value


def _counted(
    asked: Asked, store: ViewReader, positions: Mapping[str, int] | None
) -> tuple[int, list[Difference]]:
    question = asked.question if positions is None else as_of(asked.question, positions)
    other = store.count(question, asked.way)
    ours, theirs = _by_place(asked.counts.rows), _by_place(other.rows)
    places = sorted({*ours, *theirs})
    differing = [
        Difference(
            group, ledger, period, value, ours.get(place, NOTHING), theirs.get(place, NOTHING)
        )
        for place in places
        if ours.get(place, NOTHING) != theirs.get(place, NOTHING)
        for ledger, group, period, value in (place,)
    ]
    return len(places), differing


def _by_place(rows: Iterable[Counted]) -> dict[tuple[str, str, str, str], Figures]:
    return {
        (row.ledger, row.group, row.period, row.value): (row.events, row.episodes, row.children)
        for row in rows
    }


def _told(
    heard: ToldOf, store: ViewReader, positions: Mapping[str, int] | None
) -> tuple[int, list[Difference]]:
    now = heard.as_of if positions is None else {name: positions[name] for name in heard.ledgers}
    ours, theirs = set(_keys(heard.rows)), set(_keys(store.told(heard.telling, heard.ledgers, now)))
    differing = [
        Difference(heard.telling, ledger, key, f"entry {position}", None, None)
        for ledger, position, key, _ in ours ^ theirs
    ]
    return len(ours | theirs), differing


def _keys(rows: Iterable[ToldRow]) -> Iterator[tuple[str, int, str, bytes]]:
    return ((row.ledger, row.position, row.key, row.body) for row in rows)
