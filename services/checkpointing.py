"""Checkpoints of one ledger: signed, shown to witnesses, published, and logged in turn.

The order of one round, and why. (1) Take the root of all that is recorded. (2) Sign, and keep the
note before anybody is shown it: the store refuses another root for a size, so the hub cannot say
two things, also after a crash between any two steps. (3) Ask the witnesses; each line that holds is
kept. (4) With the quorum, publish. (5) Append what was published as an entry, when events came
since the last such entry. Appending events waits for none of this.

Witnesses are always shown the newest size there is, never one that events have gone beyond: so the
time of a cosignature also says that what comes after it was not there yet.

Of several processes each may do this: keeping, publishing and appending one size twice is no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from domain import tree
from domain.checkpoint import Checkpoint, NoteSigner, signed_note
from domain.errors import HubError, Unavailable
from domain.logged_checkpoint import LoggedCheckpoint, checkpoint_in
from domain.signed_note import Note, SignatureLine, read_lines, read_note
from services.cosigning import Prove
from services.log_ports import KeptCheckpoint, ProvenLedger
from services.ports import Clock

_log = logging.getLogger(__name__)


class Cosigners(Protocol):
    """The witnesses of one log, and how many of them are enough."""

    def ask(self, checkpoint: Checkpoint, note: Note, prove: Prove) -> Sequence[SignatureLine]:
        """Show a checkpoint to all; gives the lines that hold. Whoever is silent gives none."""
        ...

    def enough(self, note: Note) -> bool:
        """Say whether a note has the cosignatures of the quorum."""
        ...


class NoCosigners:
    """No witness is configured: what the hub says is `unwitnessed`, and so published at once."""

    def ask(self, checkpoint: Checkpoint, note: Note, prove: Prove) -> Sequence[SignatureLine]:  # noqa: ARG002 - the port's
        """Give no line."""
        return ()

    def enough(self, note: Note) -> bool:  # noqa: ARG002 - the port's
        """Ask for none."""
        return True


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a checkpoint is due, in milliseconds."""

    every_ms: int = 5_000
    """While events come."""
    quiet_ms: int = 1_000
    """After the last event, where none follows."""
    refresh_ms: int = 3_600_000
    """Of a quiet ledger: witnesses say again that it is as it was."""
    late_ms: int = 60_000
    """Without a quorum for so long, the hub says so."""


_AT_ONCE = Rhythm(every_ms=0, quiet_ms=0)


