"""Querying that answers with invented answers, so that pages can be shown what seldom happens."""

from __future__ import annotations

from dataclasses import replace

from domain.canonical import JsonValue
from services.filters import Filters
from services.hub import Hub
from services.querying import Querying
from services.reading import Reading
from services.registry import Registry
from tests.adapters.pages.invented_answers import BOROUGHS, aged, envelope, theme_answer


class InventedQuerying(Querying):
    """Answers whoever asks, and records nothing."""

    registry: Registry
    empty = False

    def theme(self, reading: Reading, code: str, filters: Filters) -> dict[str, JsonValue]:
        """Give a theme's answer."""
        mapping, _ = self.registry.mapping()
        return theme_answer(mapping, code, empty=self.empty)

    def feeds(self, reading: Reading) -> dict[str, JsonValue]:
        """Give each source's health."""
        rows: list[JsonValue] = [] if self.empty else [aged(borough) for borough in BOROUGHS]
        return envelope("feeds", rows=rows, **({"feeds": []} if self.empty else {}))


class EmptyQuerying(InventedQuerying):
    """The same of a hub to which nothing has come."""

    empty = True


def invented(hub: Hub, kind: type[InventedQuerying] = InventedQuerying) -> Hub:
    """Give a hub whose views are invented."""
    querying = kind.__new__(kind)  # it asks no store, so it is given none
    querying.registry = hub.registry
    return replace(hub, querying=querying)
