"""Is the picture complete? Each source's health as it is shown beside every figure."""

from __future__ import annotations

from collections.abc import Iterable

from domain.canonical import JsonValue
from projections.feed_health import FEED_HEALTH, Feed, gaps
from services.acknowledging import instant
from services.views import RegisterRow, ViewReader


def feed_rows(store: ViewReader, ledgers: Iterable[str]) -> list[JsonValue]:
    """Give one row for each source that these ledgers have heard of, in order."""
    wanted = set(ledgers)
    rows = [row for row in store.register(FEED_HEALTH.name) if row.ledger in wanted]
    return [_row(store, row) for row in rows]


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
