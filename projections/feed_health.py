"""Feed health: of each source, how far its data reach, and what is missing on the way.

Sources number their events from 1. Numbers seen are kept as ranges, so what lies between two of
them is a gap until it is filled: by the event itself, or by `submission-refused`, which fills the
number of what was refused. A number that two events carry is told too: nobody numbers so but a
source whose older store was put back. The hub's own events carry 0 and are not numbered.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Final, NamedTuple

from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import Spelling, london_day
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.figures import FigureReported
from domain.vocabulary.hub import Canary, SubmissionRefused
from projections.projection import Register, RegisterState

MOST_RANGES = 64
"""Ranges kept a source. Beyond it the oldest gap is no longer listed, only counted."""

Range = tuple[int, int]


class Feed(NamedTuple):
    """What is known of one source in one ledger; times in milliseconds, days as London days."""

    carried: tuple[Range, ...] = ()
    """Numbers that events carry, as ranges like `seen`; of many the oldest are forgotten."""
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
    twice: tuple[Range, ...] = ()
    """Numbers that two events carry, as ranges; of many the oldest are forgotten."""
    unlisted: int = 0
    """Numbers that were missing when their gap was no longer listed."""
    withdrawn: int = 0
    """Withdrawals."""


FEEDS: Final = Spelling(Feed)


def key(event: OpenedEvent) -> str | None:
    """Give the source that an event tells of; the hub's own are of none, but for refusals."""
    if isinstance(event.facts, SubmissionRefused.Facts):
        return event.facts.source
    return None if event.attestation is Attestation.HUB else event.header.source


def evolve(before: RegisterState | None, event: OpenedEvent) -> Feed:
    """Take one event into what is known of its source."""
    feed = before if isinstance(before, Feed) else Feed()
    if isinstance(event.facts, SubmissionRefused.Facts):
        seen, unlisted = _with(feed, int(event.facts.sequence or 0))
        return feed._replace(refused=feed.refused + 1, seen=seen, unlisted=unlisted)
    number = int(event.header.sequence)
    seen, unlisted = _with(feed, number)
    kind = event.kind.name
    return Feed(
        carried=_added(feed.carried, number),
        canary_ms=event.recorded_ms if kind == Canary.name else feed.canary_ms,
        data_to=_later(feed.data_to, event),
        events=feed.events + 1,
        loaded_ms=event.recorded_ms,
        refused=feed.refused,
        seen=seen,
        twice=_added(feed.twice, number) if _is_again(feed, number, kind) else feed.twice,
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


def _is_again(feed: Feed, number: int, kind: str) -> bool:
    """Say whether an event carries a number that another one carried: an older store was put back.

    A withdrawal may: what waits is made anew when somebody is erased, and in the place and under
    the number of what may have been recorded meanwhile stands its withdrawal.
    """
    if not feed.carried or number > feed.carried[-1][1]:  # as nearly always
        return False
    again = any(first <= number <= last for first, last in reversed(feed.carried))
    return again and kind != RecordWithdrawn.name


def _added(ranges: tuple[Range, ...], number: int) -> tuple[Range, ...]:
    return _joined(ranges, number)[-MOST_RANGES:] if number else ranges


def _joined(ranges: tuple[Range, ...], number: int) -> tuple[Range, ...]:
    """Add a number to ranges in ascending order that do not touch."""
    if ranges and ranges[-1][1] + 1 == number:  # what nearly always comes next
        return (*ranges[:-1], (ranges[-1][0], number))
    joined: list[Range] = []
    for first, last in sorted((*ranges, (number, number))):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def _with(feed: Feed, number: int) -> tuple[tuple[Range, ...], int]:
    """Add a number to the ranges seen; gives them and how many gaps' numbers are unlisted."""
    ranges = _joined(feed.seen, number) if number else feed.seen
    if len(ranges) <= MOST_RANGES:
        return ranges, feed.unlisted
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


FEED_HEALTH = Register("feed-health", 3, None, key, evolve, FEEDS)
