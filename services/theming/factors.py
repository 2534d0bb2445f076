"""Factors by borough, year to 31 March and published column: what agrees with the Department's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from domain.canonical import JsonValue
from domain.reference.factor_mapping import FactorMapping
from domain.reference.participants import Participant
from projections.measures import ASSESSED, Line
from services.filters import Filters
from services.periods import Window, label, windows
from services.theming.comparability import Compared, Row
from services.theming.counting import Asking, CountedViews, line_spans, listed_since
from services.theming.flags import Flag
from services.views import Counted


def factor_rows(
    store: CountedViews,
    mapping: FactorMapping,
    boroughs: Sequence[Participant],
    positions: Mapping[str, int],
    filters: Filters,
) -> list[JsonValue]:
    """Give a row for each ledger, column and year that is told of, also where it counts none.

    Every borough and year is counted, also where one is shown: the flags depend on the others.
    """
    asking = Asking(positions=positions, kind="year-to-march", until=filters.days()[1])
    groups = _groups(mapping)
    lines = {name: Line(name, "episodes", cells, ASSESSED) for name, cells in groups.items()}
    since = {name: listed_since(_codes(mapping, name), mapping) for name in groups}
    spans = line_spans(store, lines, asking, since)
    ledgers = {one.code: one.ledger or "" for one in boroughs}
    codes = {ledger: code for code, ledger in ledgers.items()}
    compared = Compared(
        kind="year-to-march",
        rule=mapping.comparability,
        boroughs=boroughs,
        told=lambda borough, of: spans.get((ledgers[borough], str(of[0]))),
    )
    counted = _with_zeros(store.count(asking.question(groups, None)).rows, spans, mapping)
    found = compared.with_flags([_episodes(one, codes[one.ledger]) for one in counted], ["measure"])
    return [
        _row(mapping, one, figure["flags"])
        for one, figure in zip(counted, found, strict=True)
        if filters.borough in {None, codes[one.ledger]} and filters.year in {None, int(one.period)}
    ]


def _with_zeros(
    counted: Iterable[Counted], spans: Mapping[tuple[str, str], Window], mapping: FactorMapping
) -> list[Counted]:
    """Add a row of none for each published column and year that a ledger tells of.

    A column of codes that had all left the list by then has none: nobody is to file them.
    """
    found = {(one.ledger, one.group, one.period): one for one in counted}
    columns = set(mapping.columns())
    for (ledger, column), span in spans.items():
        for window in windows("year-to-march", span) if column in columns else ():
            place = (ledger, column, label("year-to-march", window))
            if place not in found and not _all_retired(mapping, column, int(place[2])):
                found[place] = Counted(*place, events=0, episodes=0, children=0)
    return [found[place] for place in sorted(found)]


def _all_retired(mapping: FactorMapping, column: str, year: int) -> bool:
    codes = mapping.codes_of_column(column)
    return bool(codes) and all(mapping.retired(code, year) for code in codes)


def _episodes(one: Counted, borough: str) -> Row:
    """Give what is compared of a column: its episodes."""
    figure: Row = {"denominator": None, "numerator": one.episodes, "per": None}
    return {**figure, "borough": borough, "measure": one.group, "period": one.period}


def _row(mapping: FactorMapping, one: Counted, found: JsonValue) -> JsonValue:
    compared = found if isinstance(found, list) else []
    return {
        "assessments": one.events,
        "children": one.children,
        "codes": list(mapping.codes_of_column(one.group)),
        "episodes": one.episodes,
        "flags": [*compared, *_retired(mapping, one)],
        "ledger": one.ledger,
        "measure": one.group,
        "period": one.period,
    }


def _retired(mapping: FactorMapping, row: Counted) -> Iterator[JsonValue]:
    """Flag a column that counts a code which had left the list by that year."""
    for code in _codes(mapping, row.group):
        factor = mapping.factor(code)
        if factor is not None and mapping.retired(code, int(row.period)):
            reason = (
                f"{code} left the code list after {factor.last_year} and is filed still. What "
                "belongs to one code may stand under another."
            )
            yield asdict(Flag("retired-code", "c", reason))


def _codes(mapping: FactorMapping, group: str) -> tuple[str, ...]:
    codes = mapping.codes_of_column(group)
    return codes or ((group.removeprefix("code "),) if group.startswith("code ") else ())


def _groups(mapping: FactorMapping) -> dict[str, frozenset[str]]:
    """Give the cells of each column; a code without one goes by its own name."""
    groups = {
        column: frozenset(f"factor:{code}" for code in mapping.codes_of_column(column))
        for column in mapping.columns()
    }
    groups[mapping.episodes_column] = ASSESSED
    for factor in mapping.factors:
        if factor.column is None:
            groups[f"code {factor.code}"] = frozenset({f"factor:{factor.code}"})
    return groups
