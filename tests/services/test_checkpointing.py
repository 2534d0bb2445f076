"""Checkpoints are made in their rhythm, kept before they are shown, published with a quorum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from adapters.ledger.memory import MemoryLedger
from domain.checkpoint import Checkpoint, verified_checkpoint
from domain.errors import RootDiffers, Unavailable
from domain.logged_checkpoint import checkpoint_in
from domain.signed_note import Note, SignatureLine, read_note
from domain.tree import verify_consistency
from services.checkpointing import Checkpointing, Keeping, NoCosigners, Rhythm
from services.cosigning import Prove
from tests.contracts.ledger_builders import NAME, NOON, batch
from tests.hub_rig import SteppedClock
from tests.note_rig import ALGORITHMS, LOG, LOG_PQ, ORIGIN, WITNESSES

RHYTHM = Rhythm()
SECOND = 1_000


class Time(SteppedClock):
    """A clock that moves when a test says so."""

    def pass_by(self, milliseconds: int) -> None:
        """Let time pass."""
        self.at_ms += milliseconds


@dataclass
class Boroughs:
    """Three witnesses, of which two are enough; `awake` says which of them answer."""

    clock: Time
    awake: list[int] = field(default_factory=lambda: [0, 1, 2])
    shown: list[Checkpoint] = field(default_factory=list)
    seen: Checkpoint = field(default_factory=lambda: Checkpoint(ORIGIN, 0, b""))
    proofs: list[bool] = field(default_factory=list)

    def ask(self, checkpoint: Checkpoint, note: Note, prove: Prove) -> Sequence[SignatureLine]:
        """Check that it goes on from what was seen last, and sign."""
        if self.seen.size:
            path = prove(self.seen.size, checkpoint.size)
            before, now = (self.seen.size, self.seen.root), (checkpoint.size, checkpoint.root)
            self.proofs.append(verify_consistency(*before, *now, path))
        self.shown.append(checkpoint)
        self.seen = checkpoint
        seconds = self.clock.now_ms() // SECOND
        return [WITNESSES[at].line(checkpoint, seconds=seconds) for at in self.awake]

    def enough(self, note: Note) -> bool:
        """Ask for two."""
        return sum(line.name != ORIGIN for line in note.lines) >= 2


class Rig:
    """A ledger in memory whose checkpoints are kept going."""

    def __init__(self, *, witnessed: bool = True) -> None:
        """Begin with an empty ledger."""
        self.clock = Time(NOON)
        self.ledger = MemoryLedger(NAME)
        self.boroughs = Boroughs(self.clock)
        cosigners = self.boroughs if witnessed else NoCosigners()
        self.one = Checkpointing(self.ledger, ORIGIN, (LOG, LOG_PQ), cosigners, self.clock)
        self._appended = 0

    def append(self, count: int = 3) -> None:
        """Append some events."""
        pending = batch(self._appended, 1 + self._appended * 100, count)
        self.ledger.append([pending], now_ms=self.clock.now_ms(), fences=0)
        self._appended += 1

    def published(self) -> list[int]:
        """Give the sizes that were published, in order."""
        book = self.ledger.checkpoints
        return [one.size for kept in book.kept(1, 1_000) for one in book.published(kept.size)]


def test_a_round_signs_what_is_recorded_by_both_keys_and_publishes_it() -> None:
    """The note holds under Ed25519 and ML-DSA-44, with every cosignature, and is of all entries."""
    rig = Rig()
    rig.append(5)
    assert rig.one.round()
    latest = rig.ledger.checkpoints.latest_published()
    assert latest is not None
    keys = [one.key for one in (LOG, LOG_PQ, *WITNESSES)]
    checkpoint, signed = verified_checkpoint(read_note(latest.note), keys, ALGORITHMS)
    assert (checkpoint.size, checkpoint.root) == (5, rig.ledger.tiles.root(5))
    assert {one.key for one in signed} == set(keys)


def test_what_was_published_becomes_an_entry_and_asks_for_no_other() -> None:
    """A checkpoint is logged once real entries came; alone it is no reason for the next one."""
    rig = Rig()
    rig.append(5)
    rig.one.round()
    entries = rig.ledger.read(0, 100)
    assert [checkpoint_in(one.record) is not None for one in entries] == [False] * 5 + [True]
    rig.clock.pass_by(60 * SECOND)
    assert not rig.one.due(RHYTHM)


def test_a_checkpoint_is_due_in_its_rhythm() -> None:
    """Every five seconds while events come, a second after the last one, and hourly in quiet."""
    rig = Rig()
    assert not rig.one.due(RHYTHM)  # nothing is recorded
    rig.append()
    assert not rig.one.due(RHYTHM)
    rig.clock.pass_by(900)
    assert not rig.one.due(RHYTHM)
    rig.clock.pass_by(100)
    assert rig.one.due(RHYTHM)
    rig.one.round()
    for _ in range(9):
        rig.clock.pass_by(500)
        rig.append()
        assert not rig.one.due(RHYTHM)
    rig.clock.pass_by(500)
    rig.append()
    assert rig.one.due(RHYTHM)
    rig.one.round()
    rig.clock.pass_by(3_599 * SECOND)
    assert not rig.one.due(RHYTHM)
    rig.clock.pass_by(SECOND)
    assert rig.one.due(RHYTHM)


def test_a_quiet_ledger_is_seen_again_without_growing() -> None:
    """Hourly the witnesses say that it is as it was; the second time nothing is appended."""
    rig = Rig()
    rig.append()
    rig.one.round()
    rig.clock.pass_by(3_600 * SECOND)
    rig.one.round()
    size = rig.ledger.head().size
    rig.clock.pass_by(3_600 * SECOND)
    rig.one.round()
    assert rig.ledger.head().size == size == 4
    assert [one.size for one in rig.boroughs.shown] == [3, 4, 4]
    latest = rig.ledger.checkpoints.published(4)[-1]
    assert len(rig.ledger.checkpoints.cosignatures(4)) == 6
    assert len(read_note(latest.note).lines) == 5  # the last line of each


def test_nothing_is_published_without_the_quorum_and_appending_goes_on() -> None:
    """One of three is too few: the last published one stands, and the hub says since when."""
    rig = Rig()
    rig.append()
    rig.one.round()
    rig.boroughs.awake = [2]
    rig.append()
    assert not rig.one.round()
    rig.clock.pass_by(61 * SECOND)
    rig.append()
    assert not rig.one.round()
    assert rig.published() == [3]
    assert rig.one.late_ms() == 61 * SECOND
    rig.boroughs.awake = [0, 2]
    assert rig.one.round()
    assert rig.published() == [3, 10]
    assert rig.one.late_ms() == 0


def test_witnesses_are_shown_the_newest_size_alone_with_a_proof_that_holds() -> None:
    """An older checkpoint is never cosigned late, so its time says what was not there yet."""
    rig = Rig()
    for awake in ([0, 1, 2], [], [], [0, 1]):
        rig.boroughs.awake = awake
        rig.append(200)
        rig.one.round()
    sizes = [one.size for one in rig.boroughs.shown]
    assert sizes == sorted(set(sizes))
    assert rig.boroughs.proofs == [True, True, True]


def test_without_witnesses_the_log_alone_signs_and_publishes() -> None:
    """Until witnesses are configured a checkpoint is published at once."""
    rig = Rig(witnessed=False)
    rig.append()
    assert rig.one.round()
    assert rig.published() == [3]


def test_another_root_for_a_kept_size_is_never_signed() -> None:
    """A hub whose history was exchanged under it refuses to publish, and says why by its class."""
    rig = Rig()
    rig.append()
    rig.ledger.checkpoints.keep(3, bytes(32), b"signed by an older self", now_ms=NOON)
    with pytest.raises(RootDiffers):
        rig.one.round()
    assert rig.published() == []


@pytest.mark.parametrize("step", ["keep", "cosign", "publish", "append_checkpoint"])
@pytest.mark.parametrize("how", ["stored", "not stored"])
def test_a_step_that_fails_once_is_made_good_by_the_next_round(
    monkeypatch: pytest.MonkeyPatch, step: str, how: str
) -> None:
    """Cut off anywhere, having stored or not, the next round ends with one root for each size."""
    rig = Rig()
    rig.append()
    holder = rig.ledger if step == "append_checkpoint" else rig.ledger.checkpoints
    real = getattr(holder, step)

    def failing(*given: object, **named: object) -> object:
        monkeypatch.undo()
        if how == "stored":
            real(*given, **named)
        raise Unavailable("the ledger")

    monkeypatch.setattr(type(holder), step, lambda _, *given, **named: failing(*given, **named))
    with pytest.raises(Unavailable):
        rig.one.round()
    rig.clock.pass_by(SECOND)
    assert rig.one.round()
    logged = [checkpoint_in(one.record) for one in rig.ledger.read(0, 100)]
    sizes = [one.size for one in logged if one is not None]
    assert sizes == sorted(set(sizes))
    for kept in rig.ledger.checkpoints.kept(1, 100):
        assert kept.root == rig.ledger.tiles.root(kept.size)


def test_what_fails_in_one_ledger_keeps_no_other_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The keeper goes round all ledgers, and says of a refused one its name and class alone."""
    broken, whole = Rig(), Rig()
    for rig in (broken, whole):
        rig.append()
    broken.ledger.checkpoints.keep(3, bytes(32), b"another", now_ms=NOON)
    keeper = Keeping([broken.one, whole.one], RHYTHM)
    keeper.finish()
    assert whole.published() == [3]
    assert caplog.messages == [f"checkpoint-refused ledger={NAME} reason=RootDiffers"]


def test_a_late_quorum_is_said_once_and_so_is_its_return(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The alarm names the ledger, when it begins and when it ends, and is quiet between."""
    rig = Rig()
    rig.boroughs.awake = []
    rig.append()
    keeper = Keeping([rig.one], RHYTHM)
    for _ in range(20):
        rig.clock.pass_by(5 * SECOND)
        keeper.step()
    rig.boroughs.awake = [0, 1]
    rig.clock.pass_by(5 * SECOND)
    keeper.step()
    assert caplog.messages == [f"quorum-late ledger={NAME}", f"quorum-back ledger={NAME}"]
