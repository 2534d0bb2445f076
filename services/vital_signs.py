"""How a hub is: of each ledger how far it is folded, proven and complete, read from its stores.

What an operator's monitoring is told, and no more: sizes, ages and counts, by the names of ledgers,
sources and witnesses' quorum; never of a child, a reader or an event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import HubError
from domain.record import recorded_ms_of
from projections.feed_health import FEED_HEALTH, FEEDS, Feed, gaps
from services.log_ports import ProvenLedger
from services.outbox_ports import FOLLOWED
from services.ports import Clock
from services.restoring import RestoreGuard
from services.views import FoldedLedger

Folded = Callable[[str], FoldedLedger | None]
"""How far a ledger is folded, with the health of its feeds; None where there are no views yet."""


@dataclass(frozen=True, slots=True)
class FeedSigns:
    """One source in one ledger."""

    source: str
    missing: int
    """Numbers that no event or refusal carries."""
    canary_age_s: int | None
    """None where it never sent one."""


@dataclass(frozen=True, slots=True)
class LedgerSigns:
    """One ledger."""

    name: str
    entries: int
    behind: bool
    """Others saw more of it, or another past: nothing is appended or signed."""
    lag: int
    """Entries that are not folded."""
    lag_age_s: int | None
    """Since the first of them was recorded; None where all are folded."""
    parked_streams: int
    parked_entries: int
    waiting: int
    unpublished: int
    """Entries that no published checkpoint covers, that of the last one itself left out."""
    checkpoint_age_s: int | None
    """Since one was published; None before the first."""
    cosignature_age_s: int | None
    """Since a witness cosigned the newest published size; None where none did."""
    untold: int | None
    """Entries that the outbox has not come to; None where there is none to be at work."""
    untold_age_s: int | None
    """Since the first of them was recorded; None where there are none."""
    feeds: Sequence[FeedSigns]


@dataclass(frozen=True, slots=True)
class VitalSigns:
    """A hub, at one moment."""

    ledgers: Sequence[LedgerSigns]
    unread: Sequence[str]
    """Ledgers that could not be read just now."""
    is_mirrored: bool
    """Whether the key store stands twice, or on a server, which has copies of its own."""

    @property
    def hindrances(self) -> tuple[str, ...]:
        """Say what keeps the hub from its work, in constant words and the names of ledgers."""
        behind = (f"behind {one.name}" for one in self.ledgers if one.behind)
        return (*(f"unread {name}" for name in self.unread), *behind)


@dataclass(frozen=True, slots=True)
class Examination:
    """Where signs are read from."""

    ledgers: Mapping[str, ProvenLedger]
    guards: Mapping[str, RestoreGuard]
    folded: Folded
    clock: Clock
    is_mirrored: bool
    is_told: bool
    """Whether participants are to be told, so that an outbox that never began is one that waits."""

    def signs(self) -> VitalSigns:
        """Read everything now; a ledger that cannot be read is named, and keeps no other back."""
        found: list[LedgerSigns] = []
        unread: list[str] = []
        for name in self.ledgers:
            try:
                found.append(self._of(name))
            except HubError:
                unread.append(name)
        return VitalSigns(tuple(found), tuple(unread), self.is_mirrored)

    def _of(self, name: str) -> LedgerSigns:
        ledger, now = self.ledgers[name], self.clock.now_ms()
        folded = self.folded(name)
        size = ledger.head().size
        published = ledger.checkpoints.latest_published()
        cosigned = [] if published is None else ledger.checkpoints.cosignatures(published.size)
        covered = 0 if published is None else published.size
        position = 0 if folded is None else folded.position
        told_of = ledger.offsets.reached(FOLLOWED)
        is_followed = self.is_told or told_of > 0
        return LedgerSigns(
            name=name,
            entries=size,
            behind=self.guards[name].state() == "behind",
            lag=size - position,
            lag_age_s=_age_s(now, _recorded_ms(ledger, position)),
            parked_streams=0 if folded is None else len(folded.parked),
            parked_entries=0 if folded is None else sum(one.entries for one in folded.parked),
            waiting=0 if folded is None else folded.waiting,
            unpublished=max(0, size - covered - 1) if covered else size,
            checkpoint_age_s=_age_s(now, published.published_ms if published else None),
            cosignature_age_s=_age_s(now, max((one.taken_ms for one in cosigned), default=None)),
            untold=max(0, size - told_of) if is_followed else None,
            untold_age_s=_age_s(now, _recorded_ms(ledger, told_of)) if is_followed else None,
            feeds=() if folded is None else _feeds(folded, now),
        )


def _feeds(folded: FoldedLedger, now: int) -> tuple[FeedSigns, ...]:
    filled = {one.source: one.numbers for one in folded.sources}
    return tuple(
        _feed(source, FEEDS.read(state), filled.get(source, ()), now)
        for source, state in folded.states.get(FEED_HEALTH.name, {}).items()
    )


def _feed(source: str, feed: Feed, filled: Sequence[tuple[int, int]], now: int) -> FeedSigns:
    missing = sum(last - first + 1 for first, last in gaps(feed, tuple(filled))) + feed.unlisted
    return FeedSigns(source, missing, _age_s(now, feed.canary_ms))


def _recorded_ms(ledger: ProvenLedger, position: int) -> int | None:
    """Give when the entry at a position was recorded; None behind the end."""
    return next((recorded_ms_of(one.record) for one in ledger.read(position, 1)), None)


def _age_s(now_ms: int, since_ms: int | None) -> int | None:
    return None if since_ms is None else max(0, now_ms - since_ms) // 1000


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of a measure, and what it is of."""

    measure: str
    of: tuple[tuple[str, str], ...]
    value: int


