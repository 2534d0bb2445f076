"""What became of submissions that came by a queue: asked for by their publishers, over HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from domain.errors import NotFound
from services.log_ports import ProvenLedger
from services.ports import Caller
from services.taking import Taking


class QueuedAnswers:
    """Gives the stored answers, how far queues are taken in, and the key to seal to."""

    def __init__(
        self,
        ledgers: Mapping[str, ProvenLedger],
        taking: Taking,
        published: Callable[[], bytes | None],
    ) -> None:
        """Look into these ledgers; `published` gives what is published of the intake key."""
        self._ledgers = ledgers
        self._taking = taking
        self._published = published

    def answer(self, submission: uuid.UUID, caller: Caller) -> bytes:
        """Give the signed answer to a submission of the caller's own source.

        Raises NotAuthorised for who publishes nothing, NotFound for what has no answer.
        """
        ledger, source = self._ledger(caller)
        signed = ledger.signed(submission)
        found = ledger.answered(submission)
        if signed is None or found is None or signed.source != source:
            raise NotFound("submission")
        return found[1]

    def reached(self, queue: uuid.UUID, caller: Caller) -> int:
        """Give the number of the first message of a queue that is not taken in."""
        ledger, _ = self._ledger(caller)
        return ledger.offsets.reached(queue)

    def intake_key(self) -> bytes:
        """Give the key to seal to, signed by the hub; raises NotFound where there is none."""
        found = self._published()
        if found is None:
            raise NotFound("intake key")
        return found

    def _ledger(self, caller: Caller) -> tuple[ProvenLedger, str]:
        source, _ = self._taking.source(caller)
        return self._ledgers[source.ledger], source.name
