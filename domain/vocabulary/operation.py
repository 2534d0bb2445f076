"""The hub's own events of running: reads, refusals, parked streams, releases, incidents."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from domain.values import (
    AgreementRef,
    Bytes32,
    Day,
    EventId,
    Instant,
    LedgerName,
    ParticipantCode,
    PersonId,
    Pseudonym,
    PurposeCode,
    Sequence,
    SourceName,
    Strict,
)
from domain.vocabulary.codes import Slug
from domain.vocabulary.data_quality import PartNumber
from domain.vocabulary.order import ASCENDING, ascending, ascending_by
from domain.vocabulary.parts import Count, FactsPart, Kind, Text

Position = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""An event's place in a ledger: 0, 1, 2 … with no gaps."""


ViewsVersion = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9 /-]{0,1999}$")]
"""The views' format and every projection, each with its version."""


class LedgerPosition(Strict):
    """How far one ledger was read."""

    ledger: LedgerName
    position: Position = Field(description="events read: the place of the next one")


Positions = Annotated[
    tuple[LedgerPosition, ...],
    Field(max_length=64, json_schema_extra={"uniqueItems": True, "x-ascending": "ledger"}),
    AfterValidator(ascending_by("ledger")),
]
"""How far each ledger was read, one entry a ledger, in their names' order."""

Slugs = Annotated[
    tuple[Slug, ...], Field(max_length=32, json_schema_extra=ASCENDING), AfterValidator(ascending)
]
Codes = Annotated[
    tuple[Slug, ...],
    Field(min_length=1, max_length=32, json_schema_extra=ASCENDING),
    AfterValidator(ascending),
]
"""Why something was refused: one code at least."""


class AgreementSuspended(Kind, name="agreement-suspended", about_a_person=False):
    """A body stopped an agreement: nothing more is taken or shown under it."""

    class Facts(FactsPart):
        agreement: AgreementRef = Field(description="which")
        by_office: Slug = Field(description="the office that decided")
        by_participant: ParticipantCode = Field(description="the body that stopped it")
        effective_from: Instant = Field(description="from when on")
        reason: Text | None = Field(default=None, description="why, in words that name no person")


class ReadFacts(FactsPart):
    """Who read, for what, and who said that they may."""

    agreement: AgreementRef = Field(description="the agreement that allowed it")
    participant: ParticipantCode = Field(description="the reader's body")
    purpose: PurposeCode = Field(description="what for")
    reader: PersonId = Field(description="the reader, as signed in")


class ViewRead(Kind, name="view-read", about_a_person=False):
    """Somebody is about to be shown a view: recorded before the answer leaves."""

    class Facts(ReadFacts):
        filters: Bytes32 | None = Field(default=None, description="SHA-256 of the filters, if any")
        format: Slug = Field(description="how it was answered: json, csv, terminal …")
        office: Slug = Field(description="the office that the reader holds")
        positions: Positions = Field(description="what the answer was made from")
        right: Literal["live", "released"] = Field(description="the right that was used")
        view: Slug = Field(description="which view")


class PartFetched(Kind, name="part-fetched", about_a_person=False):
    """A recipient fetched a sealed part: recorded before it leaves, and shown to the sender."""

    class Facts(ReadFacts):
        event: EventId = Field(description="the event of the part")
        ledger: LedgerName = Field(description="where the event is")
        part: PartNumber = Field(description="the number of the part")


class EntriesFetched(Kind, name="entries-fetched", about_a_person=False):
    """Somebody is about to be given entries of a log: sizes, times and sources, all sealed."""

    class Facts(FactsPart):
        count: Count = Field(description="how many entries")
        first: Position = Field(description="the place of the first of them")
        ledger: LedgerName = Field(description="of which ledger")
        office: Slug | None = Field(default=None, description="the office, if it was one")
        participant: ParticipantCode = Field(description="the body of who fetched")
        reader: PersonId = Field(description="who fetched, as signed in")
        right: Literal["audit", "own"] = Field(
            description="the right to audit, or that of a body to its own ledger"
        )


