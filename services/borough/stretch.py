"""One stretch of drafts against the store, in one transaction: looked up together, then planned.

In a return each fact stands once. A key that is met again with the same content is the same fact;
with another content nobody can say which is right: the first stands, the second is refused.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from domain.errors import Fault
from services.borough.drafting import Tagged
from services.borough.reconciling import Change, Returning, Step, held, reconcile
from services.borough.writing import Writing
from services.client_ports import Name, Published, PublishedTable

EVENTS_SCOPE = "events"
"""The scope of what is published one by one, outside any return."""

Rows = dict[bytes, list[Published]]


@dataclass(slots=True)
class Done:
    """What became of a stretch; told to nobody before it is durable."""

    changes: list[tuple[str, Change]] = field(default_factory=list)
    refused: list[tuple[int, tuple[Fault, ...]]] = field(default_factory=list)
    submissions: list[uuid.UUID] = field(default_factory=list)


class Stretch:
    """The drafts of one transaction, with the rows that they are held against."""

    def __init__(
        self,
        tagged: Sequence[Tagged],
        present: Collection[bytes],
        table: PublishedTable,
        returning: Returning | None,
    ) -> None:
        """Look up everything that planning will ask for.

        `present` are tags of what is in the return beside: what cannot be sent is not missing.
        """
        self._tagged = tagged
        self._table = table
        self._returning = returning
        self._scope = EVENTS_SCOPE if returning is None else returning.scope
        facts = {one.fact for one in tagged}
        self._here = facts | set(present)
        self._standing: Rows = defaultdict(list)
        for row in table.standing(facts):
            self._standing[row.fact].append(row)
        self._seen = table.seen(facts) if returning is not None else set()
        self._of_person = self._rows_of_persons()

    def names(self) -> Collection[Name]:
        """Give the natural keys that pseudonyms will be wanted for."""
        names: set[Name] = set()
        for one in self._tagged:
            rows = self._standing.get(one.fact)
            if rows and rows[-1].digest == one.digest:
                continue
            names.add(("stream", one.stream))
            if one.episode is not None:
                names.add(("episode", one.episode))
            names.update(("person", subject.person) for subject in one.draft.subjects)
        return names

    def write(self, writing: Writing) -> Done:
        """Plan and write every draft, person by person."""
        done = Done()
        for _, drafts in groupby(self._tagged, key=_person):
            for wave in self._waves(list(drafts), done):
                missing = self._missing(wave, self._returning) if self._returning else ()
                for step in reconcile(wave, self._standing, missing):
                    self._taken(step, writing.step(step, self._scope))
                    done.changes.append((step.tagged.draft.kind.name, step.change))
        if self._returning is not None:
            self._table.see(self._here)
        return done

    def _waves(self, drafts: Sequence[Tagged], done: Done) -> Iterator[list[Tagged]]:
        """Give the drafts of one person so that no fact is twice among those planned together."""
        wave: dict[bytes, Tagged] = {}
        for one in drafts:
            if self._returning is not None and one.fact in self._seen:
                self._met_again(one, wave.get(one.fact), done)
                continue
            if one.fact in wave:
                yield list(wave.values())
                wave = {}
            wave[one.fact] = one
            self._seen.add(one.fact)
        if wave:
            yield list(wave.values())

    def _met_again(self, one: Tagged, before: Tagged | None, done: Done) -> None:
        rows = self._standing.get(one.fact)
        digest = before.digest if before else rows[-1].digest if rows else None
        kind = one.draft.kind.name
        if digest == one.digest:
            done.changes.append((kind, "unchanged"))
            return
        done.changes.append((kind, "repeated"))
        done.refused.append((one.number, (Fault(one.number, "subject", "key-met-twice"),)))

    def _rows_of_persons(self) -> dict[str, Rows]:
        """Give the standing rows of a return's persons, by person and fact."""
        found: dict[str, Rows] = defaultdict(lambda: defaultdict(list))
        if self._returning is not None:
            for row in self._table.standing_of(self._scope, {_person(o) for o in self._tagged}):
                found[row.person][row.fact].append(row)
        return found

    def _missing(self, wave: Sequence[Tagged], returning: Returning) -> list[Published]:
        """Give a person's rows that the return should hold, and neither holds here nor held before.

        Those of an earlier stretch are looked up: a person's drafts may be scattered over a file.
        """
        rows = self._of_person[_person(wave[0])]
        absent = rows.keys() - self._here
        absent -= self._table.seen(absent)
        return [
            row
            for fact, published in rows.items()
            if fact in absent and returning.in_period(held(published[-1]))
            for row in published
        ]

    def _taken(self, step: Step, row: Published | None) -> None:
        """Keep up with what was written: a later draft of this stretch may be about it."""
        gone = {one.event for one in step.withdraw}
        for fact in {one.fact for one in step.withdraw}:
            for rows in (self._standing, self._of_person[step.tagged.draft.person()]):
                if fact in rows:
                    rows[fact] = [one for one in rows[fact] if one.event not in gone]
                    if not rows[fact]:
                        del rows[fact]
        if row is not None:
            self._standing[row.fact].append(row)


def _person(tagged: Tagged) -> str:
    return tagged.draft.person()
