"""A theme as a meeting asks for it: every measure in order, each number with all that goes with it.

Every number is counted as of the same positions. Every borough is read, also where one is shown:
whether nearly none is to be asked about depends on the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from domain.canonical import JsonValue
from domain.reference.factor_mapping import FactorMapping, Measure, Theme
from domain.reference.participants import Participant
from domain.reference.reference_figures import ReferenceFigures
from services.filters import DEFAULT_PERIOD, Filters
from services.periods import (
    MARCH,
    YEAR,
    Kind,
    Window,
    first_day,
    reach_back,
    shown_since,
    window_with,
    windows,
)
from services.theming import flags
from services.theming.asked import Figure, figures_of, supporting
from services.theming.breaks import breaks
from services.theming.comparators import Comparators
from services.theming.counting import Asking, CountedViews, Tally, count, spans
from services.theming.explanations import covers, explanations
from services.theming.numbers import Number, Numbers, Place
from services.theming.populations import Populations
from services.theming.reports import reports
from services.theming.rows import beside, row
from services.theming.wards import large_wards

NO_SOURCE = "no source yet"
EARLIEST = 1990 * YEAR
"""No event is older: `domain.reference.participants`."""
NEVER = Window(EARLIEST, EARLIEST)
"""Where a figure is told of nowhere."""
UNCOUNTED = Tally({}, {}, {}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What a theme is answered from beside the counts."""

    mapping: FactorMapping
    tables: Sequence[ReferenceFigures]
    boroughs: Sequence[Participant]
    positions: Mapping[str, int]


