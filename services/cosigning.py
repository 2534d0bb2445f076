"""Asking a witness for its cosignature: how the hub goes about it, and what it makes of answers.

A witness that holds another size says so, and is asked once more with a proof from there. Any other
refusal stops: what a witness does not believe does not become true by asking again. Whatever it
sends is believed only once its own line holds over this very checkpoint; lines of others are
passed over, and a time far from ours is no time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.checkpoint import Algorithms, Checkpoint, Signed, read_checkpoint, verified_checkpoint
from domain.errors import NotProven
from domain.signed_note import Note, NoteKey
from domain.witnessing import Cosigned, HoldsSize, NoCosignature
from services.ports import Clock
from services.witness_ports import Witness

TOLERANCE_S = 5 * 60
"""How far a witness's clock may be from ours."""

Trouble = Literal["ahead", "clock", "later", "refused", "unverified"]
Prove = Callable[[int, int], Sequence[bytes]]
"""(old size, new size) → the consistency proof."""


@dataclass(frozen=True, slots=True)
class NotCosigned:
    """No cosignature came of it.

    `later`: it did not answer, or was asked by others too; ask again. For the rest somebody has to
    look: `refused` it does not believe the checkpoint; `unverified` its line does not hold;
    `clock` its clock and ours are apart; `ahead` it has cosigned a larger tree than ours, which
    is what a restored backup looks like. `size` is what it holds, where it said so.
    """

    trouble: Trouble
    status: int = 0
    size: int | None = None


@dataclass(frozen=True, slots=True)
class AskedWitness:
    """A witness of the policy: its name there, its key, and the way to it."""

    name: str
    key: NoteKey
    witness: Witness


class Cosigning:
    """Asks witnesses. Which size each holds is remembered as a guess: it has the last word."""

    def __init__(self, algorithms: Algorithms, clock: Clock) -> None:
        """Verify by these algorithms."""
        self._algorithms = algorithms
        self._clock = clock
        self._sizes: dict[tuple[str, str], int] = {}
        self.heard: Callable[[str, int], None] = _nobody
        """Is told the witness and the time of each line that holds: see services.witness_clock."""

    def ask(self, asked: AskedWitness, note: Note, prove: Prove) -> Signed | NotCosigned:
        """Ask one witness to cosign a checkpoint that carries the log's own signatures alone."""
        checkpoint = read_checkpoint(note.text)
        old = self._sizes.get((asked.name, checkpoint.origin), 0)
        old = old if old <= checkpoint.size else 0
        answer = _once(asked, note, (old, checkpoint.size), prove)
        if isinstance(answer, HoldsSize) and old != answer.size <= checkpoint.size:
            old = answer.size
            answer = _once(asked, note, (old, checkpoint.size), prove)
        if isinstance(answer, Cosigned):
            return self._believed(asked, note, checkpoint, answer)
        return _trouble(answer, old, checkpoint.size)

    def _believed(
        self, asked: AskedWitness, note: Note, checkpoint: Checkpoint, answer: Cosigned
    ) -> Signed | NotCosigned:
        try:
            returned = Note(note.text, answer.lines)
            _, signed = verified_checkpoint(returned, [asked.key], self._algorithms)
        except NotProven:
            return NotCosigned("unverified", 200)
        *_, newest = sorted(signed, key=lambda one: one.seconds or 0)
        if newest.seconds is not None:
            self.heard(asked.name, newest.seconds)
        now = self._clock.now_ms() // 1000
        if newest.seconds is None or abs(newest.seconds - now) > TOLERANCE_S:
            return NotCosigned("clock", 200)
        self._sizes[asked.name, checkpoint.origin] = checkpoint.size
        return newest


def _nobody(_who: str, _seconds: int) -> None:
    """Nobody asked to be told."""


def _once(
    asked: AskedWitness, note: Note, sizes: tuple[int, int], prove: Prove
) -> Cosigned | HoldsSize | NoCosignature:
    old, new = sizes
    path = prove(old, new) if 0 < old < new else ()
    return asked.witness.ask(old, path, note)


def _trouble(answer: HoldsSize | NoCosignature, old: int, size: int) -> NotCosigned:
    if isinstance(answer, NoCosignature):
        return NotCosigned("later" if answer.later else "refused", answer.status)
    if answer.size > size:
        return NotCosigned("ahead", 409, answer.size)
    if answer.size == old:  # it was given what it asks for: so some say that the root is another
        return NotCosigned("refused", 409, answer.size)
    return NotCosigned("later", 409, answer.size)
