"""A theme's answer as its page shows it: measure by measure, the last period's table and trends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.http.theme_documents import Comparator, Measure, ThemeAnswer, ThemeRow
from adapters.pages import wording
from adapters.pages.answers import name_of, part_of
from adapters.pages.charts import Chart, trend
from adapters.pages.findings import latest
from domain.reference.factor_mapping import REPORTED


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a measure's table."""

    part: str
    borough: str
    borough_name: str
    row: ThemeRow
    earlier: str = ""
    """Its period, where it ended before that of the table."""

    @property
    def count(self) -> str:
        """Say the count, or what stands in its place."""
        if self.row.mark == "c":
            return "c"
        return "hidden at source" if self.row.mark else wording.number(self.row.numerator)

    @property
    def letters(self) -> str:
        """Give the letters of its flags."""
        return ", ".join(sorted({flag.letter for flag in self.row.flags}))


@dataclass(frozen=True, slots=True)
class Trend:
    """A chart and the periods that it is drawn from, newest first, a row each."""

    chart: Chart
    boroughs: tuple[str, ...]
    periods: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One measure on its theme's page."""

    measure: Measure
    period: str
    figures: tuple[Figure, ...]
    comparators: tuple[Comparator, ...]
    missing: tuple[str, ...]
    """The boroughs that have no figure in that period, or not of every part."""
    trends: tuple[Trend, ...]

    @property
    def fed(self) -> bool:
        """Say whether there is anything to show."""
        return bool(self.figures)

    @property
    def has_parts(self) -> bool:
        """Say whether the table needs a column for parts or values."""
        return any(one.part for one in self.figures)

    @property
    def areas(self) -> tuple[tuple[str, int], ...]:
        """Give the areas compared with and their years, in the order of the answer."""
        return tuple((one.area, one.year) for one in self.comparators)

    @property
    def whole_alone(self) -> bool:
        """Say whether other areas stand beside some of these figures and not beside the others."""
        return bool(self.comparators) and any(not one.row.comparators for one in self.figures)

    @property
    def beside(self) -> tuple[tuple[str, str], ...]:
        """Name the areas compared with, by the year and source that they share."""
        origins: dict[str, list[str]] = {}
        for one in self.comparators:
            origins.setdefault(f"year to 31 March {one.year}, {one.source}", []).append(one.area)
        return tuple((wording.listed(areas), origin) for origin, areas in origins.items())

    @property
    def per(self) -> str:
        """Say what its rates are per."""
        return wording.per(next((one.row.per for one in self.figures if one.row.per), None))

    @property
    def fed_by(self) -> str:
        """Say which events and reports feed these figures."""
        sources = {one.row.source for one in self.figures}
        events = [
            wording.spelt(one).lower()
            for one in self.measure.events
            if one != REPORTED and "events" in sources
        ]
        reported = ["counts that a body reported"] if "reported" in sources else []
        return wording.listed([*events, *reported])

    @property
    def without_rate(self) -> tuple[tuple[str, str], ...]:
        """Say why figures have no rate: of which, empty where it is so of all, and why."""
        why: dict[str, list[str]] = {}
        for one in self.figures:
            if one.row.no_rate:
                name = f"{one.borough_name} ({one.part})" if one.part else one.borough_name
                why.setdefault(one.row.no_rate, []).append(name)
        return tuple(
            ("" if len(of) == len(self.figures) else wording.listed(of), reason)
            for reason, of in why.items()
        )

    @property
    def denominators(self) -> tuple[str, ...]:
        """Name what the rates are of."""
        sources = (one.row.denominator_source for one in self.figures)
        return tuple(dict.fromkeys(one for one in sources if one))


def shown(answer: ThemeAnswer) -> tuple[Shown, ...]:
    """Give every measure of a theme, in the order in which the meeting asks."""
    return tuple(_measure(answer, measure, answer.rows) for measure in answer.measures)


