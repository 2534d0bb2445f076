"""What a checkpoint's signed note is worth to who believes a policy file and nobody else."""

from __future__ import annotations

from collections.abc import Sequence

from domain.checkpoint import Algorithms, Checkpoint, Signed, read_checkpoint, verified_checkpoint
from domain.errors import NotProven
from domain.signed_note import KeyKind, read_note
from domain.tlog_policy import Policy
from services.audit.verifying.judging import Seen

LOG_KINDS = {KeyKind.ED25519, KeyKind.ML_DSA_44}


class NoteReader:
    """Reads the checkpoints of one log."""

    def __init__(
        self,
        ledger: str,
        policy: Policy | None,
        algorithms: Algorithms,
    ) -> None:
        """Believe the keys that the policy has of this ledger's log, and of its witnesses."""
        logs = () if policy is None else policy.logs
        self._log = tuple(one.key for one in logs if one.key.name.rpartition("/")[2] == ledger)
        self.ledger = ledger
        self._policy = policy
        self.origin = self._log[0].name if self._log else ""
        """What the log is called by its own keys; empty where none is believed."""
        self.why_not = "" if self._log else "no policy file names the keys of this log"
        self._names = (
            {} if policy is None else {one.key: name for name, one in policy.witnesses.items()}
        )
        self._algorithms = algorithms

    def seen(self, raw: bytes) -> Seen:
        """Give what a note says and what is wrong with it; never raises.

        A note that cannot be read at all has size -1.
        """
        try:
            note = read_note(raw)
            checkpoint = read_checkpoint(note.text)
        except NotProven as refused:
            return Seen(-1, b"", faults=(refused.code,))
        if not self._log:
            return Seen(checkpoint.size, checkpoint.root)
        try:
            _, signed = verified_checkpoint(note, (*self._log, *self._names), self._algorithms)
        except NotProven as refused:
            return Seen(checkpoint.size, checkpoint.root, faults=(refused.code,))
        return self._judged(checkpoint, signed)

    def _judged(self, checkpoint: Checkpoint, signed: Sequence[Signed]) -> Seen:
        kinds = {one.key.kind for one in signed if one.key in self._log}
        faults = [] if kinds >= LOG_KINDS else ["signature-of-the-log-missing"]
        if any(checkpoint.origin != key.name for key in self._log):
            faults.append("of-another-log")
        cosigned: dict[str, list[int]] = {}
        for one in signed:
            name = self._names.get(one.key)
            if name is not None and one.seconds:
                cosigned.setdefault(name, []).append(one.seconds * 1000)
        return Seen(
            checkpoint.size,
            checkpoint.root,
            {name: tuple(sorted(times)) for name, times in cosigned.items()},
            tuple(faults),
            quorum=self._policy is not None and self._policy.satisfied(cosigned.keys()),
        )
