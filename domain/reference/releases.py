"""A release: fixed, published tables in which small numbers cannot be worked out.

It is registered by its exact bytes like other documents, and so can be read again for ever, byte
for byte. A cell is text, as in published figures: a number, or `c`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.errors import Fault
from domain.reference.dated import Document, Slug, Title, doubled, fault
from domain.values import Day, Instant, LedgerName, ParticipantCode, SourceName, Strict

RELEASE_PREFIX = "release-"

Month = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
"""The month of a release, by which it is asked for: `2026-11`."""

HIDDEN = "c"
NONE = ""
Cell = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,9}(\.[0-9])?|c)?$")]
"""A number, `c` for one that is not shown, or nothing where there is none."""

Change = Annotated[str, StringConstraints(pattern=r"^(-?[0-9]{1,9}|c)?$")]
"""The number less that of a year before: nothing where one of them is none, `c` where one is."""

Counts = Literal["events", "episodes", "children", "reported"]
Per = Literal[100, 1000]
Count = Annotated[int, Field(ge=0, le=9_999_999)]


class Flagged(Strict):
    """Why a figure is not to be compared without asking, worked out from what is shown alone."""

    code: Literal["jump", "near-zero", "retired-code", "note"]
    letter: Literal["a", "b", "c", "d"]
    period: str
    reason: Annotated[str, StringConstraints(max_length=400)]


class SourceState(Strict):
    """How far one source had come when the release was made, and what of it was missing."""

    data_to: Day | None
    """The last day on which anything happened that it had sent."""
    gaps: tuple[tuple[int, int], ...]
    """Numbers of its own count that were missing, first to last."""
    ledger: LedgerName
    loaded_on: Instant | None
    parked: Count
    """Entries that could not be folded."""
    source: SourceName


class Series(Strict):
    """One figure of one borough, or of two, period by period in the order of the table's periods.

    Children whom two boroughs know are broken down by theme, `any` of them among these.
    """

    borough: ParticipantCode
    breakdown: Annotated[str, StringConstraints(max_length=63)]
    changes: tuple[Change, ...]
    counts: Counts
    denominators: tuple[Cell, ...] = ()
    """What it is a share of; empty where it is none."""
    flags: tuple[Flagged, ...] = ()
    measure: Slug
    numerators: tuple[Cell, ...]
    other: ParticipantCode | None = None
    """The other borough of a pair."""
    part_told: tuple[str, ...] = ()
    """Periods of which not every month is told of: they are counted so far, and not compared."""
    per: Per | None = None
    rates: tuple[Cell, ...] = ()


class Table(Strict):
    """One registered table: its periods, and a series for each figure and borough."""

    code: Slug
    periods: tuple[str, ...]
    """Years to 31 March, `2023`, then quarters by their first month, `2023-04`."""
    series: tuple[Series, ...]
    theme: Slug | None
    """None: across all themes."""
    title: Title


class Loss(Strict):
    """What hiding cost: figures, each counted once in however many tables it stands."""

    beside: Count
    """Hidden so that another could not be worked out."""
    changed: Count
    """Hidden since they moved by 1 to 5 since an earlier release."""
    given_away: Count
    """Of the hidden ones, those that others' published figures give away all the same."""
    shown: Count
    size_known: Count
    small: Count
    """Hidden since they are from 1 to 5."""

    def hidden(self) -> int:
        """Give how many figures are hidden."""
        return self.beside + self.changed + self.small

    def share(self) -> str:
        """Give how many of a hundred figures are hidden, to one decimal place."""
        return per_text(self.hidden(), self.hidden() + self.shown, 100) or "0.0"


class Position(Strict):
    """How far one ledger was read."""

    ledger: LedgerName
    position: Annotated[int, Field(ge=0, le=2**53 - 1)]


class Release(Document):
    """One release. Its name is `release-` and its month; there is one version of it, ever."""

    feeds: tuple[SourceState, ...]
    kind: Literal["release"]
    loss: Loss
    mapping: str
    month: Month
    policy: Slug
    positions: tuple[Position, ...]
    registered_tables: str
    """Which list of tables it follows, by name and version."""
    rule_packs: tuple[str, ...]
    tables: tuple[Table, ...]
    views_version: str

    def suppression(self) -> str:
        """Say by which rules small numbers are hidden, and what that cost."""
        return f"{self.policy}: {self.loss.hidden()} figures hidden, {self.loss.shown} shown"

    def table(self, code: str) -> Table | None:
        """Give a table by its code."""
        return next((table for table in self.tables if table.code == code), None)

    def rules(self) -> Iterator[Fault]:
        """Give what does not hold together between name, month, periods and series."""
        yield from super().rules()
        if self.name != RELEASE_PREFIX + self.month or self.version != 1:
            yield fault("name", "not-its-month")
        yield from doubled((table.code for table in self.tables), "tables.{}.code")
        for index, table in enumerate(self.tables):
            for at, series in enumerate(table.series):
                lengths = {len(cells) for cells in _filled(series)}
                if lengths != {len(table.periods)}:
                    yield fault(f"tables.{index}.series.{at}", "another-length")


def _filled(series: Series) -> Sequence[tuple[str, ...]]:
    parts = (series.denominators, series.rates)
    return [series.numerators, series.changes, *(cells for cells in parts if cells)]


def per_text(part: int, whole: int, per: int) -> str | None:
    """Give part per `per` of whole, to one decimal place, half away from zero; None per none."""
    if whole == 0:
        return None
    tenths = (2 * part * per * 10 + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"
