"""Which service answers for a view that is named on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from domain.canonical import JsonValue
from services.accesses import AccessAsked
from services.filters import Filters
from services.hub import Hub
from services.reading import Reading

Answer = dict[str, JsonValue]

_VIEWS: Final[Mapping[str, Callable[[Hub, Reading, Filters], Answer]]] = {
    "access": lambda hub, why, asked: hub.others.accesses.answer(why, AccessAsked(asked.borough)),
    "cross-borough": lambda hub, why, asked: hub.others.cross_borough.answer(why, asked),
    "factors": lambda hub, why, asked: hub.querying.factors(why, asked),
    "feeds": lambda hub, why, _: hub.querying.feeds(why),
    "indicators": lambda hub, why, asked: hub.others.indicators.answer(why, asked),
    "loads": lambda hub, why, asked: hub.others.loads.answer(why, asked.borough),
    "strategy-discussions": lambda hub, why, asked: hub.others.strategy_discussions.answer(
        why, asked
    ),
}
NAMES: Final = ", ".join(_VIEWS)


def answer_of(hub: Hub, view: str, reading: Reading, filters: Filters) -> Answer:
    """Give the answer of a view by its name; what is no other view is a theme."""
    found = _VIEWS.get(view)
    return (
        hub.querying.theme(reading, view, filters)
        if found is None
        else found(hub, reading, filters)
    )
