"""Witnesses in memory, under the same contracts as the real ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from domain.errors import ClockWentBack
from domain.signed_note import Note, NoteKey
from domain.tree import EMPTY_ROOT
from domain.witnessing import (
    AddCheckpoint,
    Cosigned,
    HoldsSize,
    NoCosignature,
    origin_digest,
    read_answer,
)
from services.witness_ports import Evidence, KnownLog, Tree
from services.witnessing import Witnessing
from tests.note_rig import NOW

SLACK_S = 5


@dataclass
class SetClock:
    """A clock that stands where a test puts it."""

    seconds: int = NOW

    def now_ms(self) -> int:
        """Give the time."""
        return self.seconds * 1000


class MemoryWitnessBook:
    """The `WitnessBook` port in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logs: dict[str, KnownLog] = {}
        self._evidence: list[Evidence] = []

    def add_log(self, key: NoteKey) -> None:
        """Serve a log, or believe another key of one that is served."""
        known = self._logs.get(key.name, KnownLog((), Tree(0, EMPTY_ROOT), None, 0))
        keys = tuple(dict.fromkeys((*known.keys, key)))
        self._logs[key.name] = replace(known, keys=keys)

    def log(self, origin: str) -> KnownLog | None:
        """Give what is known of a log."""
        return self._logs.get(origin)

    def origin(self, digest: str) -> str | None:
        """Give the origin of a digest."""
        return next((one for one in self._logs if origin_digest(one) == digest), None)

    def keep(self, origin: str, old: Tree, new: Tree, note: bytes, seconds: int) -> bool:
        """Make `new` the last cosigned tree where it is still `old`."""
        with self._lock:
            known = self._logs[origin]
            anybody = max(one.seconds for one in self._logs.values())
            if seconds < max(known.seconds, anybody - SLACK_S):
                raise ClockWentBack("the clock")
            if known.tree != old:
                return False
            self._logs[origin] = replace(known, tree=new, note=note, seconds=seconds)
            return True

    def keep_evidence(self, evidence: Evidence) -> None:
        """Keep evidence."""
        if all(
            (one.text, one.certain) != (evidence.text, evidence.certain) for one in self._evidence
        ):
            self._evidence.append(evidence)

    def evidence(self) -> list[Evidence]:
        """Give all that was kept."""
        return self._evidence


class DirectWitness:
    """The `Witness` port over a witness in the same process."""

    def __init__(self, witnessing: Witnessing) -> None:
        self._witnessing = witnessing

    def ask(
        self, old: int, path: Sequence[bytes], note: Note
    ) -> Cosigned | HoldsSize | NoCosignature:
        """Ask to cosign a checkpoint."""
        reply = self._witnessing.add_checkpoint(AddCheckpoint(old, tuple(path), note).encode())
        return read_answer(reply.status, reply.body)

    def latest(self, origin: str) -> bytes | None:
        """Give the last checkpoint that it cosigned."""
        return self._witnessing.latest(origin_digest(origin))


Answer = Cosigned | HoldsSize | NoCosignature


class ScriptedWitness:
    """A witness that answers as it is told, one answer after another, and keeps what it was asked.

    The last answer is given for ever; a callable is given what was asked.
    """

    def __init__(self, answers: Iterable[Answer | Callable[[AddCheckpoint], Answer]]) -> None:
        self._answers = list(answers)
        self.asked: list[AddCheckpoint] = []

    def ask(self, old: int, path: Sequence[bytes], note: Note) -> Answer:
        """Answer the next thing."""
        self.asked.append(AddCheckpoint(old, tuple(path), note))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer(self.asked[-1]) if callable(answer) else answer

    def latest(self, origin: str) -> bytes | None:
        """Show nothing."""
        return None
