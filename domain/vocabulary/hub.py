"""The hub's own events, in one place: how it runs, who may do what, and its keys."""

from __future__ import annotations

from domain.vocabulary.custody import (
    ErasureApproved,
    ErasureConfirmed,
    ErasureRequested,
    KeyCreated,
    KeyDestroyed,
    KeyRotated,
    LegalHoldLifted,
    LegalHoldSet,
    SealingSessionOpened,
    SessionRecipient,
    WarrantGranted,
)
from domain.vocabulary.offices import (
    OfficeAppointed,
    OfficeEnded,
    ReferenceDataRegistered,
    RightGranted,
    RightRemoved,
)
from domain.vocabulary.operation import (
    AgreementSuspended,
    AuditOpened,
    Canary,
    IncidentRecorded,
    LedgerPosition,
    PartFetched,
    ReleasePublished,
    RetentionReviewed,
    StreamParked,
    StreamRedriven,
    SubmissionRefused,
    ViewRead,
)

__all__ = [
    "AgreementSuspended",
    "AuditOpened",
    "Canary",
    "ErasureApproved",
    "ErasureConfirmed",
    "ErasureRequested",
    "IncidentRecorded",
    "KeyCreated",
    "KeyDestroyed",
    "KeyRotated",
    "LedgerPosition",
    "LegalHoldLifted",
    "LegalHoldSet",
    "OfficeAppointed",
    "OfficeEnded",
    "PartFetched",
    "ReferenceDataRegistered",
    "ReleasePublished",
    "RetentionReviewed",
    "RightGranted",
    "RightRemoved",
    "SealingSessionOpened",
    "SessionRecipient",
    "StreamParked",
    "StreamRedriven",
    "SubmissionRefused",
    "ViewRead",
    "WarrantGranted",
]
