"""A witness: it cosigns a checkpoint of a log only if that goes on from the last one it cosigned.

The checks stand in the order of the format, and each refusal has the status that the format says:

    400  no request, or a size below the old one            404  a log that is not served
    403  not signed by the log, or a line that fails        409  not the size last cosigned
    422  not a continuation of it, or another root of it    200  cosigned, and durable before it

A request that the log signed and that contradicts what it signed before is kept as evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.checkpoint import (
    Algorithms,
    Checkpoint,
    NoteSigner,
    Signed,
    read_checkpoint,
    verified_checkpoint,
)
from domain.errors import NotProven
from domain.signed_note import Note
from domain.tree import verify_consistency
from domain.witnessing import NOTE_TYPE, SIZE_TYPE, AddCheckpoint, read_request
from services.ports import Clock
from services.witness_ports import Evidence, KnownLog, Tree, WitnessBook

PLAIN_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes = b""
    content_type: str = PLAIN_TYPE


class Witnessing:
    """The witness of one key. Safe between threads and processes: the book decides."""

    def __init__(
        self, book: WitnessBook, signer: NoteSigner, algorithms: Algorithms, clock: Clock
    ) -> None:
        """Cosign with `signer` what goes on from what stands in the book."""
        self._book = book
        self._signer = signer
        self._algorithms = algorithms
        self._clock = clock

    def add_checkpoint(self, raw: bytes) -> Reply:
        """Answer a request to cosign; raises Unavailable, and then has cosigned nothing."""
        try:
            asked = read_request(raw)
            checkpoint = read_checkpoint(asked.note.text)
        except NotProven:
            return Reply(400)
        known = self._book.log(checkpoint.origin)
        if known is None:
            return Reply(404)
        try:
            _, signed = verified_checkpoint(asked.note, known.keys, self._algorithms)
        except NotProven:
            return Reply(403)
        if asked.old > checkpoint.size:
            return Reply(400)
        return self._cosigned(asked, checkpoint, signed, known)

    def latest(self, digest: str) -> bytes | None:
        """Give the last cosigned checkpoint of the origin with this digest, if there is one."""
        origin = self._book.origin(digest)
        known = None if origin is None else self._book.log(origin)
        return None if known is None else known.note

    def _cosigned(
        self,
        asked: AddCheckpoint,
        checkpoint: Checkpoint,
        signed: tuple[Signed, ...],
        known: KnownLog,
    ) -> Reply:
        last, tree = known.tree, Tree(checkpoint.size, checkpoint.root)
        contradicts = tree.size == last.size and tree.root != last.root
        goes_on = asked.old != last.size or verify_consistency(*last, *tree, asked.path)
        if contradicts or not goes_on:
            self._keep_evidence(asked, checkpoint, known, certain=contradicts)
        if asked.old != last.size:
            return _holds(last)
        if not goes_on:
            return Reply(422)
        seconds = self._seconds()
        line = self._signer.line(checkpoint, seconds=seconds)
        note = Note(asked.note.text, (*(one.line for one in signed), line))
        if self._book.keep(checkpoint.origin, last, tree, note.encode(), seconds):
            return Reply(200, line.encode(), NOTE_TYPE)
        # Somebody was quicker: what was signed here leaves with nobody.
        now = self._book.log(checkpoint.origin)
        return Reply(404) if now is None else _holds(now.tree)

    def _keep_evidence(
        self, asked: AddCheckpoint, checkpoint: Checkpoint, known: KnownLog, *, certain: bool
    ) -> None:
        self._book.keep_evidence(
            Evidence(
                checkpoint.origin,
                self._seconds(),
                asked.note.text,
                certain and known.note is not None,
                known.note,
                asked.encode(),
            )
        )

    def _seconds(self) -> int:
        return self._clock.now_ms() // 1000


def _holds(tree: Tree) -> Reply:
    return Reply(409, f"{tree.size}\n".encode(), SIZE_TYPE)
