"""What is answered from views, as the OpenAPI shows it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from adapters.http.documents import Count
from domain.values import (
    AgreementRef,
    Bytes32,
    Day,
    Instant,
    LaCode,
    LedgerName,
    ParticipantCode,
    PurposeCode,
    SourceName,
    Strict,
)
from domain.vocabulary.codes import Slug
from services.periods import Kind as PeriodKind
from services.views import Cut


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
    twice: tuple[tuple[int, int], ...] = Field(
        description="numbers that two events carry: an older store of the source was put back"
    )
    withdrawn: Count


class AgedFeed(Feed):
    """The same, with how old its sign of life is by the hub's clock."""

    at: Instant = Field(description="by which its age is told")
    canary_age_s: Count | None = Field(description="seconds since the last sign of life")
    quiet: bool | None = Field(description="older than its rhythm; null where it has none")
    rhythm_hours: Count | None = Field(description="how often it should give one, as registered")


class ReadBy(Strict):
    """For which office the answer was given."""

    office: Slug
    participant: ParticipantCode


class Registered(Strict):
    """By what reference data, rights and agreements the answer was made."""

    day: Day = Field(description="what was in force on this London day")
    entries: Count = Field(
        description="of the partnership's ledger, up to the last that registered anything"
    )


class Mapping(Strict):
    """Which mapping of factors to themes was in force."""

    digest: Bytes32
    note: str
    reference: str


class Filters(Strict):
    """What was asked for."""

    as_of: str | SkipJsonSchema[None] = None
    borough: ParticipantCode | SkipJsonSchema[None] = None
    cut: Cut | SkipJsonSchema[None] = None
    occurred_to: Day | SkipJsonSchema[None] = None
    period: PeriodKind | SkipJsonSchema[None] = None
    year: str | SkipJsonSchema[None] = None


class ViewAnswer(Strict):
    """What every answer from a view says."""

    agreement: AgreementRef
    as_of: str | None = Field(description="the recorded instant or day that was asked for")
    boroughs: tuple[Borough, ...]
    erasures_since: Count
    feeds: tuple[Feed, ...]
    filters: Filters
    folded: dict[LedgerName, Count] = Field(
        description="entries of which feeds, parked and left out tell, by ledger"
    )
    left_out: dict[LedgerName, Count] = Field(
        description="events shared for other purposes than the views', where there are any"
    )
    mapping: Mapping
    note: str
    parked: dict[LedgerName, Count] = Field(
        description="entries that could not be folded, where there are any"
    )
    policy: None = Field(description="of small numbers: none, since live figures are not hidden")
    positions: dict[LedgerName, Count] = Field(description="entries folded, by ledger")
    proof: Literal["unwitnessed", "witnessed"] = Field(
        description="witnessed: a published checkpoint with its quorum covers all this stands on"
    )
    purpose: PurposeCode
    read_by: ReadBy
    registered: Registered
    right: Literal["live"]
    rule_packs: tuple[str, ...]
    suppression: str
    view: Slug
    views_version: str


class Flag(Strict):
    """Why a figure is not to be compared without asking."""

    code: Literal["jump", "near-zero", "retired-code", "note"]
    letter: Literal["a", "b", "c", "d"]
    reason: str


class FactorRow(Strict):
    """Distinct counts of one published column in one ledger and year, with the codes it counts."""

    assessments: Count
    children: Count
    codes: tuple[str, ...]
    episodes: Count
    flags: tuple[Flag, ...] = Field(description="of the episodes")
    ledger: LedgerName
    measure: str
    period: str = Field(description="`2023`: the year to 31 March 2023")


class FactorsAnswer(ViewAnswer):
    """Factors by borough, year to 31 March and published column."""

    rows: tuple[FactorRow, ...]


class FeedsAnswer(ViewAnswer):
    """Feed health, source by source."""

    rows: tuple[AgedFeed, ...]
