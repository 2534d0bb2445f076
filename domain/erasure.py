r"""What an erasure leaves to be found, and what a recipient signs when its copy is gone.

The hub's own events about erasing (approvals, holds, destructions, notices, confirmations) stand in
one stream of each ledger, which everybody can name:

    stream    := SHA-256("bhr-erasures/v1\n" ‖ ledger)
    confirmed := "bhr-confirmation/v1\n" ‖ RFC 8785 JSON of the facts of `erasure-confirmed` without
                 key and signature; signed by the recipient's signing key
"""

from __future__ import annotations

import hashlib
import math

from domain.canonical import canonical
from domain.values import instant_of, to_text
from domain.vocabulary.erasing import ErasureConfirmed

KEY_BACKUP_DAYS = 35
"""How long a backup of the key store lives: on the day after, what was destroyed is nowhere."""

DAY_MS = 24 * 60 * 60 * 1000


def not_before_ms(named: str, recorded_ms: int, agreed_days: int) -> int:
    """Give when keys may be destroyed: as a request names it, and as was agreed for all of them.

    Agreed days count from when the request was recorded.
    """
    named_ms = math.ceil(instant_of(named).timestamp() * 1000)
    return max(named_ms, recorded_ms + agreed_days * DAY_MS)


def erasures_stream(ledger: str) -> str:
    """Give the stream of a ledger in which the hub's own events about erasing stand."""
    return to_text(hashlib.sha256(f"bhr-erasures/v1\n{ledger}".encode()).digest())


def confirmed_message(facts: ErasureConfirmed.Facts) -> bytes:
    """Give what a recipient's signature on a confirmation covers."""
    said = facts.model_dump(exclude={"key", "signature"})
    return b"bhr-confirmation/v1\n" + canonical(said)