class ThemeView:
    """One theme, as of some positions, by one sort of period and at most one cut."""

    def __init__(
        self, store: CountedViews, theme: Theme, background: Background, filters: Filters
    ) -> None:
        """Count everything that the answer can show; raises QuestionRefused."""
        self._theme = theme
        self._store = store
        self._background = background
        self._filters = filters
        self._kind: Kind = filters.period or DEFAULT_PERIOD
        self._also = tuple(supporting(background.mapping, theme))
        self._wards = large_wards(background.tables) if filters.cut == "ward" else None
        self._explanations = explanations(store, background.boroughs, background.positions)
        own = {one.gss_code for one in background.boroughs if one.gss_code}
        self._comparators = Comparators(background.tables, background.mapping, own)
        self._numbers = self._counted()

    def _counted(self) -> Numbers:
        """Count, from a year before the first period that is shown."""
        background, store = self._background, self._store
        measures = (*self._theme.measures, *self._also)
        figures = [one for measure in measures for one in figures_of(measure)]
        asking = Asking(
            positions=background.positions,
            kind=self._kind,
            cut=self._filters.cut,
            until=self._filters.days()[1],
        )
        told = spans(store, figures, asking, background.mapping)
        reported = reports(store, background.boroughs, background.positions)
        reached = [*told.values(), *reported.spans()]
        last = max((one.last for one in reached), default=EARLIEST)
        first = min((one.first for one in reached), default=0)
        numbers = Numbers(self._kind, UNCOUNTED, told, reported, Populations(background.tables))
        self._shown = {one.key: self._to_show(numbers, one) for one in figures}
        told_of = (one.first for one in self._shown.values() if one != NEVER)
        shown = min(told_of, default=EARLIEST)
        since = max(first, shown - YEAR + reach_back(self._kind), EARLIEST)
        codes = {
            code
            for measure in measures
            for factor in background.mapping.retired_for(measure.factors)
            for code in (factor.code, *factor.replaced_by)
        }
        if asking.until is None:
            asking = replace(asking, until=Window(last, last).days()[1])  # where windows end
        tally = count(store, figures, asking, first_day(since), sorted(codes))
        return replace(numbers, tally=tally)

    def _to_show(self, numbers: Numbers, figure: Figure) -> Window:
        """Give the months that a figure's periods lie in, the last of them being told of.

        Each figure has its own: one that is told of no further than another does not vanish.
        """
        if self._filters.year is not None:
            march = self._filters.year * YEAR + MARCH - 1
            return Window(march, march - YEAR + 1 - reach_back(self._kind))
        told = [numbers.span(figure, borough) for borough in self._background.boroughs]
        last = max((one.last for one in told if one), default=None)
        if last is None:
            return NEVER
        return Window(window_with(self._kind, last).last, shown_since(self._kind, last))

    def document(self) -> dict[str, JsonValue]:
        """Give what a theme's answer says beside what every answer says."""
        background = self._background
        marked = breaks(
            self._store,
            self._theme,
            background.mapping,
            boroughs=background.boroughs,
            positions=background.positions,
        )
        return {
            "also": {
                "measures": [self._measure(one) for one in self._also],
                "rows": list(self.rows(self._also)),
            },
            "breaks": [{**asdict(one), "borough": one.borough or None} for one in marked],
            "factors": _factors(background.mapping, self._theme.code),
            "measures": [self._measure(one) for one in self._theme.measures],
            "period": self._kind,
            "title": self._theme.title,
        }

    def rows(self, measures: Sequence[Measure] | None = None) -> Iterator[JsonValue]:
        """Give the rows of measures, by default of the headlines, in their order."""
        for measure in self._theme.measures if measures is None else measures:
            for figure in figures_of(measure):
                for borough in self._background.boroughs:
                    if self._filters.borough in {None, borough.code}:
                        yield from self._rows(figure, borough)

    def _rows(self, figure: Figure, borough: Participant) -> Iterator[JsonValue]:
        """Give a figure's rows; its last period stands beside other areas, and so do years."""
        span = self._numbers.span(figure, borough)
        told = [
            window
            for window in (windows(self._kind, span) if span else ())
            if window.within(self._shown[figure.key])
            and not self._too_late(figure, borough, window)
        ]
        for window in told:
            compare = self._filters.cut is None and (window == told[-1] or window.is_census_year())
            for value in self._values(figure, borough):
                place = Place(figure, borough, window, value)
                now = self._numbers.at(place)
                if now is not None:
                    yield self._row(place, now, compare=compare)

    def _too_late(self, figure: Figure, borough: Participant, window: Window) -> bool:
        """Say whether a report is of days after the last that was asked for: it has no parts."""
        until = self._filters.days()[1]
        reported = self._numbers.source(figure, borough) == "reported"
        return reported and until is not None and until < window.days()[1]

    def _values(self, figure: Figure, borough: Participant) -> tuple[str, ...]:
        """Give the values of the cut to show: those that were met, wards only if large enough."""
        if self._filters.cut is None:
            return ("",)
        met = self._numbers.tally.values.get((borough.ledger or "", figure.key), ())
        return (
            met
            if self._wards is None
            else tuple(one for one in met if one.partition("@")[0] in self._wards)
        )

    def _row(self, place: Place, now: Number, *, compare: bool) -> JsonValue:
        numbers, mapping = self._numbers, self._background.mapping
        before = numbers.before(place)
        measure, borough = place.figure.measure.code, place.borough.code
        explained = self._explanations.of(self._theme.code, measure, borough, place.window)
        rule = mapping.comparability
        found = (
            *flags.jump(now, before, rule),
            *flags.near_zero(now, tuple(self._peers(place)), rule),
            *flags.retired(numbers, place, mapping),
            *flags.noted(now, [one for one in explained if covers(one, place.window)]),
        )
        compared = self._comparators.of(place.figure, place.window) if compare else ()
        return {
            **row(place, self._kind, self._filters.cut or "", now, before),
            **beside(place.window, compared, found, explained),
        }

    def _peers(self, place: Place) -> Iterator[flags.Peer]:
        """Give the same number of every other borough, where all of the period is told of."""
        if not self._whole(place):
            return
        for borough in self._background.boroughs:
            there = replace(place, borough=borough)
            if borough != place.borough and self._whole(there):
                number = self._numbers.at(there)
                if number is not None:
                    yield flags.Peer(borough.name, number)

    def _whole(self, place: Place) -> bool:
        """Say whether all of a period is told of."""
        span = self._numbers.span(place.figure, place.borough)
        return span is not None and place.window.within(span)

    def _measure(self, measure: Measure) -> JsonValue:
        """Describe a measure; one that nobody feeds says so, and who could."""
        figures = figures_of(measure)
        sources = {
            borough.ledger: {self._numbers.source(figure, borough) for figure in figures}
            for borough in self._background.boroughs
        }
        every = set().union(*sources.values())
        told: list[JsonValue] = [
            {
                "breakdown": figure.breakdown,
                "counts": figure.line.unit if figure.line else "reported",
                "share": bool(figure.line and figure.line.of),
                "title": figure.title,
            }
            for figure in figures
        ]
        return {
            "code": measure.code,
            "could_be_fed_by": measure.could_be_fed_by,
            "events": list(measure.fed_by),
            "fed_by": [ledger for ledger, found in sources.items() if found - {None}],
            "lines": told,
            "not_compared": self._comparators.why_none(
                figures,
                max((self._shown[one.key] for one in figures), default=NEVER),
                cut=self._filters.cut is not None,
            ),
            "source": next((one for one in ("events", "reported") if one in every), NO_SOURCE),
            "title": measure.title,
            "unit": measure.unit,
        }


def _factors(mapping: FactorMapping, theme: str) -> JsonValue:
    return [
        {"code": factor.code, "strength": link.strength, "title": factor.title}
        for factor in mapping.factors
        for link in factor.themes
        if link.theme == theme
    ]
