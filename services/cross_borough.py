"""Cross-borough children: how many are known to two boroughs, and in which themes.

Children are never matched here: boroughs send keyed tokens of their pupil or NHS numbers, and two
records meet where tokens are the same. So a count is what is surely shared, and never all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from domain.canonical import JsonValue
from domain.reference.factor_mapping import Theme
from domain.reference.participants import Participant
from services.answering import Answering, Found
from services.filters import Filters
from services.reading import Reading
from services.theming.asked import figures_of
from services.theming.rates import rate
from services.views import Linkable, Question, Shared, SharedChildren

VIEW = "cross-borough"
ANY_THEME: Final = "any"
LOWER_BOUND = (
    "A lower bound: a child whose number one borough does not hold, or holds otherwise, is met as "
    "two. A return has no NHS number and its pupil number is optional, so unborn children and "
    "under-fives mostly do not link: read the coverage by age beside every count."
)
KEYS = (
    "Two records meet only where their tokens were made under the same linkage key: boroughs use "
    "one key a year between them, and send last year's beside it over the turn of the year."
)


class CrossBorough:
    """Answers with the children whom two boroughs know."""

    def __init__(self, answering: Answering) -> None:
        """Answer through the desk that every view shares."""
        self._answering = answering

    def answer(self, reading: Reading, filters: Filters) -> dict[str, JsonValue]:
        """Give pairs of boroughs by theme, and of each borough's children how many can link.

        A pair has numbers only where children of both have tokens, and both tell of the theme.
        """
        self._answering.allow(reading, VIEW)
        boroughs = self._answering.boroughs()
        self._answering.boroughs(filters.borough)  # one that is not known is in no pair
        mapping, _ = self._answering.registry.mapping()
        ledgers = self._answering.ledgers()
        positions = self._answering.positions_as_of(ledgers, filters.as_of_ms())
        since, until = filters.days()
        groups = {theme.code: _cells(theme) for theme in mapping.themes}
        groups[ANY_THEME] = frozenset().union(*groups.values())
        shared = self._answering.store().shared(
            Shared(
                groups=groups,
                ledgers=ledgers,
                as_of=positions,
                occurred_from=since,
                occurred_to=until,
            )
        )
        linked = {one.ledger for one in shared.linkable if one.linkable}
        fed = self._fed(mapping.themes, positions)
        known = [
            one
            for one in shared.pairs
            if {one.first, one.second} <= linked & fed.get(one.group, frozenset())
        ]
        rows = _pairs(known, boroughs, filters.borough, list(groups))
        without: list[JsonValue] = [one.code for one in boroughs if one.ledger not in linked]
        told: dict[str, JsonValue] = {
            "coverage": _coverage(shared.linkable, boroughs),
            "keys": KEYS,
            "lower_bound": LOWER_BOUND,
            "without_tokens": without,
        }
        return self._answering.answer(reading, VIEW, Found(rows, positions, filters.texts(), told))

    def _fed(
        self, themes: Sequence[Theme], positions: Mapping[str, int]
    ) -> Mapping[str, frozenset[str]]:
        """Give the ledgers that tell of a theme at all: of others, none is no zero."""
        feeding = {theme.code: _cells(theme, feeding=True) for theme in themes}
        feeding[ANY_THEME] = frozenset().union(*feeding.values())
        asked = Question(groups=feeding, period="whole", ledgers=tuple(positions), as_of=positions)
        rows = self._answering.store().count(asked).rows
        return {
            name: frozenset(row.ledger for row in rows if row.group == name) for name in feeding
        }


def _cells(theme: Theme, *, feeding: bool = False) -> frozenset[str]:
    """Give every cell that the headlines of a theme count, or whose events make none a zero."""
    lines = [one.line for measure in theme.measures for one in figures_of(measure) if one.line]
    return frozenset().union(*(line.feeding() if feeding else line.cells for line in lines))


def _pairs(
    pairs: Sequence[SharedChildren],
    boroughs: Sequence[Participant],
    wanted: str | None,
    order: Sequence[str],
) -> list[JsonValue]:
    """Give the pairs of a borough, or all, theme by theme in their order."""
    codes = _codes(boroughs)
    found: list[JsonValue] = []
    for one in sorted(pairs, key=lambda one: (order.index(one.group), one.first, one.second)):
        first, second = codes[one.first], codes[one.second]
        if wanted in {None, first, second}:
            found.append(
                {
                    "both": one.both,
                    "either": one.either,
                    "first": first,
                    "second": second,
                    "theme": one.group,
                }
            )
    return found


def _coverage(linkable: Sequence[Linkable], boroughs: Sequence[Participant]) -> list[JsonValue]:
    """Give the share of children with a token, by borough and age band."""
    codes = _codes(boroughs)
    return [
        {
            "age_band": one.age_band,
            "borough": codes[one.ledger],
            "children": one.children,
            "linkable": one.linkable,
            "share": rate(one.linkable, one.children, 100),
        }
        for one in linkable
    ]


def _codes(boroughs: Sequence[Participant]) -> Mapping[str, str]:
    return {one.ledger: one.code for one in boroughs if one.ledger}
