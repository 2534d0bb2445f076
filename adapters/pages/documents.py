"""What pages read of an answer: the fields that are shown, strictly typed; others are let be."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, JsonValue


class Shown(BaseModel):
    """What is shown of a document."""

    model_config = ConfigDict(frozen=True)


class Borough(Shown):
    """A borough of the partnership."""

    code: str
    ledger: str | None
    name: str


class Feed(Shown):
    """How complete what one source has sent is."""

    canary: str | None
    data_to: str | None
    events: int
    gaps: tuple[tuple[int, int], ...]
    ledger: str
    loaded_on: str | None
    parked: int
    refused: int
    source: str
    withdrawn: int


class Mapping(Shown):
    """Which mapping of factors to themes was in force."""

    note: str
    reference: str


class Answer(Shown):
    """What every answer says beside its figures."""

    agreement: str
    as_of: str | None = None
    boroughs: tuple[Borough, ...] = ()
    erasures_since: int = 0
    feeds: tuple[Feed, ...] = ()
    filters: dict[str, str] = {}
    left_out: JsonValue = None
    mapping: Mapping | None = None
    note: str
    parked: JsonValue = None
    positions: dict[str, int]
    proof: str = ""
    purpose: str
    right: str
    rule_packs: tuple[str, ...] = ()
    suppression: str
    view: str
    views_version: str = ""

    def name_of(self, borough: str) -> str:
        """Give a borough's name by its code."""
        return next((one.name for one in self.boroughs if one.code == borough), borough)


class Before(Shown):
    """The same figure a year before."""

    numerator: int | None
    rate: str | None


class Comparator(Shown):
    """The published rate of a wider area."""

    area: str
    rate: str | None
    source: str
    year: str


class Flag(Shown):
    """Why a figure may not be compared; the letter is that of the catalogue."""

    code: str
    letter: str
    reason: str


class Explanation(Shown):
    """What a borough says of its own figure."""

    judgement: str
    office: str
    period_end: str
    period_start: str
    recorded: str
    text: str


class Row(Shown):
    """One figure: a measure, or a part of it, of one borough in one period."""

    borough: str
    breakdown: str
    change: int | None
    change_percent: str | None
    comparators: tuple[Comparator, ...]
    counts: str
    cut: str
    denominator: int | None
    denominator_source: str | None
    explanations: tuple[Explanation, ...]
    flags: tuple[Flag, ...]
    mark: str | None
    measure: str
    numerator: int | None
    per: int | None
    period: str
    period_from: str
    period_to: str
    rate: str | None
    source: str
    value: str
    year_before: Before | None


class Line(Shown):
    """One line of a measure: the whole, or a part."""

    breakdown: str
    title: str = ""


class Measure(Shown):
    """A headline measure."""

    code: str
    could_be_fed_by: str
    lines: tuple[Line, ...]
    source: str
    title: str
    unit: str

    def line_title(self, breakdown: str) -> str:
        """Give the title of a part of the measure; empty for the whole."""
        found = (one.title for one in self.lines if one.breakdown == breakdown)
        return next(found, breakdown) if breakdown else ""


class Break(Shown):
    """A day after which figures are not to be compared with those before."""

    borough: str | None
    day: str
    reason: str


class ThemeAnswer(Answer):
    """A theme's measures by borough and period."""

    breaks: tuple[Break, ...]
    measures: tuple[Measure, ...]
    period: str
    rows: tuple[Row, ...]
    title: str


class FeedsAnswer(Answer):
    """Feed health, source by source."""

    rows: tuple[Feed, ...]
