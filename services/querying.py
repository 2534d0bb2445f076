"""Answering a reader: what the views count, and all that an answer must say beside it.

Every answer carries the positions it was made from, each source's freshness and gaps, the versions
of agreement, mapping and views, which suppression applied, and what was erased or parked since.
It is complete before it is recorded as read, and recorded before it leaves.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.canonical import JsonValue
from domain.errors import NotFound
from domain.reference.factor_mapping import FactorMapping
from domain.values import to_text
from projections.factors import ANY_FACTOR, factor_cell
from projections.measures import cells_of
from services.feeding import Feeds
from services.reading import Reading, ReadingDesk
from services.registry import Registry
from services.views import Counted, Counts, Period, Question, ViewStore

NOT_PERFORMANCE = (
    "Low and high counts are not performance judgements; they should be asked about, not ranked."
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which year to 31 March, and which borough; None for all."""

    year: int | None
    borough: str | None

    def texts(self) -> dict[str, str]:
        """Give the filters that were set, as text, for the record of the read."""
        found = {}
        if self.year is not None:
            found["year"] = str(self.year)
        if self.borough is not None:
            found["borough"] = self.borough
        return found
