"""What each headline measure of a theme counts: cells, and of what it is a share.

The registered mapping names the measures, their order, titles and units, and who could feed them;
here stands which cells answer to them. A measure of factors needs no entry: its cells follow from
its codes. A measure or breakdown that is not here is answered by no event: "no source yet", unless
figures are reported for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from domain.reference.factor_mapping import Measure
from projections.projection import Recurrence

Counted = Literal["events", "episodes", "children"]

ASSESSED: Final = frozenset({"factor:any"})
"""What "per 1,000 assessed" is per: episodes with factors recorded."""

WHOLE: Final = ""
"""The breakdown of a measure as a whole."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a measure: distinct events, episodes or children over a set of cells.

    `of` is what it is a share of, or per thousand of; empty for a plain count. With `recurrence`
    only events count whose child had others before. With `standing` it is no flow but a state: the
    children whose latest event in that cell, by the end of the period, is also in `cells`.
    """

    measure: str
    breakdown: str
    counted: Counted
    cells: frozenset[str]
    of: frozenset[str] = frozenset()
    recurrence: Recurrence | None = None
    standing: str | None = None
