"""What is answered from releases, as the OpenAPI shows it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from adapters.http.documents import Count
from adapters.http.view_documents import Borough
from domain.reference.releases import Loss, Month, Release, SourceState, Table
from domain.values import AgreementRef, Bytes32, LedgerName, PurposeCode, Strict
from domain.vocabulary.codes import Slug

Proof = Annotated[
    Literal["unwitnessed", "witnessed"],
    Field(
        description="witnessed: a published checkpoint with its quorum covers all this stands on"
    ),
]


class ReleaseFilters(Strict):
    """What was asked for."""

    release: Month | SkipJsonSchema[None] = None
    table: Slug | SkipJsonSchema[None] = None


class ReleaseRead(Strict):
    """By which agreement and right releases are read: what every answer of them says."""

    agreement: AgreementRef
    as_of: None = Field(description="a release is of its own positions alone")
    filters: ReleaseFilters
    note: str
    purpose: PurposeCode
    right: Literal["live", "released"]
    view: Literal["releases"]


class ReleaseMapping(Strict):
    """Which mapping of factors to themes a release follows."""

    note: str
    reference: str


class StandsOn(Strict):
    """What the figures of one release stand on: fixed with it, but for what was erased since."""

    digest: Bytes32 = Field(description="SHA-256 of the release's bytes")
    erasures_since: Count
    feeds: tuple[SourceState, ...] = Field(description="each source, when the release was made")
    mapping: ReleaseMapping
    policy: Slug = Field(description="by which small numbers are hidden")
    positions: dict[LedgerName, Count] = Field(description="entries counted, by ledger")
    proof: Proof
    registered_tables: str
    rule_packs: tuple[str, ...]
    suppression: str
    views_version: str


class ReleaseSummary(StandsOn):
    """One release, what it does not show, and what it stands on."""

    hidden: Count
    hidden_of_100: str
    loss: Loss
    name: Month
    shown: Count
    tables: tuple[Slug, ...]


class ReleasesAnswer(ReleaseRead):
    """Every release, the newest first: documents, each with what its figures stand on."""

    about: str
    proof: Proof
    releases: tuple[ReleaseSummary, ...]


class OfRelease(ReleaseRead, StandsOn):
    """What is said beside the figures of a release."""

    boroughs: tuple[Borough, ...]
    loss: Loss


class ReleaseAnswer(OfRelease):
    """A whole release; its exact bytes are the canonical JSON of `release`."""

    release: Release


class ReleaseTableAnswer(OfRelease):
    """One table of a release; the flags of comparability stand in its series."""

    table: Table
