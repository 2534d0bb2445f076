"""What is answered from the views beside the themes, as the OpenAPI shows it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from adapters.http.documents import Count
from adapters.http.view_documents import Filters, Flag, ViewAnswer
from domain.values import (
    AgreementRef,
    Day,
    EventId,
    Instant,
    LedgerName,
    ParticipantCode,
    PersonId,
    PurposeCode,
    SourceName,
    Strict,
)
from domain.vocabulary.codes import Slug
from domain.vocabulary.parts import AgeBand, SmallCount
from projections.indicators import Basis, Theme, Unit
from services.accesses import CURSOR
from services.views import Cause

Cursor = Annotated[str, StringConstraints(pattern=rf"^{CURSOR}$")]
Rate = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]$")]
"""To one place behind the point."""
Year = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


class Figure(Strict):
    """A number of one borough in one period, and what it is of."""

    borough: ParticipantCode
    denominator: Count | None
    flags: tuple[Flag, ...]
    numerator: Count | None
    per: Literal[100, 1000, 10000] | None
    period: str = Field(description="`2023`: the year to 31 March 2023; `2023-04`: by its month")
    period_from: Day
    period_to: Day
    rate: Rate | None


class IndicatorLine(Strict):
    """One figure of an indicator; empty code: the indicator as a whole."""

    code: str
    counts: Unit


class Indicator(Strict):
    """One indicator, and where its figures come from."""

    basis: Basis
    could_be_fed_by: str
    fed_by: tuple[ParticipantCode, ...] = Field(description="boroughs whose events told of it")
    first: bool = Field(description="one of the twelve that a meeting looks at first")
    lines: tuple[IndicatorLine, ...]
    number: SmallCount
    reported_as: tuple[Slug, ...] = Field(description="measures under which it may be reported")
    says: str = Field(description="what a reader must know of how it is computed")
    theme: Theme
    title: str


class IndicatorFigure(Figure):
    """An indicator's figure in one year to 31 March."""

    denominator_source: str | None
    indicator: SmallCount
    line: str = Field(description="of a reported figure: the measure that it was reported under")
    numerator: Count | None = Field(description="null where a source hides the count")
    source: Literal["events", "reported"]


class IndicatorsAnswer(ViewAnswer):
    """The group's indicators, computed, reported, or without a source yet."""

    indicators: tuple[Indicator, ...]
    rows: tuple[IndicatorFigure, ...]


class StrategyFigure(Figure):
    """A count of strategy discussions."""

    measure: Literal["held", "due-known", "in-time", "late", "late-reason", "late-agency"]
    value: str = Field(description="the reason or the agency; empty otherwise")


class LateKnown(Strict):
    """Whether a borough's systems say when a discussion was due."""

    borough: ParticipantCode
    source: Literal["events", "no source yet"]


class StrategyAnswer(ViewAnswer):
    """Strategy discussions: held, in time, late, and why."""

    could_be_fed_by: str
    late_known_by: tuple[LateKnown, ...]
    rows: tuple[StrategyFigure, ...]


class Number(Strict):
    """A number as an answer of the theme gave it."""

    denominator: Count | None
    numerator: Count | None
    rate: Rate | None


class Why(Strict):
    """Events that a figure counts: gained and lost between the two, by one cause."""

    cause: Cause
    gained: Count
    lost: Count


class HistoryRow(Strict):
    """One number then and now; null where the theme had none to give."""

    borough: ParticipantCode
    breakdown: str
    difference: int | None
    flags: tuple[Flag, ...] = Field(description="of the number now; of then where it has none now")
    measure: Slug
    now: Number | None
    period: str
    period_from: Day
    period_to: Day
    source: Literal["events", "reported"]
    then: Number | None
    why: tuple[Why, ...]


class Mappings(Strict):
    """The newest mapping of factors registered by each of the two times."""

    after: str | None
    before: str | None
    changed: bool


class HistoryFilters(Filters):
    """What was asked for."""

    after: str | SkipJsonSchema[None] = None
    before: str
    theme: Slug


class HistoryAnswer(ViewAnswer):
    """A theme's numbers as of two recorded times."""

    filters: HistoryFilters
    mappings: Mappings
    positions_before: dict[LedgerName, Count] = Field(description="entries counted, of then")
    rows: tuple[HistoryRow, ...]
    theme: Slug
    title: str
    why: str


class Pair(Strict):
    """Children whom two boroughs know, by linkage token."""

    both: Count = Field(description="in the theme in both boroughs")
    either: Count = Field(description="in the theme in one of them at least")
    first: ParticipantCode
    second: ParticipantCode
    theme: Slug = Field(description="a theme, or `any` of them")


class Coverage(Strict):
    """Of a borough's children of one age: how many have a token."""

    age_band: AgeBand
    borough: ParticipantCode
    children: Count
    linkable: Count
    share: Rate | None


class CrossBoroughAnswer(ViewAnswer):
    """Pairs of boroughs by theme."""

    coverage: tuple[Coverage, ...]
    keys: str
    lower_bound: str
    rows: tuple[Pair, ...]
    without_tokens: tuple[ParticipantCode, ...] = Field(
        description="boroughs of whose children met in these days none has a token: no pair of "
        "theirs has a number"
    )


class LoadRow(Strict):
    """What one load did to one kind of record."""

    corrected: Count | None
    day: Day = Field(description="the London day on which the hub recorded it")
    in_file: Count | None = Field(description="records that the last return held, as told by then")
    in_file_told: Instant | None
    in_file_year: Year | None
    kind: Literal["all", "children", "referrals", "assessments", "section-47s", "plans"]
    ledger: LedgerName
    participant: ParticipantCode
    published: Count | None
    refused: Count | None
    source: SourceName | None = Field(description="null: all systems of the borough together")
    standing: Count | None = Field(description="what stands after the load, of all loads")
    withdrawn: Count | None


class LoadsAnswer(ViewAnswer):
    """Loads of the reader's own body; of the boroughs for the partnership."""

    refusals: str
    rows: tuple[LoadRow, ...]


class Accessed(Strict):
    """One read of a view, one fetch of a sealed part, or one pack of openings for an auditor."""

    agreement: AgreementRef
    event: EventId | None
    format: Slug | None
    kind: Literal["fetch", "openings", "read"]
    ledger: LedgerName = Field(description="where it is recorded")
    made_from: tuple[LedgerName, ...]
    office: Slug | None
    opened: Count | None = Field(description="parts that were opened for an auditor")
    part: Count | None
    participant: ParticipantCode | None = Field(description="null of an auditor")
    position: Count
    purpose: PurposeCode
    reader: PersonId = Field(description="of openings the auditor whom the warrant names")
    recorded: Instant
    right: Literal["audit", "live", "own", "released"] | None
    view: Slug | None
    warrant: EventId | None = Field(description="what allowed openings")


class AccessFilters(Filters):
    """What was asked for."""

    before: Cursor | SkipJsonSchema[None] = None
    limit: str


class AccessAnswer(ViewAnswer):
    """Who read what, for which purpose, under which agreement and right."""

    filters: AccessFilters
    next: Cursor | None = Field(description="`before` of the next page; null on the last one")
    rows: tuple[Accessed, ...]
