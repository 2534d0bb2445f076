"""An answer is witnessed when enough have seen every entry that it stands on, and not before."""

from __future__ import annotations

from adapters.ledger.memory import MemoryLedger
from domain.checkpoint import Checkpoint, signed_note
from domain.logged_checkpoint import LoggedCheckpoint
from domain.tlog_policy import Policy, read_policy
from services.answered_proof import AnsweredProof
from tests.contracts.ledger_builders import NAME, NOON, batch
from tests.note_rig import ALGORITHMS, LOG, LOG_PQ, ORIGIN, WITNESSES

SIZE = 5


def policy(quorum: str = "boroughs") -> Policy:
    """Give a policy of three witnesses, two of which are enough unless another quorum is named."""
    names = [f"w{at}" for at in range(len(WITNESSES))]
    lines = [
        f"log {LOG.key.vkey()}",
        *(f"witness {name} {one.key.vkey()}" for name, one in zip(names, WITNESSES, strict=True)),
        f"group boroughs 2 {' '.join(names)}",
        f"quorum {quorum}",
    ]
    return read_policy(("\n".join(lines) + "\n").encode())


def published(*seen_by: int, entry: bool = False) -> MemoryLedger:
    """Give a ledger whose entries are all under a checkpoint that these witnesses cosigned.

    With `entry` it became an entry.
    """
    ledger = MemoryLedger(NAME)
    ledger.append([batch(0, 1, SIZE)], now_ms=NOON, fences=0)
    checkpoint = Checkpoint(ORIGIN, SIZE, ledger.tiles.root(SIZE))
    note = signed_note(checkpoint, (LOG, LOG_PQ), seconds=NOON // 1000)
    ledger.checkpoints.keep(SIZE, checkpoint.root, note.encode(), now_ms=NOON)
    lines = [WITNESSES[at].line(checkpoint, seconds=NOON // 1000) for at in seen_by]
    whole = note.with_lines(lines).encode()
    ledger.checkpoints.publish(SIZE, whole, now_ms=NOON)
    if entry:
        assert ledger.append_checkpoint(LoggedCheckpoint(SIZE, whole), now_ms=NOON)
    return ledger


def said(ledger: MemoryLedger, sizes: dict[str, int], quorum: str = "boroughs") -> str:
    """Give what is said of an answer on so many entries."""
    return AnsweredProof({NAME: ledger}, policy(quorum), ALGORITHMS).proof(sizes)


def test_entries_that_enough_have_seen_are_witnessed() -> None:
    """Two of three are enough, and a ledger of which nothing was used asks for nothing."""
    assert said(published(0, 2), {NAME: SIZE, "empty": 0}) == "witnessed"


def test_one_entry_more_is_not() -> None:
    """What no published checkpoint covers is the hub's word, in any one of the ledgers."""
    ledger = published(0, 1, 2)
    ledger.append([batch(1, 101, 1)], now_ms=NOON, fences=0)
    assert said(ledger, {NAME: SIZE + 1}) == "unwitnessed"
    assert said(ledger, {NAME: SIZE, "another": 1}) == "unwitnessed"


def test_the_entry_that_a_checkpoint_became_tells_nothing() -> None:
    """A quiet ledger that ends with its own checkpoint is witnessed whole."""
    assert said(published(0, 1, entry=True), {NAME: SIZE + 1}) == "witnessed"


def test_published_without_the_quorum_is_not_witnessed() -> None:
    """What was published before there was a policy, or by one that asks nobody, is unwitnessed."""
    assert said(published(), {NAME: SIZE}) == "unwitnessed"
    assert said(published(1), {NAME: SIZE}) == "unwitnessed"
    assert said(published(0, 1), {NAME: SIZE}, quorum="none") == "unwitnessed"
    assert said(MemoryLedger(NAME), {NAME: 1}) == "unwitnessed"
