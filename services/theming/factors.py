"""Factors by borough, year to 31 March and published column: what agrees with the Department's."""

from __future__ import annotations

from collections.abc import Mapping

from domain.canonical import JsonValue
from domain.reference.factor_mapping import FactorMapping
from services.filters import Filters
from services.theming.counting import CountedViews
from services.views import Question

ANY_FACTOR = "factor:any"


def factor_rows(
    store: CountedViews, mapping: FactorMapping, positions: Mapping[str, int], filters: Filters
) -> list[JsonValue]:
    """Give a row for each ledger, column and year in which anything was counted."""
    since, until = filters.days()
    question = Question(
        groups=_groups(mapping),
        period="year-to-march",
        ledgers=tuple(positions),
        as_of=positions,
        occurred_from=since,
        occurred_to=until,
    )
    return [
        {
            "assessments": one.events,
            "children": one.children,
            "codes": list(mapping.codes_of_column(one.group)),
            "episodes": one.episodes,
            "ledger": one.ledger,
            "measure": one.group,
            "period": one.period,
        }
        for one in store.count(question).rows
    ]


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
