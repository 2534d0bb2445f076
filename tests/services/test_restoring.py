"""A restored backup never appends or signs: whoever saw more of a ledger is asked first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from adapters.ledger.memory import MemoryLedger
from domain.checkpoint import Checkpoint, NoteSigner
from domain.errors import LedgerBehind, Unavailable
from domain.signed_note import KeyKind, Note
from domain.witnessing import Cosigned, HoldsSize, NoCosignature
from services.checkpointing import Checkpointing, NoCosigners
from services.cosigning import AskedWitness
from services.restoring import Claim, Heard, RestoreGuard, WitnessClaims
from tests.contracts.ledger_builders import NAME, NOON, batch
from tests.hub_rig import SteppedClock
from tests.note_rig import ALGORITHMS, LOG, LOG_PQ, ORIGIN, WITNESSES, a_note, a_signer

OWN = [LOG.key, LOG_PQ.key]
STRANGER = a_signer(KeyKind.ED25519, ORIGIN, 99)


@dataclass
class Shows:
    """A witness that shows a note, nothing, or does not answer."""

    note: bytes | None = None
    silent: bool = False
    asked: int = 0

    def ask(
        self, old: int, path: Sequence[bytes], note: Note
    ) -> Cosigned | HoldsSize | NoCosignature:
        """Nobody asks it to cosign here."""
        raise NotImplementedError

    def latest(self, origin: str) -> bytes | None:
        """Give the note."""
        self.asked += 1
        if self.silent:
            raise Unavailable("a witness")
        return self.note


@dataclass
class Rig:
    """A ledger of some entries, a guard before it, and three witnesses."""

    threads: Executor
    ledger: MemoryLedger = field(default_factory=lambda: MemoryLedger(NAME))
    witnesses: tuple[Shows, Shows, Shows] = field(
        default_factory=lambda: (Shows(), Shows(), Shows())
    )
    also: tuple[Claim, ...] = ()
    whole: list[str] = field(default_factory=list)

    def append(self, number: int, count: int = 3) -> None:
        """Append some events."""
        self.ledger.append([batch(number, 1 + number * 100, count)], now_ms=NOON, fences=0)

    def ask(self) -> Heard:
        """Ask the witnesses."""
        asked = [
            AskedWitness(signer.key.name, signer.key, shown)
            for signer, shown in zip(WITNESSES, self.witnesses, strict=True)
        ]
        return WitnessClaims(asked, ALGORITHMS, self.threads).heard(ORIGIN, OWN, self.also)

    def guard(self, *, restored: bool = False) -> RestoreGuard:
        """Give a guard, as after a start."""
        found_whole = (lambda: self.whole.append(NAME)) if restored else None
        return RestoreGuard(self.ledger, self.ask, found_whole=found_whole)

    def show(self, size: int, root: bytes, *signers: NoteSigner, at: Sequence[int] = (0,)) -> None:
        """Let witnesses show a checkpoint that these and the witness itself signed."""
        for one in at:
            note = a_note(Checkpoint(ORIGIN, size, root), *signers, WITNESSES[one])
            self.witnesses[one].note = note.encode()

    def checkpointing(self, guard: RestoreGuard) -> Checkpointing:
        """Give what signs for the ledger, under the guard."""
        made = Checkpointing(self.ledger, ORIGIN, (LOG,), NoCosigners(), SteppedClock(NOON))
        made.before_signing = guard.before_signing
        return made


@pytest.fixture
def rig() -> Iterator[Rig]:
    """Give a ledger of six entries whose witnesses have seen nothing yet."""
    with ThreadPoolExecutor(3) as threads:
        made = Rig(threads)
        made.append(0)
        made.append(1)
        yield made


def test_what_witnesses_saw_is_what_is_here(rig: Rig) -> None:
    """The same root at our size or an earlier one, or nothing at all: appending goes on."""
    rig.show(6, rig.ledger.tiles.root(6), LOG, at=[0])
    rig.show(3, rig.ledger.tiles.root(3), LOG, at=[1])
    guard = rig.guard()
    guard.before_append()
    guard.before_signing()
    assert (guard.state(), guard.told()) == ("clear", "as the witnesses have seen it")


def test_they_are_asked_once_and_only_before_the_first_append(rig: Rig) -> None:
    """Who only reads asks nobody, and no later append waits for a witness."""
    guard = rig.guard()
    assert (guard.state(), [one.asked for one in rig.witnesses]) == ("unasked", [0, 0, 0])
    for _ in range(5):
        guard.before_append()
    assert [one.asked for one in rig.witnesses] == [1, 1, 1]
    guard.outage()
    guard.before_append()
    assert [one.asked for one in rig.witnesses] == [2, 2, 2]


@pytest.mark.parametrize("size", [7, 6, 4])
def test_our_own_signature_on_another_past_counts_alone(rig: Rig, size: int) -> None:
    """A larger tree, or another root of a size that we have: read-only, by one witness's word."""
    rig.show(size, bytes([9]) * 32, LOG, LOG_PQ)
    guard = rig.guard()
    with pytest.raises(LedgerBehind, match="read-only") as found:
        guard.before_append()
    said = str(found.value)
    with pytest.raises(LedgerBehind, match="read-only"):
        guard.before_signing()
    assert WITNESSES[0].key.name in said
    assert ("entries 6 to 6 are missing" in said) == (size == 7)
    assert guard.told() == said
    assert [one.position for one in rig.ledger.read(0, 100)] == list(range(6))


