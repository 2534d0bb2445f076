"""The witnesses of a policy file, asked all at once, and whether enough of them cosigned."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Executor

from domain.checkpoint import Algorithms, Checkpoint
from domain.errors import NotProven
from domain.signed_note import Note, SignatureLine
from domain.tlog_policy import Policy
from services.cosigning import AskedWitness, Cosigning, NotCosigned, Prove

_log = logging.getLogger(__name__)
_QUIET = frozenset({"later"})
"""A witness that does not answer now is asked again; the alarm is that the quorum is late."""


class PolicyCosigners:
    """The `Cosigners` of services.checkpointing, of any number of logs."""

    def __init__(
        self,
        policy: Policy,
        asked: Sequence[AskedWitness],
        cosigning: Cosigning,
        algorithms: Algorithms,
        executor: Executor,
    ) -> None:
        """Ask these witnesses; each in a thread of the executor, so that none waits for another."""
        self._policy = policy
        self._asked = asked
        self._cosigning = cosigning
        self._algorithms = algorithms
        self._executor = executor
        self._said: dict[tuple[str, str], str] = {}

    def ask(self, checkpoint: Checkpoint, note: Note, prove: Prove) -> Sequence[SignatureLine]:
        """Show a checkpoint to all; gives the lines that hold."""
        running = [
            (one, self._executor.submit(self._cosigning.ask, one, note, prove))
            for one in self._asked
        ]
        lines = []
        for one, future in running:
            answer = future.result()
            if isinstance(answer, NotCosigned):
                self._alarm(one, checkpoint, answer.trouble)
            else:
                self._said.pop((one.name, checkpoint.origin), None)
                lines.append(answer.line)
        return lines

    def enough(self, note: Note) -> bool:
        """Say whether a note satisfies the policy."""
        try:
            return self._policy.witnessed(note, self._algorithms).quorum
        except NotProven:
            return False

    def _alarm(self, one: AskedWitness, checkpoint: Checkpoint, trouble: str) -> None:
        """Say once what somebody has to look at."""
        place = one.name, checkpoint.origin
        if trouble not in _QUIET and self._said.get(place) != trouble:
            _log.error("witness-trouble log=%s witness=%s what=%s", place[1], place[0], trouble)
            self._said[place] = trouble
