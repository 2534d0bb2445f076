"""Which wards are large enough to be shown apart: by registered populations and their floor."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import QuestionRefused
from domain.reference.reference_figures import ReferenceFigures

KEY_COLUMNS = ("year", "ward_code")


def large_wards(tables: Sequence[ReferenceFigures]) -> frozenset[str]:
    """Give the wards whose latest population reaches the floor of their table.

    Raises QuestionRefused where no table of wards with a floor is registered: a count of a small
    ward can be a child whom the neighbours know.
    """
    found = [one for one in tables if one.key_columns == KEY_COLUMNS and one.smallest_population]
    if not found:
        raise QuestionRefused("ward-populations-not-registered")
    return frozenset(ward for table in found for ward in _large(table))


def _large(table: ReferenceFigures) -> frozenset[str]:
    (column, *_) = table.figure_columns()
    wards = {key for cells in table.rows for key in [cells[table.columns.index("ward_code")]]}
    latest = str(table.latest_year)
    people = {ward: table.count(latest, ward, column=column) for ward in wards}
    floor = table.smallest_population or 0
    return frozenset(ward for ward, count in people.items() if count and count >= floor)
