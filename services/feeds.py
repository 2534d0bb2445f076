"""Is the picture complete? Each source's health as it is shown beside every figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.canonical import JsonValue
from domain.reference.participants import Source
from domain.values import instant_of
from projections.feed_health import FEED_HEALTH, Feed, gaps
from services.acknowledging import instant
from services.views import RegisterRow, ViewReader


def feed_rows(store: ViewReader, ledgers: Iterable[str]) -> list[JsonValue]:
    """Give one row for each source that these ledgers have heard of, in order."""
    wanted = set(ledgers)
    rows = [row for row in store.register(FEED_HEALTH.name) if row.ledger in wanted]
    return [_row(store, row) for row in rows]


def aged(rows: Iterable[JsonValue], sources: Sequence[Source], now_ms: int) -> list[JsonValue]:
    """Add to feed rows how old each sign of life is by the hub's clock, and whether it is quiet.

    Quiet is who gave none for longer than its registered rhythm; None where it has none.
    """
    rhythms = {one.name: one.rhythm_hours for one in sources}
    return [
        {**row, **_age(row, rhythms.get(str(row["source"])), now_ms)}
        for row in rows
        if isinstance(row, Mapping)
    ]


def _age(row: Mapping[str, JsonValue], rhythm: int | None, now_ms: int) -> dict[str, JsonValue]:
    canary = row["canary"]
    age_s = None
    if isinstance(canary, str):
        age_s = max(0, now_ms - int(instant_of(canary).timestamp() * 1000)) // 1000
    quiet = None if rhythm is None else age_s is None or age_s > rhythm * 60 * 60
    return {"canary_age_s": age_s, "quiet": quiet, "rhythm_hours": rhythm}


def _row(store: ViewReader, row: RegisterRow) -> JsonValue:
    feed = Feed.model_validate_json(row.state)
    parked = [one for one in store.parked_sources(row.ledger) if one.source == row.key]
    filled = tuple(span for one in parked for span in one.numbers)
    missing: list[JsonValue] = [[first, last] for first, last in gaps(feed, filled)]
    return {
        "canary": _moment(feed.canary_ms),
        "data_to": feed.data_to,
        "events": feed.events,
        "gaps": missing,
        "gaps_no_longer_listed": feed.unlisted,
        "ledger": row.ledger,
        "loaded_on": _moment(feed.loaded_ms),
        "parked": sum(one.entries for one in parked),
        "refused": feed.refused,
        "source": row.key,
        "withdrawn": feed.withdrawn,
    }


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else instant(milliseconds)
