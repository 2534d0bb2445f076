"""What the registry keeps of what it read: a document, or a signature on one, and where or when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from domain.reference.dated import Document
from domain.vocabulary.deciding import AgreementSigned


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered document with the digest of its bytes, and where and since when it stands."""

    document: Document
    digest: bytes
    position: int
    recorded_ms: int


class SignedAgreement(NamedTuple):
    """What was recorded as signed of an agreement, and when."""

    facts: AgreementSigned.Facts
    recorded_ms: int
