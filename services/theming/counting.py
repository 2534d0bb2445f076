"""What events count of a theme's figures: every number of an answer, as of the same positions."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from domain.reference.factor_mapping import FactorMapping
from projections.measures import Line, Unit, begins, reach
from projections.projection import Way
from services.periods import MARCH, YEAR, Kind, Window, month_named
from services.theming.asked import Figure
from services.views import Counted, Counts, Cut, Question, ToldRow

Place: TypeAlias = tuple[str, str, str, str]
"""Ledger, a figure's key or a factor's code, period, value of the cut."""
Groups: TypeAlias = dict[str, frozenset[str]]


class CountedViews(Protocol):
    """What a theme asks of a store of views (`services.views.ViewReader` says more of each)."""

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count what is live as of the question; Unavailable for positions not folded yet."""
        ...

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Give what stands of a telling, in order of ledger and position."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What to count: whose, by which period and cut, as of when, up to which day."""

    positions: Mapping[str, int]
    kind: Kind
    cut: Cut | None = None
    until: datetime.date | None = None

    def question(self, groups: Groups, since: datetime.date | None) -> Question:
        """Ask for groups, from a day on."""
        return Question(
            groups=groups,
            period=self.kind,
            ledgers=tuple(self.positions),
            as_of=self.positions,
            occurred_from=since,
            occurred_to=self.until,
            cut=self.cut,
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers by place; what is not there is zero wherever a source reaches."""

    numerators: Mapping[Place, int]
    denominators: Mapping[Place, int]
    codes: Mapping[Place, int]
    """Episodes by code, of codes that left the list and of those that took their place."""
    values: Mapping[tuple[str, str], tuple[str, ...]]
    """The values of the cut that a figure has, by ledger and key; without a cut an empty one."""


def spans(
    store: CountedViews, figures: Sequence[Figure], asking: Asking, mapping: FactorMapping
) -> dict[tuple[str, str], Window]:
    """Give from which month to which each ledger tells of each figure; none where it does not."""
    lines = {figure.key: figure.line for figure in figures if figure.line}
    since = {figure.key: listed_since(figure.measure.factors, mapping) for figure in figures}
    return line_spans(store, lines, asking, since)


def line_spans(
    store: CountedViews, lines: Mapping[str, Line], asking: Asking, since: Mapping[str, int]
) -> dict[tuple[str, str], Window]:
    """Give from which month to which each ledger tells of each line, by ledger and its key.

    Outside of it nothing is known, and none is no zero. `since` holds the first month in which a
    line could be told of; a span that would end before is empty.
    """
    sets = {
        cells
        for line in lines.values()
        for cells in (line.feeding(), reach(line), begins(line))
        if cells
    }
    names = {cells: str(number) for number, cells in enumerate(sorted(sets, key=sorted))}
    by_month = replace(asking, kind="month", cut=None)
    groups = {name: cells for cells, name in names.items()}
    months: dict[tuple[str, str], list[int]] = {}
    for row in store.count(by_month.question(groups, None)).rows:
        months.setdefault((row.ledger, row.group), []).append(month_named(row.period))
    found = {}
    for key, line in lines.items():
        for ledger in asking.positions:
            own, begun, further = (
                months.get((ledger, names[cells]), []) if cells else []
                for cells in (line.feeding(), begins(line), reach(line))
            )
            if own:
                first = max(min(begun or own), since.get(key, 0))
                found[ledger, key] = Window(max(own + further), first)
    return found


def listed_since(codes: Iterable[str], mapping: FactorMapping) -> int:
    """Give the first month in which a factor could be filed: before, none is no zero."""
    known = [mapping.factor(code) for code in codes]
    years = [factor.first_year for factor in known if factor]
    return (min(years) - 1) * YEAR + MARCH if years else 0


def count(
    store: CountedViews,
    figures: Sequence[Figure],
    asking: Asking,
    since: datetime.date,
    codes: Iterable[str],
) -> Tally:
    """Count the figures, what they are of, and codes, from a day on."""
    lines = {figure.key: figure.line for figure in figures if figure.line}
    by_way: dict[Way | None, Groups] = {}
    for key, line in lines.items():
        by_way.setdefault(line.way, {})[key] = line.cells
    numerators: dict[Place, int] = {}
    for way, groups in by_way.items():
        rows = store.count(asking.question(groups, since), way).rows
        numerators |= {_place(row): _in_unit(row, lines[row.group].unit) for row in rows}
    bases = {key: line.of for key, line in lines.items() if line.of}
    of = store.count(asking.question(bases, since)).rows if bases else ()
    denominators = {_place(row): _in_unit(row, lines[row.group].unit) for row in of}
    filed = {code: frozenset({f"factor:{code}"}) for code in codes}
    coded = store.count(asking.question(filed, since)).rows if filed else ()
    values: dict[tuple[str, str], set[str]] = {}
    for ledger, key, _, value in (*numerators, *denominators):
        values.setdefault((ledger, key), set()).add(value)
    return Tally(
        numerators,
        denominators,
        {_place(row): row.episodes for row in coded},
        {place: tuple(sorted(found)) for place, found in values.items()},
    )


def _place(row: Counted) -> Place:
    return row.ledger, row.group, row.period, row.value


def _in_unit(row: Counted, unit: Unit) -> int:
    return {"episodes": row.episodes, "children": row.children, "events": row.events}[unit]
