"""The hub's own events, in one place: how it runs, who may do what, and its keys."""

from __future__ import annotations

from domain.vocabulary.custody import (
    KeyCreated,
    KeyDestroyed,
    KeyRotated,
    SealingSessionOpened,
    SessionRecipient,
)
from domain.vocabulary.deciding import (
    AgreementSigned,
    ErasureApproved,
    LegalHoldLifted,
    LegalHoldSet,
    WarrantGranted,
)
from domain.vocabulary.erasing import ErasureConfirmed, ErasureNotified, ErasureRequested
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
    EntriesFetched,
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

OWN_SOURCE = "/participants/bhr/hub"
"""The source of what the hub says itself; no publisher is registered under it."""

__all__ = [
    "OWN_SOURCE",
    "AgreementSigned",
    "AgreementSuspended",
    "AuditOpened",
    "Canary",
    "EntriesFetched",
    "ErasureApproved",
    "ErasureConfirmed",
    "ErasureNotified",
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
