"""The hub's own events: what it records of itself, through the same door as everybody's.

They are about no person. Their sequence is 0: the ledger's positions show that none is missing.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence

from domain.envelope import Header
from domain.errors import Unavailable
from domain.reference.participants import Source
from domain.values import to_text
from domain.vocabulary import hub
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.figures import FigureExplained
from domain.vocabulary.parts import FactsPart, Kind
from services.acknowledging import Judged, instant
from services.batches import Batch
from services.committing import Committer
from services.fences import fence_note
from services.identifiers import uuid7
from services.ports import Answered, Clock, Outcome, Recorded
from services.preparing import PreparedEvent, own_event

OWN_AGREEMENT = "hub-operation@1"
OWN_PURPOSE = "hub-operation"
OWN_KINDS: frozenset[type[Kind]] = frozenset(
    {
        FigureExplained, hub.AgreementSigned, hub.AgreementSuspended, hub.AuditOpened, hub.Canary,
        hub.EntriesFetched, hub.ErasureApproved, hub.ErasureConfirmed, hub.ErasureNotified,
        hub.IncidentRecorded, hub.KeyCreated, hub.KeyDestroyed, hub.KeyRotated,
        hub.LegalHoldLifted, hub.LegalHoldSet, hub.OfficeAppointed, hub.OfficeEnded,
        hub.PartFetched, RecordWithdrawn, hub.ReferenceDataRegistered, hub.ReleasePublished,
        hub.RetentionReviewed, hub.RightGranted, hub.RightRemoved, hub.SealingSessionOpened,
        hub.StreamParked, hub.StreamRedriven, hub.SubmissionRefused, hub.ViewRead,
        hub.WarrantGranted,
    }
)  # fmt: skip
"""What the hub records of itself, none of it about a person: whatever else says so is a finding.

What it takes back is what an office explained by its form, and nothing else
(`projections.standing`)."""
CODES_MAX = 32


class MovedOn(Unavailable):
    """Something came to a ledger that was to stay as it is until this was appended."""


class HubEvents:
    """Makes and appends the hub's own events."""

    def __init__(self, committers: Mapping[str, Committer], clock: Clock) -> None:
        """Append through these committers."""
        self._committers = committers
        self._clock = clock

    def made(
        self,
        kind: type[Kind],
        facts: FactsPart,
        stream: str | None = None,
        event_id: str | None = None,
        supersedes: str | None = None,
    ) -> PreparedEvent:
        """Make one event, dated now; a new random stream and id unless they are given.

        With `supersedes` it takes back that event of the hub's own.
        """
        now = self._clock.now_ms()
        header = Header(
            agreement=OWN_AGREEMENT,
            datacontenttype="application/json",
            dataschema=f"urn:bhr:schema:{kind.name}:v{kind.version}",
            id=event_id or str(uuid7(now)),
            precision="instant",
            purpose=OWN_PURPOSE,
            sequence="0",
            source=hub.OWN_SOURCE,
            specversion="1.0",
            subject=stream or to_text(secrets.token_bytes(32)),
            supersedes=supersedes,
            time=instant(now),
            type=kind.type_name(),
        )
        return own_event(header, facts)

    def append(self, ledger: str, *events: PreparedEvent, fence: bool = False) -> None:
        """Append events to a ledger in one transaction; returns when they are durable.

        With a `fence` every process drops the keys that it had cached before it seals again, and
        which keys are destroyed is said in the clear too (`services.fences`).
        """
        said = fence_note(events) if fence else b""
        self._append(ledger, events, lambda _: said, fence=fence)

    def append_behind(self, ledger: str, size: int, events: Sequence[PreparedEvent]) -> None:
        """Append events that raise a fence, if the ledger has just so many entries.

        Raises MovedOn where something came to it since: nothing is appended then.
        """
        said = fence_note(events)

        def answer(outcomes: Sequence[Outcome]) -> bytes:
            first = outcomes[0]
            if not isinstance(first, Recorded) or first.position != size:
                raise MovedOn("the ledger (something was appended in between)")
            return said

        self._append(ledger, events, answer, fence=True)

    def _append(
        self,
        ledger: str,
        events: Sequence[PreparedEvent],
        answer: Callable[[Sequence[Outcome]], bytes],
        *,
        fence: bool,
    ) -> None:
        result = self._committers[ledger].commit(
            Batch(
                submission=uuid7(self._clock.now_ms()),
                source=hub.OWN_SOURCE,
                digests=tuple(event.digest for event in events),
                signature=b"",
                events=tuple(enumerate(events)),
                answer=answer,
                fence=fence,
            )
        )
        if not isinstance(result, Answered):
            raise Unavailable("the ledger")

    def refusal(
        self, source: Source, submission: uuid.UUID | None, judged: Judged
    ) -> PreparedEvent:
        """Say that something was refused: who sent it, which one, and codes; never a value."""
        codes = sorted({fault.code for fault in judged.faults})[:CODES_MAX]
        facts: dict[str, object] = {"codes": tuple(codes), "source": source.name}
        if submission is not None:
            facts["submission"] = str(submission)
        if judged.event_id is not None:
            facts["event"] = judged.event_id
        if judged.sequence is not None:
            facts["sequence"] = judged.sequence
        return self.made(hub.SubmissionRefused, hub.SubmissionRefused.Facts.model_validate(facts))
