"""What every question starts with: ledgers by number, positions meant, days and cells."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from adapters.views.periods import month_of
from adapters.views.restricting import restricted, spelled
from adapters.views.schema import first_entry, place
from domain.errors import Unavailable

Bounds = Mapping[str, object]


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


def ledger_row(connection: sqlite3.Connection, ledger: str) -> tuple[int, int]:
    """Give a ledger's number and how many entries are folded; (0, 0) for one never met."""
    row = connection.execute("SELECT id, position FROM ledger WHERE name = ?", [ledger]).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def refuse_half_a_ledger(connection: sqlite3.Connection, ledger: str) -> None:
    """Raise Unavailable for a ledger that is being folded anew: nothing may look complete."""
    row = connection.execute(
        "SELECT 1 FROM ledger WHERE name = ? AND position < again_to", [ledger]
    ).fetchone()
    if row is not None:
        raise Unavailable("the view, until it is made anew after an erasure")


def asked_ledgers(
    connection: sqlite3.Connection, ledgers: Collection[str], as_of: Mapping[str, int] | None
) -> list[AskedLedger]:
    """Give the ledgers in order of name; Unavailable for positions that are not folded yet."""
    asked = as_of or {}
    found = []
    for name in sorted(ledgers):
        refuse_half_a_ledger(connection, name)
        number, folded = ledger_row(connection, name)
        size = asked.get(name, folded)
        if size > folded:
            raise Unavailable("the view at that position")
        left_out = restricted(connection, number, size)
        found.append(AskedLedger(name, number, folded, size, left_out))
    return found


def cells(connection: sqlite3.Connection, texts: Collection[str]) -> dict[str, object]:
    """Give the numbers of cells; one that no event has added to yet has none."""
    found = connection.execute(
        "SELECT id FROM word WHERE text IN (SELECT value FROM json_each(?))",
        [json.dumps(sorted(texts))],
    )
    return {"cells": json.dumps([row[0] for row in found])}


def lay_out(connection: sqlite3.Connection, name: str, columns: str) -> None:
    """Make a table of this question alone, in place of the last question's."""
    connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute(f"CREATE TEMP TABLE {name} ({columns})")
