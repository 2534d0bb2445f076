"""What a checkpoint's signed note is worth to who believes a policy file and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from domain.checkpoint import (
    Algorithms,
    Checkpoint,
    Signed,
    log_keys,
    read_checkpoint,
    verified_checkpoint,
)
from domain.errors import NotProven
from domain.signed_note import KeyKind, read_note
from domain.tlog_policy import Policy
from services.audit.verifying.judging import Seen

LOG_KINDS = {KeyKind.ED25519, KeyKind.ML_DSA_44}
Finished = Callable[[], Mapping[bytes, int] | None]
"""Gives the log keys that the hub's list says were replaced for good, each by its public half, and
when that was recorded in ms; None where the list cannot be read."""


class NoteReader:
    """Reads the checkpoints of one log."""

    def __init__(
        self,
        ledger: str,
        policy: Policy | None,
        algorithms: Algorithms,
        finished: Finished = dict,
    ) -> None:
        """Believe the keys that the policy has of this ledger's log, and of its witnesses.

        `finished` is asked where it has more than one pair of the log's: which of them were
        replaced for good.
        """
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
        asked = finished() if len(self._log) > len(LOG_KINDS) else {}
        self.why_not_finished = (
            "which keys of the log were replaced for good is in the partnership's ledger, which"
            " is sealed"
            if asked is None
            else ""
        )
        self._finished = {
            key: at_ms
            for public, at_ms in (asked or {}).items()
            for key in log_keys(self.origin, public)
        }

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
        log = {one.key for one in signed if one.key in self._log}
        still = {key.kind for key in log if key not in self._finished}
        ended = [self._finished[key] for key in log if key in self._finished]
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
            until_ms=max(ended) if ended and not still >= LOG_KINDS else None,
        )
