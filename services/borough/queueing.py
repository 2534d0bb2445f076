"""From what a source says to the outbox: a stretch at a time, each in one durable transaction.

Drafts are read outside the transaction and person by person, so memory is bounded by a stretch and
the store is never held while a file is parsed or the network asked. Dying anywhere and beginning
again does no harm: what went into the outbox is found as published, and unchanged.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

from domain.errors import Fault, SubmissionRefused
from services.borough.directory import KeyDirectory
from services.borough.drafting import Draft, Tagged, Tagging
from services.borough.making import Maker
from services.borough.pseudonyms import spelled
from services.borough.reconciling import Change, Gone, Returning, held, reconcile
from services.borough.sessions import KeysWanted, Sealers
from services.borough.speaker import BoroughKeys, Means, Speaker
from services.borough.submitting import EVENTS_MAX
from services.borough.writing import Writers, Writing
from services.client_ports import BoroughStore, Name, Published

STRETCH = 500
"""Drafts in one transaction; a person with more of them is still done at once."""
PAGE = 500
EVENTS_SCOPE = "events"
"""The scope of what is published one by one, outside any return."""

Drafted = tuple[int, Draft]


@dataclass(frozen=True, slots=True)
class Watch:
    """What a caller may want to know while it happens; draft numbers count from 0."""

    refused: Callable[[int, tuple[Fault, ...]], None] = lambda _number, _faults: None
    """A draft that does not hold together, or whose key the return holds twice, and why."""
    queued: Callable[[int], None] = lambda _drafts: None
    """So many drafts are dealt with, and what they came to is durable."""


@dataclass(slots=True)
class Queued:
    """What became of the drafts: counts by kind and change, and the submissions that were made."""

    counts: Counter[tuple[str, Change]] = field(default_factory=Counter)
    submissions: list[uuid.UUID] = field(default_factory=list)
    gone_in_period: int = 0
    gone_out_of_period: int = 0

    def total(self, change: Change) -> int:
        """Count the drafts of every kind that came to this."""
        return sum(count for (_, one), count in self.counts.items() if one == change)


class Queueing:
    """Reconciles drafts with what was published, and queues what has to be sent."""

    def __init__(
        self, speaker: Speaker, keys: BoroughKeys, means: Means, *,
        store: BoroughStore, directory: KeyDirectory,
    ) -> None:  # fmt: skip
        """Work for one source."""
        self._speaker = speaker
        self._keys = keys
        self._means = means
        self._store = store
        self._directory = directory
        self._tagging = Tagging(keys.digests, speaker.source)
        self._maker = Maker(speaker, keys.linkage)

    def queue(
        self,
        drafts: Iterable[Draft],
        returning: Returning | None = None,
        *,
        watch: Watch | None = None,
        atomic: bool = False,
    ) -> Queued:
        """Queue what `drafts` change; with `returning` they are everything that its scope holds.

        Raises NotTrusted when a recipient's key is not vouched for (the stretch that needs it is
        not queued), SubmissionRefused when `atomic` and it does not fit in one submission,
        Unavailable.
        """
        run = _Run(returning, watch or Watch(), Queued(), atomic=atomic)
        publics: dict[str, bytes] = {}
        if returning is not None:
            with self._store.transaction():
                self._store.published.forget_seen()
        for stretch in _stretches(drafts, atomic=atomic):
            run.read += len(stretch)
            tagged = self._judged(stretch, run)
            self.write(lambda writing: self._plan(tagged, run, writing), tagged, publics, run)
            run.watch.queued(run.read)
        if returning is not None:
            self._report_gone(returning, run.queued)
        return run.queued
