"""Is the picture complete? Each source's health as it is shown beside every figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.canonical import JsonValue
from domain.reference.participants import PARTNERSHIP, Source
from domain.values import instant_of
from projections.feed_health import FEED_HEALTH, FEEDS, gaps
from services.acknowledging import instant
from services.views import FoldedLedger

_CLOCKED = ("at", "canary_age_s")


def feed_rows(folded: Iterable[FoldedLedger]) -> list[JsonValue]:
    """Give one row for each source that these ledgers have heard of, in order."""
    in_order = sorted(folded, key=lambda one: one.ledger)
    return [_row(one, source, state) for one in in_order for source, state in _states(one)]


def aged(rows: Iterable[JsonValue], sources: Sequence[Source], now_ms: int) -> list[JsonValue]:
    """Add to feed rows how old each sign of life is by the hub's clock, and whether it is quiet.

    Quiet is who gave none for longer than its registered rhythm; None where it has none.
    """
    rhythms = {one.name: one.rhythm_hours for one in sources}
    return [
        {**row, **_age(row, rhythms.get(str(row["source"])), now_ms), "at": _moment(now_ms)}
        for row in rows
        if isinstance(row, Mapping)
    ]


def without_clock(answer: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Give an answer of feeds without what goes on by itself: two that are alike so say the same.

    These are the ages, and how far the partnership's own ledger has come: every read is an entry
    of it, this one too. What else an entry there changes stands in the answer by itself.
    """
    kept: dict[str, JsonValue] = {
        name: _but(one, PARTNERSHIP) if name in {"folded", "positions"} else one
        for name, one in answer.items()
    }
    rows = answer["rows"]
    listed = rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ()
    return {**kept, "rows": [_but(row, *_CLOCKED) for row in listed]}


def _but(document: JsonValue, *names: str) -> JsonValue:
    told = document if isinstance(document, Mapping) else {}
    return {name: one for name, one in told.items() if name not in names}


def _age(row: Mapping[str, JsonValue], rhythm: int | None, now_ms: int) -> dict[str, JsonValue]:
    canary = row["canary"]
    age_s = None
    if isinstance(canary, str):
        age_s = max(0, now_ms - int(instant_of(canary).timestamp() * 1000)) // 1000
    quiet = None if rhythm is None else age_s is None or age_s > rhythm * 60 * 60
    return {"canary_age_s": age_s, "quiet": quiet, "rhythm_hours": rhythm}


def _states(folded: FoldedLedger) -> Iterable[tuple[str, bytes]]:
    return folded.states[FEED_HEALTH.name].items()


def _row(folded: FoldedLedger, source: str, state: bytes) -> JsonValue:
    feed = FEEDS.read(state)
    parked = [one for one in folded.sources if one.source == source]
    filled = tuple(span for one in parked for span in one.numbers)
    missing: list[JsonValue] = [[first, last] for first, last in gaps(feed, filled)]
    return {
        "canary": _moment(feed.canary_ms),
        "data_to": feed.data_to,
        "events": feed.events,
        "gaps": missing,
        "gaps_no_longer_listed": feed.unlisted,
        "ledger": folded.ledger,
        "loaded_on": _moment(feed.loaded_ms),
        "parked": sum(one.entries for one in parked),
        "refused": feed.refused,
        "source": source,
        "twice": [list(span) for span in feed.twice],
        "withdrawn": feed.withdrawn,
    }


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else instant(milliseconds)
