"""The geometry of a trend: lines, marks and labels in the chart's own units, for the SVG macro.

Series are told apart by dash and marker, shown again in the key; colour only repeats it. A gap in
the figures is a gap in the line. Flagged figures carry their letter, breaks a numbered line.
"""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adapters.http.theme_documents import ThemeAnswer, ThemeRow
from adapters.pages import wording
from adapters.pages.answers import name_of

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 54, 26, 26, 32
TICKS_WANTED = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One figure's place, and the letters of its flags."""

    x: float
    y: float
    flags: str


@dataclass(frozen=True, slots=True)
class Series:
    """One borough's line: `segments` of points without a gap."""

    number: int
    name: str
    last: str
    segments: tuple[tuple[Point, ...], ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """Give every point."""
        return tuple(point for segment in self.segments for point in segment)

    @property
    def paths(self) -> tuple[str, ...]:
        """Give each segment as the points of a polyline."""
        return tuple(" ".join(f"{one.x:g},{one.y:g}" for one in line) for line in self.segments)


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A break: a numbered line across the chart."""

    x: float
    number: int
    day: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that the macro draws, and the words beside it."""

    id: str
    title: str
    description: str
    unit: str
    series: tuple[Series, ...]
    upright: tuple[Tick, ...]
    along: tuple[Tick, ...]
    breaks: tuple[Marked, ...]


def value_of(row: ThemeRow) -> float | None:
    """Give what is drawn of a row: the rate where there is one, else the count."""
    if row.rate is not None:
        return float(Decimal(row.rate))
    return None if row.numerator is None else float(row.numerator)


def nice(top: float) -> tuple[float, float]:
    """Give a round end of the axis that holds `top`, and its step."""
    if top <= 0:
        return 1.0, 1.0
    rough = top / TICKS_WANTED
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if rough <= power * one)
    step = max(step, 1.0) if top > TICKS_WANTED else step
    return math.ceil(top / step) * step, step


def trend(id_: str, title: str, rows: Sequence[ThemeRow], answer: ThemeAnswer) -> Chart | None:
    """Draw the rows of one figure; None where there are not two periods to draw."""
    periods = sorted({row.period_to: row for row in rows}.items())
    values = [value for row in rows if (value := value_of(row)) is not None]
    if len(periods) < 2 or not values:  # noqa: PLR2004 - a line takes two points
        return None
    ends = [end for end, _ in periods]
    scale = _Scale(ends, *nice(max(values)))
    by_borough = {
        one.code: {row.period_to: row for row in rows if row.borough == one.code}
        for one in answer.boroughs
    }
    series = tuple(
        _series(number, name_of(answer, code), found, scale)
        for number, (code, found) in enumerate(by_borough.items())
        if found
    )
    unit = wording.per(next((row.per for row in rows if row.per), None))
    return Chart(
        id=id_,
        title=title,
        description=_described(title, series, [row for _, row in periods], answer.period),
        unit=unit or "count",
        series=series,
        upright=scale.upright(),
        along=scale.along([row for _, row in periods], answer.period),
        breaks=_breaks(answer, scale),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    ends: Sequence[str]
    top: float
    step: float

    def x(self, end: str) -> float:
        """Give the place of the period that ends on this day."""
        share = self.ends.index(end) / (len(self.ends) - 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        """Give the height of a value."""
        return round(HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM), 1)

    def between(self, day: str) -> float | None:
        """Give the place of a day between the first and last period's end; None outside."""
        ordinals = [datetime.date.fromisoformat(one).toordinal() for one in self.ends]
        at = datetime.date.fromisoformat(day).toordinal()
        for index, (first, second) in enumerate(itertools.pairwise(ordinals)):
            if first < at <= second:
                share = (index + (at - first) / (second - first)) / (len(ordinals) - 1)
                return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)
        return None

    def upright(self) -> tuple[Tick, ...]:
        """Give the ticks of the values."""
        steps = round(self.top / self.step)
        values = [index * self.step for index in range(steps + 1)]
        return tuple(Tick(self.y(one), f"{one:,.10g}") for one in values)

    def along(self, rows: Sequence[ThemeRow], kind: str) -> tuple[Tick, ...]:
        """Give the ticks of the periods: the first, the last, and few between."""
        every = max(1, math.ceil((len(rows) - 1) / 3))
        last = len(rows) - 1
        kept = [
            index for index in range(0, len(rows), every) if last - index >= every or index == last
        ]
        kept = sorted({*kept, last})
        return tuple(
            Tick(self.x(rows[index].period_to), wording.short_period(kind, rows[index].period_to))
            for index in kept
        )


def _series(number: int, name: str, rows: Mapping[str, ThemeRow], scale: _Scale) -> Series:
    segments: list[list[Point]] = [[]]
    last = wording.NOTHING
    for end in scale.ends:
        row = rows.get(end)
        value = None if row is None else value_of(row)
        if row is None or value is None:
            segments.append([])
            continue
        letters = "".join(sorted({flag.letter for flag in row.flags}))
        segments[-1].append(Point(scale.x(end), scale.y(value), letters))
        last = wording.decimal(row.rate) if row.rate is not None else wording.number(row.numerator)
    whole = tuple(tuple(segment) for segment in segments if segment)
    return Series(number, name, last, whole)


def _described(title: str, series: Sequence[Series], rows: Sequence[ThemeRow], kind: str) -> str:
    first, last = (
        wording.period(kind, row.period_from, row.period_to) for row in (rows[0], rows[-1])
    )
    ends = "; ".join(f"{one.name} {one.last}" for one in series)
    return f"{title}, {len(rows)} periods from {first} to {last}. At the end: {ends}."


def _breaks(answer: ThemeAnswer, scale: _Scale) -> tuple[Marked, ...]:
    found: list[Marked] = []
    for one in answer.breaks:
        x = scale.between(one.day)
        if x is not None:
            where = f" ({name_of(answer, one.borough)})" if one.borough else ""
            found.append(Marked(x, len(found) + 1, wording.day(one.day), f"{one.reason}{where}"))
    return tuple(found)
