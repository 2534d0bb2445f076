"""Feed health: of each source, how far its data reach, and what is missing on the way.

Sources number their events from 1. Numbers seen are kept as ranges, so what lies between two of
them is a gap until it is filled: by the event itself, or by `submission-refused`, which fills the
number of what was refused. The hub's own events carry 0 and are not numbered.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import Strict, london_day
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.figures import FigureReported
from domain.vocabulary.hub import Canary, SubmissionRefused
from projections.projection import Register

MOST_RANGES = 64
"""Ranges kept a source. Beyond it the oldest gap is no longer listed, only counted."""

Range = tuple[int, int]


class Feed(Strict):
    """What is known of one source in one ledger; times in milliseconds, days as London days."""

    canary_ms: int | None = None
    """When the last canary was recorded."""
    data_to: str | None = None
    """The latest day on which something happened that it told of."""
    events: int = 0
    """Events folded, canaries and withdrawals among them."""
    loaded_ms: int | None = None
    """When its last event was recorded."""
    refused: int = 0
    """Refusals recorded: of single events, or of submissions as a whole."""
    seen: tuple[Range, ...] = ()
    """Numbers seen, as ranges in ascending order that do not touch."""
    unlisted: int = 0
    """Numbers that were missing when their gap was no longer listed."""
    withdrawn: int = 0
    """Withdrawals."""


def key(event: OpenedEvent) -> str | None:
    """Give the source that an event tells of; the hub's own are of none, but for refusals."""
    if isinstance(event.facts, SubmissionRefused.Facts):
        return event.facts.source
    return None if event.attestation is Attestation.HUB else event.header.source


def evolve(before: Strict | None, event: OpenedEvent) -> Feed:
    """Take one event into what is known of its source."""
    feed = before if isinstance(before, Feed) else Feed()
    if isinstance(event.facts, SubmissionRefused.Facts):
        seen, unlisted = _with(feed, int(event.facts.sequence or 0))
        return _like(feed, refused=feed.refused + 1, seen=seen, unlisted=unlisted)
    seen, unlisted = _with(feed, int(event.header.sequence))
    kind = event.kind.name
    return Feed(
        canary_ms=event.recorded_ms if kind == Canary.name else feed.canary_ms,
        data_to=_later(feed.data_to, event),
        events=feed.events + 1,
        loaded_ms=event.recorded_ms,
        refused=feed.refused,
        seen=seen,
        unlisted=unlisted,
        withdrawn=feed.withdrawn + (kind == RecordWithdrawn.name),
    )


def gaps(feed: Feed, filled: tuple[Range, ...] = ()) -> tuple[Range, ...]:
    """Give the numbers that are missing, as ranges; `filled` are seen elsewhere, as when parked."""
    return tuple(_between(sorted((*feed.seen, *filled))))


def _between(ranges: list[Range]) -> Iterator[Range]:
    reached = 0
    for first, last in ranges:
        if first > reached + 1:
            yield reached + 1, first - 1
        reached = max(reached, last)


def _with(feed: Feed, number: int) -> tuple[tuple[Range, ...], int]:
    """Add a number to the ranges seen; gives them and how many gaps' numbers are unlisted."""
    if number == 0:
        return feed.seen, feed.unlisted
    if feed.seen and feed.seen[-1][1] + 1 == number:  # what nearly always comes next
        return (*feed.seen[:-1], (feed.seen[-1][0], number)), feed.unlisted
    ranges: list[Range] = []
    for first, last in sorted((*feed.seen, (number, number))):
        if ranges and first <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], max(ranges[-1][1], last))
        else:
            ranges.append((first, last))
    if len(ranges) <= MOST_RANGES:
        return tuple(ranges), feed.unlisted
    oldest, following, *others = ranges
    missing = following[0] - oldest[1] - 1
    return ((oldest[0], following[1]), *others), feed.unlisted + missing


def _later(data_to: str | None, event: OpenedEvent) -> str | None:
    """Give the later of two days; an event that tells of nothing happening has none."""
    kind = event.kind
    if kind.name == RecordWithdrawn.name:
        return data_to
    if not kind.about_a_person and kind.name != FigureReported.name:
        return data_to
    return max(data_to or "", _day(event.header.time))


@functools.lru_cache(maxsize=4096)
def _day(time: str) -> str:
    return london_day(time).isoformat()


def _like(feed: Feed, *, refused: int, seen: tuple[Range, ...], unlisted: int) -> Feed:
    """Change what a refusal changes; every field is set, so that equal feeds have equal bytes."""
    return Feed(
        canary_ms=feed.canary_ms,
        data_to=feed.data_to,
        events=feed.events,
        loaded_ms=feed.loaded_ms,
        refused=refused,
        seen=seen,
        unlisted=unlisted,
        withdrawn=feed.withdrawn,
    )


FEED_HEALTH = Register("feed-health", 1, None, key, evolve, Feed)
