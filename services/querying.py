"""Answering a reader: the themes as a meeting asks for them, the factors as they are published."""

from __future__ import annotations

from typing import Final

from domain.canonical import JsonValue
from domain.errors import NotFound
from domain.reference.reference_figures import ReferenceFigures
from services.answering import Answering, Found
from services.feeds import aged, feed_rows
from services.filters import Filters
from services.reading import Reading
from services.theming.factors import factor_rows
from services.theming.theme import Background, ThemeView

FACTORS: Final = "factors"
FEEDS: Final = "feeds"


class Querying:
    """Reads the views for those who may."""

    def __init__(self, answering: Answering) -> None:
        """Give answers through the desk that every view shares."""
        self._answering = answering
        self._registry = answering.registry

    def factors(self, reading: Reading, filters: Filters) -> dict[str, JsonValue]:
        """Give episodes, assessments and children by borough, year and published column."""
        self._answering.allow(reading, FACTORS)
        mapping, _ = self._registry.mapping()
        self._answering.boroughs(filters.borough)  # one that is not known has no figures
        boroughs = self._answering.boroughs()
        ledgers = self._answering.ledgers()
        positions = self._answering.positions_as_of(ledgers, filters.as_of_ms())
        rows = factor_rows(self._answering.store(), mapping, boroughs, positions, filters)
        return self._answering.answer(reading, FACTORS, Found(rows, positions, filters.texts()))

    def theme(self, reading: Reading, code: str, filters: Filters) -> dict[str, JsonValue]:
        """Give a theme's headline measures, in order, by borough and period."""
        self._answering.allow(reading, code)
        mapping, _ = self._registry.mapping()
        theme = mapping.theme(code)
        if theme is None:
            raise NotFound("theme")
        self._answering.boroughs(filters.borough)  # one that is not known has no figures
        ledgers = self._answering.ledgers()
        background = Background(
            mapping=mapping,
            tables=[table for table, _ in self._registry.in_force(ReferenceFigures)],
            boroughs=self._answering.boroughs(),
            positions=self._answering.positions_as_of(ledgers, filters.as_of_ms()),
        )
        view = ThemeView(self._answering.store(), theme, background, filters)
        found = Found(list(view.rows()), background.positions, filters.texts(), view.document())
        return self._answering.answer(reading, code, found)

    def feeds(self, reading: Reading) -> dict[str, JsonValue]:
        """Give each source's health."""
        self._answering.allow(reading, FEEDS)
        folded = self._answering.every_folded()
        rows = aged(
            feed_rows(folded),
            self._registry.participants().sources,
            int(self._registry.now().timestamp() * 1000),
        )
        found = Found(rows, {one.ledger: one.position for one in folded}, folded=folded)
        return self._answering.answer(reading, FEEDS, found)