class SubmissionRefused(Kind, name="submission-refused", about_a_person=False):
    """The hub refused a submission, or one event of it: codes alone, never what was sent."""

    class Facts(FactsPart):
        codes: Codes = Field(description="what was wrong")
        event: EventId | None = Field(default=None, description="its id, if it was a valid one")
        sequence: Sequence | None = Field(
            default=None, description="the number in the source's count that this fills"
        )
        source: SourceName = Field(description="who sent it")
        submission: EventId | None = Field(default=None, description="the submission's id")


class StreamParked(Kind, name="stream-parked", about_a_person=False):
    """A stream could not be folded on and waits, while the others go on."""

    class Facts(FactsPart):
        event: EventId = Field(description="the event at which it stopped")
        ledger: LedgerName = Field(description="where the stream is")
        position: Position = Field(description="the place of that event")
        projection: Slug = Field(description="the projection that could not go on")
        reason: Slug = Field(description="code of what was wrong")
        stream: Pseudonym | None = Field(
            default=None, description="the stream that waits; none where its header does not open"
        )
        views_version: ViewsVersion = Field(description="which projections, in which versions")


class StreamRedriven(Kind, name="stream-redriven", about_a_person=False):
    """A parked stream was folded again."""

    class Facts(FactsPart):
        dry_run: bool = Field(description="tried out alone, with nothing changed")
        events: Count = Field(description="how many events were folded")
        ledger: LedgerName = Field(description="where the stream is")
        outcome: Literal["folded", "parked-again"] = Field(description="how it went")
        parked: EventId | None = Field(default=None, description="the parking that this answers")
        position: Position = Field(description="where the stream had stopped")
        projection: Slug = Field(description="the projection")
        stream: Pseudonym | None = Field(
            default=None, description="the stream; nobody knows it where its header does not open"
        )


class ReleasePublished(Kind, name="release-published", about_a_person=False):
    """A fixed, suppressed snapshot of views was published; it is never changed."""

    class Facts(FactsPart):
        cells_hidden: Count = Field(description="cells hidden, so that the loss is known")
        cells_shown: Count = Field(description="cells shown")
        digest: Bytes32 = Field(description="SHA-256 of the release")
        policy: Slug = Field(description="the suppression policy and its version")
        positions: Positions = Field(description="what it was made from")
        release: Slug = Field(description="its name")
        tables: Slugs = Field(description="the registered tables in it")


class AuditOpened(Kind, name="audit-opened", about_a_person=False):
    """Parts were opened for an auditor under a warrant."""

    class Facts(FactsPart):
        auditor: Slug = Field(description="who was given the openings")
        ledger: LedgerName = Field(description="where the parts are")
        parts: Count = Field(description="how many parts were opened")
        positions: Positions = Field(description="how far the ledger had come")
        warrant: EventId = Field(description="the warrant that allowed it")


class Canary(Kind, name="canary", about_a_person=False):
    """A borough's client says that the whole path works: an alarm watches that these come."""

    class Facts(FactsPart):
        beat: Count = Field(description="the client's own count of these")
        sent_at: Instant = Field(description="when it left the client")


class IncidentRecorded(Kind, name="incident-recorded", about_a_person=False):
    """Something went wrong with personal data: a clock of 72 hours runs."""

    class Facts(FactsPart):
        detected: Instant = Field(description="when it was noticed")
        incident: Slug = Field(description="its reference")
        ledgers: Slugs | None = Field(default=None, description="ledgers concerned")
        notifiable: Literal["yes", "no", "undecided"] = Field(
            description="whether the Information Commissioner must be told"
        )
        notified: Instant | None = Field(default=None, description="when the Commissioner was told")
        notify_due: Instant = Field(description="72 hours after it was noticed")
        severity: Literal["low", "medium", "high"] = Field(description="how grave")
        summary: Text | None = Field(default=None, description="what happened; it names no person")


class RetentionReviewed(Kind, name="retention-reviewed", about_a_person=False):
    """A body looked at what it keeps under an agreement, and why."""

    class Facts(FactsPart):
        agreement: AgreementRef = Field(description="which")
        by_office: Slug = Field(description="the office that looked")
        kept: Count | None = Field(default=None, description="streams kept")
        ledger: LedgerName = Field(description="where")
        next_review: Day = Field(description="when it is looked at again")
        outcome: Literal["erase", "keep", "shorten"] = Field(description="what was decided")
        reviewed: Day = Field(description="when")
        to_erase: Count | None = Field(default=None, description="streams to be erased")