MEASURES: Mapping[str, str] = {
    "bhr_ledger_entries": "Entries of a ledger",
    "bhr_ledger_behind": "1 where others saw more of a ledger, or another past: it is read-only",
    "bhr_views_lag_entries": "Entries of a ledger that are not folded",
    "bhr_views_lag_seconds": "Since the first entry that is not folded was recorded, 0 if none is",
    "bhr_views_parked_streams": "Streams that are not folded",
    "bhr_views_parked_entries": "Entries of streams that are not folded",
    "bhr_views_waiting": "Corrections and withdrawals whose target has not come",
    "bhr_checkpoint_unpublished_entries": "Entries that no published checkpoint covers",
    "bhr_checkpoint_age_seconds": "Since a checkpoint was published",
    "bhr_cosignature_age_seconds": "Since a witness cosigned the newest published checkpoint",
    "bhr_feed_missing_numbers": "Numbers of a source that no event carries",
    "bhr_feed_canary_age_seconds": "Since a source's last canary was recorded",
    "bhr_outbox_lag_entries": "Entries of a ledger that the outbox has not come to",
    "bhr_outbox_lag_seconds": "Since the first of them was recorded, 0 if there is none",
    "bhr_ledgers_unread": "Ledgers that cannot be read just now",
    "bhr_keys_unmirrored": "1 where the key store stands once, in a file",
}
"""Every measure that is read from a hub's stores, and what it says."""


def samples(signs: VitalSigns) -> Iterator[Sample]:
    """Give every number there is; what is not known, such as the age of nothing, has none."""
    for one in signs.ledgers:
        of = (("ledger", one.name),)
        for measure, value in _numbers(one).items():
            if value is not None:
                yield Sample(measure, of, value)
        for feed in one.feeds:
            of_feed = (*of, ("source", feed.source))
            yield Sample("bhr_feed_missing_numbers", of_feed, feed.missing)
            if feed.canary_age_s is not None:
                yield Sample("bhr_feed_canary_age_seconds", of_feed, feed.canary_age_s)
    yield Sample("bhr_ledgers_unread", (), len(signs.unread))
    yield Sample("bhr_keys_unmirrored", (), int(not signs.is_mirrored))


def _numbers(one: LedgerSigns) -> Mapping[str, int | None]:
    return {
        "bhr_ledger_entries": one.entries,
        "bhr_ledger_behind": int(one.behind),
        "bhr_views_lag_entries": one.lag,
        "bhr_views_lag_seconds": one.lag_age_s or 0,
        "bhr_views_parked_streams": one.parked_streams,
        "bhr_views_parked_entries": one.parked_entries,
        "bhr_views_waiting": one.waiting,
        "bhr_checkpoint_unpublished_entries": one.unpublished,
        "bhr_checkpoint_age_seconds": one.checkpoint_age_s,
        "bhr_cosignature_age_seconds": one.cosignature_age_s,
        "bhr_outbox_lag_entries": one.untold,
        "bhr_outbox_lag_seconds": None if one.untold is None else one.untold_age_s or 0,
    }
