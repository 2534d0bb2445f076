"""One number of a theme: how many, of how many, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from domain.reference.participants import Participant
from services.periods import Kind, Window, label
from services.theming.asked import Figure
from services.theming.counting import Tally
from services.theming.populations import PER, Populations
from services.theming.rates import rate
from services.theming.reports import Reports, Sum

Source = Literal["events", "reported"]
HIDDEN = "suppressed-by-source"
_PER_THOUSAND, _PER_CENT = 1000, 100

NOT_A_RATE = "a count by nature: the registered mapping names nothing that it is a rate of"
NOT_CUT = "populations are not registered by attribute"
NOBODY = "nothing to divide by: there is nobody that it is a share of"
HIDDEN_COUNT = "its source hides the count"


@dataclass(frozen=True, slots=True)
class Number:
    """A count, what it is of, and the rate of the two; None where it is not known."""

    source: Source
    numerator: int | None
    denominator: int | None = None
    denominator_source: str | None = None
    per: int | None = None
    notes: tuple[str, ...] = ()
    without: str = NOT_A_RATE
    """Why there is no denominator, where there is none."""

    @property
    def mark(self) -> str | None:
        """Give what stands in place of a number that the source hides."""
        return HIDDEN if self.numerator is None else None

    @property
    def rate(self) -> str | None:
        """Give the rate as text."""
        if self.numerator is None or self.denominator is None or self.per is None:
            return None
        return rate(self.numerator, self.denominator, self.per)

    @property
    def no_rate(self) -> str | None:
        """Say why there is no rate; None where there is one."""
        if self.rate is not None:
            return None
        if self.numerator is None:
            return HIDDEN_COUNT
        return NOBODY if self.denominator == 0 else self.without


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands: a figure of a borough in a period, and the value of the cut."""

    figure: Figure
    borough: Participant
    window: Window
    value: str = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Every number that one answer can show, as of the same positions.

    `spans` says from which month to which a ledger's events tell of a figure.
    """

    kind: Kind
    tally: Tally
    spans: Mapping[tuple[str, str], Window]
    reports: Reports
    populations: Populations

    def span(self, figure: Figure, borough: Participant) -> Window | None:
        """Give the months that anything is known of; events go before reports."""
        told = self.spans.get((borough.ledger or "", figure.key))
        if told is None and figure.reported_as is not None:
            return self.reports.span(borough.code, figure.reported_as)
        return told

    def source(self, figure: Figure, borough: Participant) -> Source | None:
        """Say whether events or reports tell of a figure; None where nothing does."""
        if (borough.ledger or "", figure.key) in self.spans:
            return "events"
        return "reported" if self.span(figure, borough) else None

    def at(self, place: Place) -> Number | None:
        """Give the number at a place; None where no source tells of it."""
        source = self.source(place.figure, place.borough)
        if source == "events":
            return self._counted(place)
        if source == "reported" and not place.value:
            return self._reported(place)
        return None

    def before(self, place: Place) -> Number | None:
        """Give the number a year before, where all of that period is told of."""
        earlier = place.window.year_before()
        span = self.span(place.figure, place.borough)
        if span is None or not place.window.within(span) or not earlier.within(span):
            return None
        return self.at(Place(place.figure, place.borough, earlier, place.value))

    def _counted(self, place: Place) -> Number:
        line = place.figure.line
        named = label(self.kind, place.window)
        at = (place.borough.ledger or "", place.figure.key, named, place.value)
        numerator = self.tally.numerators.get(at, 0)
        if line is None or not line.of:
            return self._per_population(place, Number("events", numerator))
        thousand = place.figure.measure.unit == "per-1000-assessed"
        return Number(
            source="events",
            numerator=numerator,
            denominator=self.tally.denominators.get(at, 0),
            denominator_source=f"{line.of_what}, the same period",
            per=_PER_THOUSAND if thousand else _PER_CENT,
        )

    def _per_population(self, place: Place, count: Number) -> Number:
        """Set a count beside the children who live there; a cut has no population of its own."""
        table = place.figure.population
        if table is None or place.value:
            return replace(count, without=NOT_CUT if table else NOT_A_RATE)
        last_day = place.window.days()[1]
        people = self.populations.at(table, place.borough.gss_code, last_day)
        if people is None:
            missing = f"no denominator is registered for {last_day.year}: {table}"
            return replace(count, without=missing)
        return replace(count, denominator=people.people, denominator_source=people.source, per=PER)

    def _reported(self, place: Place) -> Number | None:
        name = place.figure.reported_as or ""
        total = self.reports.total(place.borough.code, name, place.window)
        return None if total is None else self._of_report(place, total)

    def _of_report(self, place: Place, total: Sum) -> Number:
        """Give a report's number: of what it says itself, else of the children who live there."""
        share = place.figure.measure.unit == "share"
        if total.denominator is not None and (share or total.parts == 1):
            return Number(
                source="reported",
                numerator=total.numerator,
                denominator=total.denominator,
                denominator_source=total.denominator_source,
                per=_PER_CENT if share else None,
                notes=total.notes,
            )
        return self._per_population(place, Number("reported", total.numerator, notes=total.notes))
