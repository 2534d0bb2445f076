"""From what a source says to the outbox: a stretch at a time, each in one durable transaction.

Drafts are read outside the transaction and person by person, so memory is bounded by a stretch, and
the store is never held while a file is parsed or the network asked. Dying anywhere and beginning
again does no harm: what went into the outbox is found as published, and unchanged.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from domain.errors import Fault, SubmissionRefused
from services.borough.drafting import Draft, Tagged, Tagging
from services.borough.fencing import Fenced
from services.borough.reconciling import Change, Gone, Returning, held
from services.borough.scribe import Begin, Scribe
from services.borough.stretch import Done, Stretch
from services.erasing_ports import ErasingStore, Fence

STRETCH = 450
"""Drafts in one transaction, at least: a person's are done at once. Fewer than a submission takes:
there is room for those of the last person, and no stretch ends with a submission of three."""
PAGE = 500

Drafted = tuple[int, Draft]


def _not_told(*_: object) -> None:
    """Watch nothing."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a caller may want to be told while it happens; drafts are numbered from 0.

    `refused` is told a draft that does not hold together, or whose key the return holds twice, and
    why; `queued` after each stretch how many drafts are dealt with, durably.
    """

    refused: Callable[[int, tuple[Fault, ...]], None] = _not_told
    queued: Callable[[int], None] = _not_told


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


class _FencesMoved(Exception):
    """Somebody was erased after the drafts were judged."""


@dataclass(slots=True)
class _Judged:
    """Drafts judged by themselves, by the fences that were heeded then."""

    fences: frozenset[Fence]
    tagged: list[Tagged] = field(default_factory=list)
    refused: list[tuple[int, tuple[Fault, ...]]] = field(default_factory=list)
    present: set[bytes] = field(default_factory=set)
    """Tags of what is in the return and is not sent: it is not missing."""
    changes: list[tuple[str, Change]] = field(default_factory=list)

    def leave_out(self, draft: Draft, change: Change, tagging: Tagging) -> None:
        """Note a draft that is not sent."""
        self.changes.append((draft.kind.name, change))
        self.present.update(tagging.present(draft))


class Queueing:
    """Reconciles drafts with what was published, and queues what has to be sent."""

    def __init__(self, scribe: Scribe, tagging: Tagging, store: ErasingStore) -> None:
        """Work for one source."""
        self._scribe = scribe
        self._tagging = tagging
        self._store = store

    def queue(
        self,
        drafts: Iterable[Draft],
        returning: Returning | None = None,
        *,
        watch: Watch | None = None,
        atomic: bool = False,
    ) -> Queued:
        """Queue what `drafts` change; with `returning` they are everything that its scope holds.

        The drafts of one person come one after another. Raises NotTrusted when a recipient's key is
        not vouched for (nothing that needs it is queued), SubmissionRefused when `atomic` and it
        does not fit in one submission, Unavailable.
        """
        watch = watch or Watch()
        queued = Queued()
        self._scribe.forget()
        if returning is not None:
            with self._store.transaction():
                self._store.published.forget_seen()
        read = 0
        for stretch in _stretches(drafts, whole=atomic):
            done = self._stretch(stretch, returning, atomic=atomic)
            read += len(stretch)
            queued.counts.update(done.changes)
            queued.submissions += done.submissions
            for number, faults in done.refused:
                watch.refused(number, faults)
            watch.queued(read)
            stretch.clear()  # not to hold it while the next is read
        if returning is not None:
            self._report_gone(returning, queued)
        return queued

    def _stretch(
        self, drafts: Sequence[Drafted], returning: Returning | None, *, atomic: bool
    ) -> Done:
        while True:
            with self._store.transaction():
                fences = self._store.erasures.fences()
            try:
                return self._written(self._judged(drafts, fences), returning, atomic=atomic)
            except _FencesMoved:  # somebody was erased since: judge the drafts again
                continue

    def _judged(self, drafts: Sequence[Drafted], fences: frozenset[Fence]) -> _Judged:
        """Judge drafts by themselves, and leave out what was erased."""
        judged = _Judged(fences)
        fenced = Fenced(self._tagging, fences)
        for number, draft in drafts:
            left = fenced.told(draft)
            if left is None:
                judged.leave_out(draft, "erased", self._tagging)
                continue
            tagged = self._tagging.tagged(number, left)
            if not isinstance(tagged, Tagged):
                judged.refused.append((number, tagged))
                judged.leave_out(draft, "refused", self._tagging)
                continue
            if left is not draft:
                whole = self._tagging.tagged(number, draft)
                if isinstance(whole, Tagged):
                    tagged = tagged._replace(whole=whole.digest)
            judged.tagged.append(tagged)
        return judged

    def _written(self, judged: _Judged, returning: Returning | None, *, atomic: bool) -> Done:
        tagged, present = judged.tagged, judged.present
        if returning is not None:
            present.update(map(self._tagging.person, {one.draft.person() for one in tagged}))

        def work(begin: Begin) -> Done:
            if self._store.erasures.fences() != judged.fences:
                raise _FencesMoved
            stretch = Stretch(tagged, present, self._store.published, returning)
            done = stretch.write(writing := begin(stretch.names()))
            done.submissions = writing.close()
            return done

        if atomic and judged.refused:
            raise SubmissionRefused(tuple(one for _, faults in judged.refused for one in faults))
        done = self._scribe.write(work, atomic=atomic)
        done.refused += judged.refused
        done.changes += judged.changes
        return done

    def _report_gone(self, returning: Returning, queued: Queued) -> None:
        """Tell every standing fact of the scope that the return did not hold, page by page."""
        after = 0
        while True:
            with self._store.transaction():
                table = self._store.published
                rows = table.unseen(returning.scope, after, PAGE)
                persons = {one: self._tagging.person(one) for one in {row.person for row in rows}}
                seen = table.seen(set(persons.values()))
            if not rows:
                return
            for row in rows:
                what = held(row)
                in_period = returning.in_period(what)
                queued.gone_in_period += in_period
                queued.gone_out_of_period += not in_period
                person_gone = bool(row.person) and persons[row.person] not in seen
                returning.gone(Gone(what, in_period, person_gone))
            after = rows[-1].sequence


def _stretches(drafts: Iterable[Draft], *, whole: bool) -> Iterator[list[Drafted]]:
    """Cut drafts into stretches that end with a person; one alone when `whole`."""
    stretch: list[Drafted] = []
    for _, group in groupby(enumerate(drafts), key=lambda drafted: drafted[1].person()):
        stretch += group
        if len(stretch) >= STRETCH and not whole:
            yield stretch
            stretch = []
    if stretch:
        yield stretch
