"""Factors by borough, year to 31 March and published column: what agrees with the Department's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from domain.canonical import JsonValue
from domain.reference.factor_mapping import FactorMapping
from domain.reference.participants import Participant
from services.filters import Filters
from services.theming.comparability import Compared, Row, told_months
from services.theming.counting import CountedViews
from services.theming.flags import Flag
from services.views import Counted, Question

ANY_FACTOR = "factor:any"


def factor_rows(
    store: CountedViews,
    mapping: FactorMapping,
    boroughs: Sequence[Participant],
    positions: Mapping[str, int],
    filters: Filters,
) -> list[JsonValue]:
    """Give a row for each ledger, column and year in which anything was counted.

    Every borough and year is counted, also where one is shown: the flags depend on the others.
    """
    question = Question(
        groups=_groups(mapping),
        period="year-to-march",
        ledgers=tuple(positions),
        as_of=positions,
        occurred_to=filters.days()[1],
    )
    codes = {one.ledger: one.code for one in boroughs if one.ledger}
    compared = Compared(
        kind="year-to-march",
        rule=mapping.comparability,
        boroughs=boroughs,
        told=told_months(store, {ANY_FACTOR}, boroughs, question),
    )
    counted = store.count(question).rows
    found = compared.with_flags([_episodes(one, codes[one.ledger]) for one in counted], ["measure"])
    return [
        _row(mapping, one, figure["flags"])
        for one, figure in zip(counted, found, strict=True)
        if filters.borough in {None, codes[one.ledger]} and filters.year in {None, int(one.period)}
    ]


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
    groups[mapping.episodes_column] = frozenset({ANY_FACTOR})
    for factor in mapping.factors:
        if factor.column is None:
            groups[f"code {factor.code}"] = frozenset({f"factor:{factor.code}"})
    return groups
