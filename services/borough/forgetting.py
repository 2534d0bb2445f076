"""Forgetting persons in the borough's own store, and heeding what was forgotten before.

In one transaction, and in this order, so that dying anywhere leaves the fence or nothing at all:

 1. the fence goes into the file beside the store
 2. rows, pseudonyms, requests and unsealed sessions of the person go
 3. what waits in the outbox is made anew: the erased past is taken back, what is newer goes on
    under new pseudonyms
 4. the store keeps the fence as heeded

A fence in the file that the store does not heed means that an older store was put back, or that the
last one died in between: the same is done again before anything else is.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import Unavailable
from domain.values import to_text
from services.acknowledging import instant
from services.borough.drafting import Tagging
from services.borough.fencing import FIRST_DAY, Fenced, day_of
from services.borough.pseudonyms import Pseudonyms
from services.borough.remaking import (
    Again,
    events_of,
    pseudonyms_of,
    renamed,
    signed_again,
    targets,
    withdrawn,
)
from services.borough.speaker import BoroughKeys
from services.client_ports import Name, Outgoing, PseudonymTable, Published
from services.erasing_ports import ErasingStore, Fence, Fences
from services.ports import Clock


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a borough keeps things, and the fences beside it."""

    store: ErasingStore
    fences: Fences


class Forgetting:
    """Forgets persons. Everything but `heed` is done inside the store's open transaction."""

    def __init__(self, shelf: Shelf, keys: BoroughKeys, tagging: Tagging, clock: Clock) -> None:
        """Work in a borough's store, for all of its sources."""
        self._store = shelf.store
        self._fences = shelf.fences
        self._keys = keys
        self._tagging = tagging
        self._clock = clock
        self._heeded: str | None = None
        self._unscrubbed = False

    def heed(self) -> None:
        """Make store and file agree, and leave no byte of whom that forgot.

        Raises HomeNotReady for a damaged file, Unavailable.
        """
        mark = self._fences.mark()
        if mark == self._heeded:
            return
        with self._store.transaction():
            mark = self._fences.mark()
            kept, heeded = self._fences.kept(), self._store.erasures.fences()
            if missing := kept - heeded:
                self._forget(missing)
            if heeded - kept:
                self._fences.keep(heeded)
                mark = self._fences.mark()
        self._unscrubbed |= bool(missing)
        if self._unscrubbed and not self._store.scrub():
            raise Unavailable("the store's journal, which another process reads,")
        self._unscrubbed = False
        self._heeded = mark

    def fenced(self) -> Fenced:
        """Give what must not be told again."""
        return Fenced(self._tagging, self._store.erasures.fences())

    def erase(
        self, persons: Collection[str], since: str | None, but: Collection[uuid.UUID] = ()
    ) -> None:
        """Forget persons, and what happened to them before a London day.

        Without a day all but what was taken back as never to be sent may be told again. Rows of the
        events `but` stay, those of the erased past excepted.
        """
        rows = self._store.erasures.about(persons)
        fences = [self._fence(one, since, rows) for one in persons]
        self._fences.keep(fences)
        self._forget(fences, but)

    def today(self) -> str:
        """Give the London day that it is here."""
        return day_of(instant(self._clock.now_ms()))

    def tags(self, persons: Collection[str]) -> tuple[bytes, ...]:
        """Give what stands for persons in fences, sorted."""
        return tuple(sorted(map(self._tagging.fence, persons)))

    def leave_out(self, tags: Collection[bytes], since: str) -> None:
        """Never tell what happened before a London day to whom was forgotten already.

        What was told of them since stays, under the pseudonyms that they have now.
        """
        fences = {Fence(tag, since, erased=False) for tag in tags}
        self._fences.keep(fences)
        self._store.erasures.heed(fences)

    def withhold(self, rows: Collection[Published]) -> None:
        """Never tell the facts of some rows again; their persons' pseudonyms go on.

        The store alone is told: the file has it from the next `heed`, once this was committed. In
        the file first, it would be heeded although nothing was taken back.
        """
        fences = {
            Fence(self._tagging.fence(person), FIRST_DAY, (row.fact,), erased=False)
            for row in rows
            for person in (row.person, *row.beside)
        }
        if fences:
            self._store.erasures.heed(fences)
            self._heeded = None

    def _fence(self, person: str, since: str | None, rows: Sequence[Published]) -> Fence:
        """Give a person's fence, with the facts that were published of that day or later."""
        if since is None:
            return Fence(self._tagging.fence(person), FIRST_DAY)
        facts = {
            row.fact
            for row in rows
            if person in {row.person, *row.beside}
            and row.state in {"recorded", "adrift"}
            and day_of(row.time) >= since
        }
        return Fence(self._tagging.fence(person), since, tuple(sorted(facts)))

    def _forget(self, fences: Collection[Fence], but: Collection[uuid.UUID] = ()) -> None:
        """Heed fences, and forget whom they are about, if the store knows them."""
        store = self._store
        store.erasures.heed(fences)
        tags = {fence.person for fence in fences if fence.erased}
        persons = {one for one in store.erasures.persons() if self._tagging.fence(one) in tags}
        if not persons:
            return
        rows = store.erasures.about(persons)
        naming = Naming(store.pseudonyms, rows)
        texts = naming.of_persons(persons)
        waiting = store.erasures.unanswered(texts)
        fenced = self.fenced()
        newer = {row.event for row in rows if not fenced.row(row)}
        held = newer & {*but, *(event for one in waiting for event in one.events)}
        store.erasures.forget(persons, texts, held)
        lost = {row.event for row in rows if row.state == "refused" or _only_of(row, persons)}
        again = targets((row for row in rows if row.event in held), lambda one: one not in lost)
        for outgoing in waiting:
            self._put(outgoing, again, texts, naming)
        naming.keep()

    def _put(
        self,
        outgoing: Outgoing,
        newer: Mapping[uuid.UUID, uuid.UUID | None],
        texts: frozenset[str],
        naming: Naming,
    ) -> None:
        """Make a waiting submission anew without the erased past of whom the texts stand for."""
        now_ms = self._clock.now_ms()
        events: list[Again] = []
        gone: list[uuid.UUID] = []
        for one in events_of(outgoing):
            if texts.isdisjoint(pseudonyms_of(one)):
                events.append(one)
            elif one.event in newer:
                events.append(renamed(one, naming.of, newer[one.event]))
            else:
                gone.append(one.event)
                events.append(withdrawn(one, now_ms))
        made = signed_again(outgoing, events, self._keys, now_ms)
        self._store.erasures.put(outgoing.submission, made)
        self._store.erasures.again({one: newer[one] for one in made.events if one in newer})
        if outgoing.tries:
            self._store.published.doubt(gone)
        else:
            self._store.published.settle((), gone)


