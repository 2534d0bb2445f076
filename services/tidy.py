"""Everything that a reader may read, answer by answer, for one long table.

Each view is decided and recorded as its own read; one that this reader may not read is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import get_args

from domain.canonical import JsonValue
from domain.errors import NotAuthorised
from services.cross_borough import CrossBorough
from services.filters import Filters
from services.indicators import Indicators
from services.periods import Kind
from services.querying import Querying
from services.reading import Reading
from services.registry import Registry
from services.strategy_discussions import StrategyDiscussions

NOTHING_TO_READ = "nothing-to-read"
Answer = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Tidy:
    """Asks for every view of figures in turn: what has periods by each sort of them."""

    querying: Querying
    indicators: Indicators
    strategy_discussions: StrategyDiscussions
    cross_borough: CrossBorough
    registry: Registry

    def answers(self, reading: Reading) -> Iterator[Answer]:
        """Give the answers; raises NotAuthorised where there is none that may be read."""
        allowed = 0
        for ask in self._asking(reading):
            try:
                answer = ask()
            except NotAuthorised as refusal:
                if refusal.reason != "agreement-does-not-cover":
                    raise
                continue
            allowed += 1
            yield answer
        if not allowed:
            raise NotAuthorised(NOTHING_TO_READ)

    def _asking(self, reading: Reading) -> Iterator[Callable[[], Answer]]:
        self.registry.refresh()
        mapping, _ = self.registry.mapping()
        for theme in mapping.themes:
            for kind in get_args(Kind):
                yield partial(self.querying.theme, reading, theme.code, Filters(period=kind))
        yield partial(self.querying.factors, reading, Filters())
        yield partial(self.indicators.answer, reading, Filters())
        for kind in get_args(Kind):
            yield partial(self.strategy_discussions.answer, reading, Filters(period=kind))
        yield partial(self.cross_borough.answer, reading, Filters())
