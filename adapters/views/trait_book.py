"""The combinations of traits that a file of views has met, each under its number.

A number is given once, so what was read stays true and only later rows are read, until something
is forgotten: then a combination that nobody has any more is empty, and the book is read anew. A
number that is not committed yet is in nobody's book, or a transaction that failed would leave it;
nor is one that a server may still lose, since a book outlives the server that it was read from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapters.views.forgetting import forgotten
from adapters.views.tables import Tables
from adapters.views.traits import TraitSeal
from projections.projection import Traits

NOTHING_SAID = Traits()


class TraitBook:
    """Numbers of one file, by one door: 0 stands for nothing said."""

    def __init__(self, seal: TraitSeal) -> None:
        """Begin with nothing read."""
        self._seal = seal
        self._by_number: dict[int, Traits] = {0: NOTHING_SAID}
        self._numbers: dict[Traits, int] = {NOTHING_SAID: 0}
        self._forgotten = 0

    def read(self, tables: Tables) -> Mapping[int, Traits]:
        """Give every combination by its number; nothing is said by one that nobody has any more."""
        self._turn_the_page(tables)
        later = tables.execute(
            "SELECT id, sealed FROM trait WHERE id > ? ORDER BY id", [len(self._by_number) - 1]
        )
        for number, sealed in later:
            traits = self._seal.open(sealed) if sealed else NOTHING_SAID
            self._by_number[number] = traits
            self._numbers.setdefault(traits, number)
        return self._by_number

    def numbers(self, tables: Tables, met: Iterable[Traits]) -> Mapping[Traits, int]:
        """Give the numbers of combinations, inside a transaction that writes; new ones get theirs.

        Numbers have no holes.
        """
        self._turn_the_page(tables)
        new = {one for one in met if one not in self._numbers}
        if not new:
            return self._numbers
        self.read(tables)
        later = sorted(new - self._numbers.keys(), key=repr)
        numbers = {traits: at for at, traits in enumerate(later, len(self._by_number))}
        if numbers:
            tables.lasting()
        tables.add(
            "trait",
            [(number, self._seal.seal(traits)) for traits, number in numbers.items()],
        )
        return {**self._numbers, **numbers}

    def _turn_the_page(self, tables: Tables) -> None:
        """Forget what was read, where something was forgotten since."""
        times = forgotten(tables)
        if times != self._forgotten:
            self._forgotten = times
            self._by_number = {0: NOTHING_SAID}
            self._numbers = {NOTHING_SAID: 0}
