"""Signed submissions: bounded batches, put into the outbox in the exact bytes that will be sent."""

from __future__ import annotations

import uuid

from domain.canonical import canonical
from domain.errors import Fault, SubmissionRefused
from domain.statement import signed_bytes
from domain.values import to_text
from services.borough.making import Made
from services.borough.speaker import BoroughKeys, Speaker
from services.client_ports import Outbox, Outgoing
from services.identifiers import uuid7

EVENTS_MAX = 500
DOCUMENT_BYTES_MAX = 4 * 1024 * 1024
_HEAD_BYTES_MAX = 1_024 + 46 * EVENTS_MAX
"""What the submission says of itself: a statement digest takes 46 bytes."""


class Submissions:
    """Gathers events into submissions, in order; `close` puts the last one into the outbox."""

    def __init__(
        self, speaker: Speaker, keys: BoroughKeys, outbox: Outbox, *, now_ms: int, atomic: bool
    ) -> None:
        """Write into `outbox`, inside the transaction that is open."""
        self._speaker = speaker
        self._signer = keys.signer
        self._key = to_text(keys.signing_fingerprint())
        self._outbox = outbox
        self._now_ms = now_ms
        self._atomic = atomic
        self._made: list[Made] = []
        self._size = _HEAD_BYTES_MAX
        self._submission = uuid7(now_ms)
        self.ids: list[uuid.UUID] = []

    def add(self, made: Made) -> uuid.UUID:
        """Add an event; gives the id of the submission that it goes in.

        Raises SubmissionRefused when all-or-nothing was asked for and it does not fit.
        """
        size = len(made.document) + 1
        if len(self._made) == EVENTS_MAX or self._size + size > DOCUMENT_BYTES_MAX:
            if self._atomic:
                raise SubmissionRefused((Fault(-1, "events", "too-many-for-all-or-nothing"),))
            self.close()
        self._made.append(made)
        self._size += size
        return self._submission

    def close(self) -> None:
        """Sign what was gathered and put it into the outbox; nothing when there is nothing."""
        if not self._made:
            return
        made, self._made = self._made, []
        statements = tuple(one.statement for one in made)
        self._outbox.add(
            Outgoing(
                self._submission,
                self._document(made, statements),
                tuple(one.event for one in made),
                statements,
                self._atomic,
            )
        )
        self.ids.append(self._submission)
        self._submission = uuid7(self._now_ms)
        self._size = _HEAD_BYTES_MAX

    def _document(self, made: list[Made], statements: tuple[bytes, ...]) -> bytes:
        """Give the document of `domain.wire`: the events as they were made, and the head."""
        speaker = self._speaker
        signed = signed_bytes(speaker.ledger, speaker.source, self._submission, statements)
        head = canonical(
            {
                "id": str(self._submission),
                "key": self._key,
                "ledger": speaker.ledger,
                "signature": to_text(self._signer.sign(signed)),
                "source": speaker.source,
                "statements": [to_text(one) for one in statements],
            }
        )
        events = b",".join(one.document for one in made)
        return b'{"events":[%b],"submission":%b}' % (events, head)
