"""Theme history: what a number was then, what it is now, and why it changed.

Then and now are the theme's own answers, as of the positions that each ledger had reached by two
recorded times; why is read off the entries that made events stand, or ended them, between the two.
Both are counted by the mapping of now: where another one was in force then, the answer says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from domain.canonical import JsonValue
from domain.errors import NotFound, QuestionRefused
from domain.reference.factor_mapping import FactorMapping, Theme
from domain.reference.participants import PARTNERSHIP
from domain.reference.reference_figures import ReferenceFigures
from services.answering import Answering, Found
from services.filters import DEFAULT_PERIOD, Filters
from services.reading import Reading
from services.theming.asked import Figure, figures_of
from services.theming.theme import Background, ThemeView
from services.views import Moved, Question, ViewReader

VIEW = "history"
NOT_ITS_OWN = (
    "Events that a figure counts, gained and lost. Where it looks back at earlier events, counts "
    "children or shows a share, it may change by more or less than that, and without any of them."
)
_Positions: TypeAlias = Mapping[str, int]
_Place: TypeAlias = tuple[str, str, str, str]
"""Measure, breakdown, borough and period of a row."""


@dataclass(frozen=True, slots=True)
class HistoryAsked:
    """Two recorded instants, or London days and all of them; `after` None for now."""

    before: str
    after: str | None
    filters: Filters

    def texts(self) -> dict[str, str]:
        """Give what was asked for, as text."""
        after = {} if self.after is None else {"after": self.after}
        return {**self.filters.texts(), **after, "before": self.before}


class History:
    """Answers with why the numbers of a theme changed."""

    def __init__(self, answering: Answering) -> None:
        """Answer through the desk that every view shares."""
        self._answering = answering

    def answer(self, reading: Reading, code: str, asked: HistoryAsked) -> dict[str, JsonValue]:
        """Give each number then and now, and the events that it gained and lost, by why.

        Raises QuestionRefused when the first time is the later one.
        """
        answering = self._answering
        answering.allow(reading, VIEW)
        answering.allow(reading, code)
        mapping, _ = answering.registry.mapping()
        theme = mapping.theme(code)
        if theme is None:
            raise NotFound("theme")
        answering.boroughs(asked.filters.borough)  # one that is not known has no figures
        then, now = self._positions(asked)
        background = Background(
            mapping=mapping,
            tables=[table for table, _ in answering.registry.in_force(ReferenceFigures)],
            boroughs=answering.boroughs(),
            positions=now,
        )
        rows = _Compared(answering.store(), theme, background, then, asked.filters).rows()
        told: dict[str, JsonValue] = {
            "mappings": self._mappings(asked),
            "positions_before": dict(then),
            "theme": code,
            "title": theme.title,
            "why": NOT_ITS_OWN,
        }
        texts = {**asked.texts(), "theme": code}
        found = Found(list(rows), now, texts, told, since=then)
        return answering.answer(reading, VIEW, found)

    def _positions(self, asked: HistoryAsked) -> tuple[_Positions, _Positions]:
        """Resolve both times to positions, once for each ledger."""
        ledgers = self._answering.ledgers()
        then = self._answering.positions_as_of(ledgers, _ms(asked.before))
        now = self._answering.positions_as_of(ledgers, _ms(asked.after))
        if any(then[one] > now[one] for one in ledgers):
            raise QuestionRefused("before-is-later")
        return then, now

    def _mappings(self, asked: HistoryAsked) -> JsonValue:
        """Name the newest mapping that was registered by each of the two times."""
        found: list[JsonValue] = []
        for time in (asked.before, asked.after):
            size = self._answering.positions_as_of([PARTNERSHIP], _ms(time))[PARTNERSHIP]
            found.append(self._answering.registry.newest(FactorMapping, size))
        return {"after": found[1], "before": found[0], "changed": found[0] != found[1]}


def _ms(time: str | None) -> int | None:
    return Filters(as_of=time).as_of_ms()


class _Compared:
    """One theme as of two sets of positions."""

    def __init__(
        self,
        store: ViewReader,
        theme: Theme,
        background: Background,
        then: _Positions,
        filters: Filters,
    ) -> None:
        self._store = store
        self._theme = theme
        self._background = background
        self._filters = filters
        self._then = then
        self._figures = {
            (one.measure.code, one.breakdown): one
            for measure in theme.measures
            for one in figures_of(measure)
        }

    def rows(self) -> Iterator[JsonValue]:
        """Give every row that either answer has, in the order of the theme."""
        then = self._answer(replace(self._background, positions=self._then))
        now = self._answer(self._background)
        why = self._why()
        for place in sorted({*then, *now}, key=self._order):
            was, is_now = then.get(place), now.get(place)
            row = is_now or was or {}
            measure, breakdown, borough, period = place
            yield {
                "borough": borough,
                "breakdown": breakdown,
                "difference": _difference(was, is_now),
                "flags": row.get("flags"),
                "measure": measure,
                "now": _number(is_now),
                "period": period,
                "period_from": row.get("period_from"),
                "period_to": row.get("period_to"),
                "source": row.get("source"),
                "then": _number(was),
                "why": why[place],
            }

    def _answer(self, background: Background) -> dict[_Place, Mapping[str, JsonValue]]:
        view = ThemeView(self._store, self._theme, background, self._filters)
        return {_place_of(row): row for row in view.rows() if isinstance(row, Mapping)}

    def _why(self) -> defaultdict[_Place, list[JsonValue]]:
        """Give the events that each figure gained and lost, by why."""
        cells = {figure.key: figure.line.cells for figure in self._figures.values() if figure.line}
        question = Question(
            groups=cells,
            period=self._filters.period or DEFAULT_PERIOD,
            ledgers=tuple(self._background.positions),
            as_of=self._background.positions,
            occurred_to=self._filters.days()[1],
        )
        codes = {one.ledger: one.code for one in self._background.boroughs}
        named = {figure.key: figure for figure in self._figures.values()}
        why: defaultdict[_Place, list[JsonValue]] = defaultdict(list)
        for moved in self._store.moved(question, self._then):
            place = _place_moved(moved, named[moved.group], codes[moved.ledger])
            why[place].append({"cause": moved.cause, "gained": moved.gained, "lost": moved.lost})
        return why

    def _order(self, place: _Place) -> tuple[int, int, str]:
        measure, breakdown, borough, period = place
        boroughs = [one.code for one in self._background.boroughs]
        return list(self._figures).index((measure, breakdown)), boroughs.index(borough), period


def _place_of(row: Mapping[str, JsonValue]) -> _Place:
    names = ("measure", "breakdown", "borough", "period")
    measure, breakdown, borough, period = (str(row[name]) for name in names)
    return measure, breakdown, borough, period


def _place_moved(moved: Moved, figure: Figure, borough: str) -> _Place:
    return figure.measure.code, figure.breakdown, borough, moved.period


def _number(row: Mapping[str, JsonValue] | None) -> JsonValue:
    """Give the number of a row; None where there was none to give."""
    if row is None:
        return None
    return {name: row[name] for name in ("denominator", "numerator", "rate")}


def _difference(
    then: Mapping[str, JsonValue] | None, now: Mapping[str, JsonValue] | None
) -> int | None:
    was = None if then is None else then["numerator"]
    is_now = None if now is None else now["numerator"]
    return is_now - was if isinstance(was, int) and isinstance(is_now, int) else None