class Checkpointing:
    """Keeps one ledger's checkpoints going."""

    def __init__(
        self,
        ledger: ProvenLedger,
        origin: str,
        signers: Sequence[NoteSigner],
        cosigners: Cosigners,
        clock: Clock,
    ) -> None:
        """Sign under the log's origin."""
        self._ledger = ledger
        self._origin = origin
        self._signers = signers
        self._cosigners = cosigners
        self._clock = clock
        self._grew_ms = self._tried_ms = clock.now_ms()
        self._size = -1
        self._late_since: int | None = None
        self.before_signing: Callable[[], object] = _nothing
        """Raises what stands against signing: see services.restoring."""

    @property
    def name(self) -> str:
        """Give the ledger's name."""
        return self._ledger.name

    def due(self, rhythm: Rhythm) -> bool:
        """Say whether a round is due: asked often, it costs a look at the head."""
        now, size = self._clock.now_ms(), self._ledger.head().size
        if size != self._size:
            self._size, self._grew_ms = size, now
        if size == 0:
            return False
        since = now - self._tried_ms
        if self._covered() >= self._ends_with_events(size):
            return since >= rhythm.refresh_ms
        return since >= rhythm.every_ms or (
            since >= rhythm.quiet_ms and now - self._grew_ms >= rhythm.quiet_ms
        )

    def round(self) -> bool:
        """Make and publish a checkpoint of all that is recorded; False where the quorum is late.

        Raises Unavailable where the ledger does not answer, or may not be signed for now;
        RootDiffers where it says that another root was signed for this size: then nothing may be
        signed until somebody has found out why.
        """
        self._tried_ms = self._clock.now_ms()
        size = self._ledger.head().size
        if size == 0:
            return True
        try:
            self.before_signing()
        except Unavailable:
            self._late_since = self._late_since or self._tried_ms
            raise
        kept = self._kept(size)
        note = self._cosigned(kept)
        if not self._cosigners.enough(note):
            self._late_since = self._late_since or self._tried_ms
            return False
        self._late_since = None
        book = self._ledger.checkpoints
        book.publish(kept.size, note.encode(), now_ms=self._clock.now_ms())
        logged = LoggedCheckpoint(kept.size, note.encode())
        self._ledger.append_checkpoint(logged, now_ms=self._clock.now_ms())
        return True

    def late_ms(self) -> int:
        """Give for how long the quorum has been missing."""
        return 0 if self._late_since is None else self._clock.now_ms() - self._late_since

    def _kept(self, size: int) -> KeptCheckpoint:
        root = self._ledger.tiles.root(size)
        now = self._clock.now_ms()
        note = signed_note(Checkpoint(self._origin, size, root), self._signers, seconds=now // 1000)
        return self._ledger.checkpoints.keep(size, root, note.encode(), now_ms=now)

    def _cosigned(self, kept: KeptCheckpoint) -> Note:
        """Give the kept note with all the lines there are by now."""
        checkpoint = Checkpoint(self._origin, kept.size, kept.root)
        note = read_note(kept.note)
        lines = self._cosigners.ask(checkpoint, note, self._prove)
        book = self._ledger.checkpoints
        book.cosign(kept.size, [line.encode() for line in lines], now_ms=self._clock.now_ms())
        held = [line for one in book.cosignatures(kept.size) for line in read_lines(one.line)]
        return note.with_lines(_latest(held))

    def _prove(self, old: int, new: int) -> Sequence[bytes]:
        return tree.consistency(old, new, self._ledger.tiles.tile)

    def _covered(self) -> int:
        published = self._ledger.checkpoints.latest_published()
        return 0 if published is None else published.size

    def _ends_with_events(self, size: int) -> int:
        """Give the size without the one entry that the last checkpoint itself became."""
        return size - 1 if self._covered() == size - 1 and self._is_checkpoint(size - 1) else size

    def _is_checkpoint(self, position: int) -> bool:
        (entry,) = self._ledger.read(position, 1)
        return checkpoint_in(entry.record) is not None


def _nothing() -> None:
    """Nothing stands against signing."""


def _latest(lines: Sequence[SignatureLine]) -> list[SignatureLine]:
    """Give the last line of each key: a witness asked again says the same at a later time."""
    return list({(line.name, line.key_id): line for line in lines}.values())


class Keeping:
    """Goes round the ledgers for as long as the hub runs."""

    def __init__(self, ledgers: Sequence[Checkpointing], rhythm: Rhythm) -> None:
        """Keep these going."""
        self._ledgers = ledgers
        self._rhythm = rhythm
        self._said: set[int] = set()
        self.steady: Callable[[], AbstractContextManager[None]] = nullcontext
        """What is held during rounds: a demonstration's clock may not step within one."""

    def step(self) -> None:
        """Do what is due; what fails in one ledger keeps no other waiting."""
        self._rounds(self._rhythm)

    def _rounds(self, rhythm: Rhythm) -> None:
        for at, one in enumerate(self._ledgers):
            try:
                if one.due(rhythm):
                    with self.steady():
                        one.round()
            except Unavailable:
                _log.warning("checkpoint-waits ledger=%s", one.name)
            except HubError as fault:
                reason = type(fault).__name__
                _log.error("checkpoint-refused ledger=%s reason=%s", one.name, reason)
            self._alarm(at, one)

    def run(self, wait: Callable[[float], bool]) -> None:
        """Go on until `wait(seconds)` says to stop; what has come by then is covered at last."""
        while not wait(_LOOK_S):
            self.step()
        self.finish()

    def finish(self) -> None:
        """Do one last round where something came since the last one."""
        self._rounds(_AT_ONCE)

    def _alarm(self, at: int, one: Checkpointing) -> None:
        late = one.late_ms() >= self._rhythm.late_ms
        if late and at not in self._said:
            _log.error("quorum-late ledger=%s", one.name)
            self._said.add(at)
        elif not late and at in self._said:
            _log.warning("quorum-back ledger=%s", one.name)
            self._said.discard(at)


_LOOK_S = 0.5
