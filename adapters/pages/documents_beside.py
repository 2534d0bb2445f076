"""What pages read of the answers beside the themes."""

from __future__ import annotations

from adapters.pages.documents import Answer, Shown


class Number(Shown):
    """A figure as of one time."""

    denominator: int | None
    numerator: int | None
    rate: str | None


class Why(Shown):
    """Events that a figure gained and lost, by why."""

    cause: str
    gained: int
    lost: int


class HistoryRow(Shown):
    """One figure then and now."""

    borough: str
    breakdown: str
    difference: int | None
    measure: str
    now: Number | None
    period: str
    period_from: str
    period_to: str
    then: Number | None
    why: tuple[Why, ...]


class Mappings(Shown):
    """Which mapping was the newest at each of two times."""

    after: str | None
    before: str | None
    changed: bool


class HistoryAnswer(Answer):
    """A theme's numbers as of two recorded times."""

    mappings: Mappings
    rows: tuple[HistoryRow, ...]
    theme: str
    title: str
    why: str


class Pair(Shown):
    """Children whom two boroughs know."""

    both: int
    either: int
    first: str
    second: str
    theme: str


class Coverage(Shown):
    """Of a borough's children of one age: how many have a token."""

    age_band: str
    borough: str
    children: int
    linkable: int
    share: str | None


class CrossBoroughAnswer(Answer):
    """Pairs of boroughs by theme."""

    coverage: tuple[Coverage, ...]
    keys: str
    lower_bound: str
    rows: tuple[Pair, ...]


class Load(Shown):
    """What one load did to one kind of record."""

    corrected: int | None
    day: str
    in_file: int | None
    kind: str
    participant: str
    published: int | None
    refused: int | None
    source: str | None
    standing: int | None
    withdrawn: int | None


class LoadsAnswer(Answer):
    """Loads of the reader's own body."""

    refusals: str
    rows: tuple[Load, ...]


class Accessed(Shown):
    """One read of a view, or one fetch of a sealed part."""

    agreement: str
    format: str | None
    made_from: tuple[str, ...]
    office: str | None
    part: int | None
    participant: str
    purpose: str
    reader: str
    recorded: str
    right: str | None
    view: str | None


class AccessAnswer(Answer):
    """Who read what, newest first, and where the next page begins."""

    next: str | None
    rows: tuple[Accessed, ...]


class Indicator(Shown):
    """One indicator, and where its figures come from."""

    basis: str
    could_be_fed_by: str
    first: bool
    number: int
    says: str
    title: str


class IndicatorFigure(Shown):
    """An indicator's figure in one year to 31 March."""

    borough: str
    denominator: int | None
    indicator: int
    line: str
    numerator: int
    per: int | None
    period: str
    rate: str | None


class IndicatorsAnswer(Answer):
    """The group's indicators."""

    indicators: tuple[Indicator, ...]
    rows: tuple[IndicatorFigure, ...]


class StrategyFigure(Shown):
    """A count of strategy discussions."""

    borough: str
    denominator: int | None
    measure: str
    numerator: int
    period_from: str
    period_to: str
    rate: str | None
    value: str


class LateKnown(Shown):
    """Whether a borough's systems say when a discussion was due."""

    borough: str
    source: str


class StrategyAnswer(Answer):
    """Strategy discussions: held, in time, late, and why."""

    could_be_fed_by: str
    late_known_by: tuple[LateKnown, ...]
    rows: tuple[StrategyFigure, ...]
