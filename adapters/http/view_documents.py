"""What is answered from views, as the OpenAPI shows it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from adapters.http.documents import Count
from domain.values import (
    AgreementRef,
    Bytes32,
    Instant,
    LaCode,
    LedgerName,
    ParticipantCode,
    PurposeCode,
    SourceName,
    Strict,
)
from domain.vocabulary.codes import Slug


class Borough(Strict):
    """A borough of the partnership."""

    code: ParticipantCode
    la_code: LaCode | None
    ledger: LedgerName | None
    name: str


class Feed(Strict):
    """How complete what one source has sent is."""

    canary: Instant | None = Field(description="the last sign of life that went the whole way")
    data_to: str | None = Field(description="the last day that anything happened")
    events: Count
    gaps: tuple[tuple[int, int], ...] = Field(description="numbers that are missing, first to last")
    gaps_no_longer_listed: Count
    ledger: LedgerName
    loaded_on: Instant | None
    parked: Count = Field(description="entries that could not be folded")
    refused: Count
    source: SourceName
    withdrawn: Count


class Mapping(Strict):
    """Which mapping of factors to themes was in force."""

    digest: Bytes32
    note: str
    reference: str


class Filters(Strict):
    """What was asked for."""

    borough: ParticipantCode | SkipJsonSchema[None] = None
    year: str | SkipJsonSchema[None] = None


class Row(Strict):
    """Distinct counts of one measure in one ledger and period."""

    assessments: Count
    children: Count
    episodes: Count
    ledger: LedgerName
    measure: str
    period: str = Field(description="`2023`: the year to 31 March 2023; `2023-04`: a month")


class FactorRow(Row):
    """The same of one published column, with the codes that it counts."""

    codes: tuple[str, ...]


class ViewAnswer(Strict):
    """What every answer from a view says."""

    agreement: AgreementRef
    boroughs: tuple[Borough, ...]
    comparability: str
    erasures_since: Count
    feeds: tuple[Feed, ...]
    filters: Filters
    mapping: Mapping
    note: str
    positions: dict[LedgerName, Count] = Field(description="entries folded, by ledger")
    proof: str
    purpose: PurposeCode
    right: Literal["live"]
    rule_packs: tuple[str, ...]
    suppression: str
    view: Slug
    views_version: str


class FactorsAnswer(ViewAnswer):
    """Factors by borough, year to 31 March and published column."""

    rows: tuple[FactorRow, ...]


class LinkedFactor(Strict):
    """A factor that speaks to a theme."""

    code: str
    strength: str
    title: str


class MeasureLine(Strict):
    """One line of a measure."""

    breakdown: str
    counts: str
    share: bool


class Measure(Strict):
    """A headline measure; one that no event tells of says who could feed it."""

    code: str
    could_be_fed_by: str
    fed_by: tuple[LedgerName, ...] = Field(description="whose events have told of it")
    lines: tuple[MeasureLine, ...]
    source: Literal["events", "no source yet"]
    title: str
    unit: str


class ThemeAnswer(ViewAnswer):
    """A theme's measures by borough and month."""

    factors: tuple[LinkedFactor, ...]
    measures: tuple[Measure, ...]
    rows: tuple[Row, ...]
    title: str


class FeedsAnswer(ViewAnswer):
    """Feed health, source by source."""

    rows: tuple[Feed, ...]