def test_nothing_is_signed_behind(rig: Rig) -> None:
    """No checkpoint is kept, let alone shown, of a ledger that others saw more of."""
    rig.show(9, bytes(32), LOG)
    with pytest.raises(LedgerBehind):
        rig.checkpointing(rig.guard()).round()
    assert rig.ledger.checkpoints.latest_kept() is None


def test_one_witness_without_our_signature_stops_nobody(rig: Rig) -> None:
    """A witness that makes up a tree, or whose key was stolen, is not believed alone; two are."""
    rig.show(9, bytes(32), STRANGER)
    guard = rig.guard()
    guard.before_append()
    assert guard.state() == "clear"
    rig.show(9, bytes(32), at=[0, 1])
    with pytest.raises(LedgerBehind):
        rig.guard().before_append()


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\xff",
        a_note(Checkpoint("hub.example/redbridge", 9, bytes(32)), LOG).encode(),
        a_note(Checkpoint(ORIGIN, 9, bytes(32)), STRANGER).encode(),
        a_note(Checkpoint(ORIGIN, 9, bytes(32)), LOG).encode().replace(b"\n9\n", b"\n8\n"),
    ],
    ids=["nothing", "no text", "another log's", "a stranger's", "altered"],
)
def test_what_nobody_signed_is_no_claim(rig: Rig, note: bytes) -> None:
    """Whatever a witness shows that no known key signed for this log says nothing."""
    for one in rig.witnesses:
        one.note = note
    guard = rig.guard()
    guard.before_append()
    assert guard.state() == "clear"


def test_silent_witnesses_hold_up_no_append_but_every_signature(rig: Rig) -> None:
    """Appending goes on unasked-for; a checkpoint waits until more than half have answered."""
    for one in rig.witnesses:
        one.silent = True
    guard = rig.guard()
    guard.before_append()
    checkpointing = rig.checkpointing(guard)
    for silent in ([0, 1, 2], [0, 1]):
        for at, one in enumerate(rig.witnesses):
            one.silent = at in silent
        with pytest.raises(Unavailable, match="more than half"):
            checkpointing.round()
    assert "no answer from" in guard.told()
    rig.witnesses[1].silent = False
    assert checkpointing.round()
    assert rig.ledger.checkpoints.latest_kept() is not None


def test_a_restored_ledger_waits_for_their_word(rig: Rig) -> None:
    """Known to be restored, it takes nothing before enough have answered; then it is as any."""
    for one in rig.witnesses:
        one.silent = True
    guard = rig.guard(restored=True)
    with pytest.raises(Unavailable, match="restored"):
        guard.before_append()
    for one in rig.witnesses:
        one.silent = False
    rig.show(6, rig.ledger.tiles.root(6), LOG, at=(0, 1))
    guard.ask()
    guard.before_append()
    assert rig.whole == [NAME]


def test_who_knows_nothing_clears_no_restored_ledger(rig: Rig) -> None:
    """New or emptied witnesses cannot tell what is missing while the one that could is silent."""
    rig.witnesses[2].silent = True
    guard = rig.guard(restored=True)
    with pytest.raises(Unavailable, match="restored"):
        guard.before_append()
    rig.show(6, rig.ledger.tiles.root(6), LOG, at=(0,))
    guard.ask()
    with pytest.raises(Unavailable, match="restored"):
        guard.before_append()
    assert rig.whole == []


def test_a_restored_ledger_that_is_behind_stays_marked(rig: Rig) -> None:
    """What is missing is said, and the mark stays until it is back."""
    rig.show(9, bytes(32), LOG)
    guard = rig.guard(restored=True)
    with pytest.raises(LedgerBehind):
        guard.before_append()
    assert rig.whole == []


def test_our_own_views_count_as_one_who_saw(rig: Rig) -> None:
    """Views that had folded more than there is now tell of a restored ledger without a witness."""
    rig.also = (Claim("our own views", 7, None, ours=True),)
    with pytest.raises(LedgerBehind, match="our own views"):
        rig.guard().before_append()
    rig.also = (Claim("our own views", 6, None, ours=True),)
    rig.guard().before_append()


def test_a_hub_without_witnesses_says_so() -> None:
    """Nobody is asked, everything goes on, and status says that nobody could tell."""
    ledger = MemoryLedger(NAME)
    guard = RestoreGuard(ledger, lambda: Heard(()))
    guard.before_append()
    guard.before_signing()
    assert guard.told().startswith("unwitnessed")
    restored = RestoreGuard(ledger, lambda: Heard(()), found_whole=lambda: None)
    with pytest.raises(Unavailable, match="restored"):
        restored.before_append()
