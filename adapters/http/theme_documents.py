"""What is answered of a theme, as the OpenAPI shows it: rows and all that goes with each."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from adapters.http.documents import Count
from adapters.http.view_documents import Flag, ViewAnswer
from domain.values import Day, EventId, Instant, LedgerName, ParticipantCode, Strict
from services.periods import Kind as PeriodKind
from services.views import Cut


class LinkedFactor(Strict):
    """A factor that speaks to a theme."""

    code: str
    strength: str
    title: str


class MeasureLine(Strict):
    """One line of a measure: the whole, where the breakdown is empty."""

    breakdown: str
    counts: Literal["events", "episodes", "children", "reported"]
    share: bool
    title: str


class Measure(Strict):
    """A headline measure; one that nothing tells of says who could feed it."""

    code: str
    could_be_fed_by: str
    events: tuple[str, ...] = Field(
        description="the events that can fill it; `figure-reported`: counts that a body gives"
    )
    fed_by: tuple[LedgerName, ...] = Field(description="whose events or reports tell of it")
    lines: tuple[MeasureLine, ...]
    not_compared: str | None = Field(
        description="why no other area stands beside its last period; null where one does"
    )
    source: Literal["events", "reported", "no source yet"]
    title: str
    unit: str


class YearBefore(Strict):
    """The same figure a year before."""

    numerator: Count | None
    rate: str | None


class Comparator(Strict):
    """The same rate of another area, in its latest year to 31 March that had ended by then."""

    area: str
    rate: str
    source: str
    year: int


class Explanation(Strict):
    """What the borough says of its own figure."""

    covers: bool = Field(
        description="it is of all of the figure's period; of another one it is no verdict"
    )
    event: EventId = Field(description="by which the borough takes it back")
    judgement: Literal["real", "recording", "both"]
    office: str
    period_end: Day
    period_start: Day
    recorded: Instant
    text: str
    through: Literal["hub", "source"] = Field(
        description="an office gave it to the hub itself, or a system of the borough's sent it"
    )


class ThemeRow(Strict):
    """One figure of one borough in one period."""

    borough: ParticipantCode
    breakdown: str = Field(description="empty: the measure as a whole")
    change: int | None = Field(description="the numerator less that of a year before")
    change_percent: str | None
    comparators: tuple[Comparator, ...] = Field(
        description="beside a figure's last period, and each that is a year to 31 March"
    )
    counts: Literal["events", "episodes", "children", "reported"]
    cut: Cut | Literal[""]
    denominator: Count | None
    denominator_source: str | None
    explanations: tuple[Explanation, ...]
    flags: tuple[Flag, ...]
    mark: Literal["c", "suppressed-by-source"] | None
    measure: str
    no_rate: str | None = Field(description="why there is no rate; null where there is one")
    numerator: Count | None
    per: Literal[100, 1000, 10000] | None
    period: str = Field(
        description="`2023`: the year to 31 March 2023; `2023-04`: a month, the first of a quarter,"
        " or the last of twelve"
    )
    period_from: Day
    period_to: Day
    rate: str | None
    source: Literal["events", "reported"]
    value: str = Field(description="of the attribute cut by, `unknown` where it is not said")
    year_before: YearBefore | None


class Break(Strict):
    """A day after which figures are not to be compared with those before."""

    borough: ParticipantCode | None = Field(description="null: in every borough")
    day: Day
    reason: str


class AlsoFeeding(Strict):
    """Factors and events that also feed the theme, in the shape of its measures and rows."""

    measures: tuple[Measure, ...]
    rows: tuple[ThemeRow, ...]


class ThemeAnswer(ViewAnswer):
    """A theme's measures by borough and period."""

    also: AlsoFeeding
    breaks: tuple[Break, ...]
    factors: tuple[LinkedFactor, ...]
    measures: tuple[Measure, ...]
    period: PeriodKind
    rows: tuple[ThemeRow, ...]
    title: str
