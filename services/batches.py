"""What a ledger's writer is given, and what it gives back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.intake_ports import Advance
from services.ports import Answered, Conflict, HeldBack, Outcome, SubmissionConflict
from services.preparing import PreparedEvent


@dataclass(frozen=True, slots=True)
class Batch:
    """One submission, understood and authorised, ready to be sealed."""

    submission: uuid.UUID
    source: str
    digests: tuple[bytes, ...]
    signature: bytes
    events: tuple[tuple[int, PreparedEvent], ...]
    """What is to be recorded, each with its index in the submission: the publisher's accepted
    events, then the hub's own refusals."""
    answer: Callable[[Sequence[Outcome]], bytes]
    atomic: bool = False
    fence: bool = False
    """What is recorded destroys keys: whoever sealed before seals again."""
    refusal: Callable[[int, Conflict | HeldBack], PreparedEvent] | None = None
    """Makes what is recorded in place of `events[at]` when it turns out not to stand."""
    advance: Advance | None = None
    """How far the queue that it came by is taken in with it."""


Result = Answered | SubmissionConflict