def _only_of(row: Published, persons: Collection[str]) -> bool:
    """Say whether a row tells of nobody but these persons."""
    return set(persons).issuperset((row.person, *row.beside))


class Naming:
    """Gives the pseudonyms of now for those of before, of the names that some rows are about."""

    def __init__(self, table: PseudonymTable, rows: Collection[Published]) -> None:
        """Look up every pseudonym that these names ever had, before any is forgotten."""
        names: set[Name] = set()
        for row in rows:
            names.add(("stream", row.stream))
            names.update(("person", one) for one in (row.person, *row.beside) if one)
            if row.episode is not None:
                names.add(("episode", row.episode))
        self._table = table
        self._known = self._texts(names)
        self._now: Pseudonyms | None = None

    def of_persons(self, persons: Collection[str]) -> frozenset[str]:
        """Give every pseudonym that persons ever had; they too are names from here on."""
        found = self._texts([("person", one) for one in persons])
        self._known |= found
        return frozenset(found)

    def of(self, text: str) -> str:
        """Give what stands for the same name now; a text that is no pseudonym as it is."""
        name = self._known.get(text)
        return text if name is None else self.now(name)

    def now(self, name: Name) -> str:
        """Give what stands for a name now."""
        if self._now is None:
            self._now = Pseudonyms(self._table, ())
        return self._now.of(name)

    def keep(self) -> None:
        """Keep the pseudonyms that were made."""
        if self._now is not None:
            self._now.keep()

    def _texts(self, names: Collection[Name]) -> dict[str, Name]:
        generations = self._table.generations(names)
        return {to_text(one): name for name, ones in generations.items() for one in ones}
