"""What every question starts with: ledgers by number, positions meant, days and cells."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from adapters.views.periods import month_of
from adapters.views.restricting import restricted, spelled
from adapters.views.schema import first_entry, place
from adapters.views.tables import Tables
from domain.errors import Unavailable

Bounds = Mapping[str, object]

_MOST_PARAMETERS = 500
_NUMBERS = "SELECT id FROM word WHERE text IN ({})"


@dataclass(frozen=True, slots=True)
class AskedLedger:
    """One ledger of a question: its number here (0 when never met), and as of how many entries."""

    name: str
    number: int
    folded: int
    size: int
    restricted: tuple[int, ...] = ()
    """Whom it leaves out: the numbers of subjects, in order."""

    def bounds(self) -> dict[str, object]:
        """Give the first and last entry, and the size."""
        return {
            "first": first_entry(self.number),
            "last": first_entry(self.number + 1) - 1,
            "size": self.size,
            "restricted": spelled(self.restricted),
        }

    def between(self, first: date | None, last: date | None) -> dict[str, object]:
        """Give the bounds of days, both included, and of the places in which they are."""
        first, last = first or date.min, last or date.max
        return {
            "first_day": first.toordinal(),
            "last_day": last.toordinal(),
            "first_place": place(self.number, month_of(first)),
            "last_place": place(self.number, month_of(last)),
        }


def ledger_row(tables: Tables, ledger: str) -> tuple[int, int]:
    """Give a ledger's number and how many entries are folded; (0, 0) for one never met."""
    row = tables.execute("SELECT id, position FROM ledger WHERE name = ?", [ledger]).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def refuse_half_a_ledger(tables: Tables, ledger: str) -> None:
    """Raise Unavailable for a ledger that is being folded anew: nothing may look complete."""
    row = tables.execute(
        "SELECT 1 FROM ledger WHERE name = ? AND position < again_to", [ledger]
    ).fetchone()
    if row is not None:
        raise Unavailable("the view, until it is made anew after an erasure")


def asked_ledgers(
    tables: Tables, ledgers: Collection[str], as_of: Mapping[str, int] | None
) -> list[AskedLedger]:
    """Give the ledgers in order of name; Unavailable for positions that are not folded yet."""
    asked = as_of or {}
    found = []
    for name in sorted(ledgers):
        refuse_half_a_ledger(tables, name)
        number, folded = ledger_row(tables, name)
        size = asked.get(name, folded)
        if size > folded:
            raise Unavailable("the view at that position")
        left_out = restricted(tables, number, size)
        found.append(AskedLedger(name, number, folded, size, left_out))
    return found


def cells(tables: Tables, texts: Collection[str]) -> dict[str, object]:
    """Give the numbers of cells; one that no event has added to yet has none."""
    found = [
        row[0]
        for marks, some in cut(sorted(texts))
        for row in tables.execute(_NUMBERS.format(marks), some)
    ]
    return {"cells": json.dumps(found)}


def cut(values: Collection[object]) -> Iterator[tuple[str, Sequence[object]]]:
    """Cut values into lists that one statement takes, each with its question marks."""
    every = list(values)
    for start in range(0, len(every), _MOST_PARAMETERS):
        some = every[start : start + _MOST_PARAMETERS]
        yield ",".join("?" * len(some)), some