def shown_also(answer: ThemeAnswer) -> tuple[Shown, ...]:
    """Give what also feeds the theme, as far as it has figures."""
    also = answer.also
    found = (_measure(answer, measure, also.rows) for measure in also.measures)
    return tuple(one for one in found if one.fed)


def _measure(answer: ThemeAnswer, measure: Measure, every: Sequence[ThemeRow]) -> Shown:
    rows = [row for row in every if row.measure == measure.code]
    now = in_order(latest(rows))
    last = max(now, key=lambda row: row.period_to, default=None)
    return Shown(
        measure=measure,
        period=_period(answer, last) if last else "",
        figures=tuple(_figure(answer, measure, row, last) for row in now),
        comparators=tuple({one.area: one for row in now for one in row.comparators}.values()),
        missing=tuple(_missing(answer, measure, now)),
        trends=_trends(answer, measure, [row for row in rows if not row.cut]),
    )


def in_order(rows: Sequence[ThemeRow]) -> list[ThemeRow]:
    """Put the ages of each figure from the youngest; whatever is cut otherwise stays as it is."""
    places = list(dict.fromkeys((row.breakdown, row.borough) for row in rows))
    return sorted(
        rows, key=lambda row: (places.index((row.breakdown, row.borough)), wording.age(row.value))
    )


def _figure(answer: ThemeAnswer, measure: Measure, row: ThemeRow, last: ThemeRow | None) -> Figure:
    earlier = last is not None and row.period_to < last.period_to
    return Figure(
        part=_part(measure, row),
        borough=row.borough,
        borough_name=name_of(answer, row.borough),
        row=row,
        earlier=_period(answer, row) if earlier else "",
    )


def _period(answer: ThemeAnswer, row: ThemeRow) -> str:
    return wording.period(answer.period, row.period_from, row.period_to)


def _missing(answer: ThemeAnswer, measure: Measure, now: Sequence[ThemeRow]) -> Iterator[str]:
    """Name each borough without a figure, and of which parts where it has others."""
    lines = dict.fromkeys(row.breakdown for row in now)
    for one in answer.boroughs:
        there = {row.breakdown for row in now if row.borough == one.code}
        if not there:
            yield one.name
        elif lost := [part_of(measure, line) or "all" for line in lines if line not in there]:
            yield f"{one.name} ({wording.listed(lost)})"


def _part(measure: Measure, row: ThemeRow) -> str:
    value = wording.spelt(row.value) if row.cut else ""
    return ", ".join(one for one in (part_of(measure, row.breakdown), value) if one)


def _trends(answer: ThemeAnswer, measure: Measure, rows: Sequence[ThemeRow]) -> tuple[Trend, ...]:
    found = []
    for part in dict.fromkeys(row.breakdown for row in rows):
        mine = [row for row in rows if row.breakdown == part]
        title = ": ".join(one for one in (measure.title, part_of(measure, part)) if one)
        chart = trend(f"{measure.code}-{part or 'whole'}", title, mine, answer)
        if chart is not None:
            found.append(Trend(chart, *_table(answer, mine)))
    return tuple(found)


def _table(
    answer: ThemeAnswer, rows: Sequence[ThemeRow]
) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    boroughs = [one for one in answer.boroughs if any(row.borough == one.code for row in rows)]
    by_place = {(row.period_to, row.borough): row for row in rows}
    periods = {row.period_to: row for row in rows}
    table = tuple(
        (
            _period(answer, row),
            tuple(_cell(by_place.get((end, one.code))) for one in boroughs),
        )
        for end, row in sorted(periods.items(), reverse=True)
    )
    return tuple(one.name for one in boroughs), table


def _cell(row: ThemeRow | None) -> str:
    if row is None:
        return "no figure"
    if row.mark:
        return "c" if row.mark == "c" else "hidden at source"
    said = wording.decimal(row.rate) if row.rate is not None else wording.number(row.numerator)
    letters = "".join(sorted({flag.letter for flag in row.flags}))
    return f"{said} ({letters})" if letters else said
