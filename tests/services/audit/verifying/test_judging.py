"""What is said to be signed, seen or logged is held to who signed it; unseen is never ok."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from domain.checkpoint import Checkpoint, NoteSigner
from domain.logged_checkpoint import LoggedCheckpoint
from domain.record import recorded_ms_of
from domain.signed_note import KeyKind
from services.audit.verifying import report
from services.audit.verifying.judging import Claim
from services.audit.verifying.noting import NoteReader
from tests.contracts.ledger_builders import NAME, submission
from tests.note_rig import ALGORITHMS, LOG, LOG_PQ, ORIGIN, WITNESSES, a_note, a_signer
from tests.verifying_rig import (
    MINUTE,
    STEP,
    careless,
    checkpoint,
    copied,
    found,
    make,
    policy,
    record,
    tampering,
    verify,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the ledger once; whoever changes it takes a copy."""
    return make(tmp_path_factory.mktemp("made"))


@pytest.fixture
def ledger(made: Path, tmp_path: Path) -> Path:
    """Give a copy to tamper with."""
    return copied(made, tmp_path / "copy")


def claimed(path: Path, *witnesses: NoteSigner) -> Claim:
    """Give what is handed out as Havering's latest: a true checkpoint that these witnesses saw."""
    with closing(careless(path)) as opened:
        stated = Checkpoint(ORIGIN, STEP, opened.tiles.root(STEP))
    note = a_note(stated, LOG, LOG_PQ, *witnesses).encode()
    return Claim("havering", NoteReader(NAME, policy(), ALGORITHMS).seen(note))


@pytest.mark.parametrize("witnesses", [(), (WITNESSES[0], WITNESSES[2])])
def test_a_note_that_the_witness_did_not_cosign_is_not_what_it_saw(
    ledger: Path, witnesses: Sequence[NoteSigner]
) -> None:
    """Signed by the log and by others, it is of this tree, and shows nothing of that witness."""
    claim = claimed(ledger, *witnesses)
    assert found(verify(ledger, claims=[claim])) == {
        (report.WITNESSES, STEP - 1, "not-cosigned-by-that-witness")
    }


def test_a_note_that_the_witness_cosigned_is_what_it_saw(ledger: Path) -> None:
    """Its own signature is enough."""
    assert found(verify(ledger, claims=[claimed(ledger, WITNESSES[1])])) == set()


def test_a_logged_checkpoint_of_another_tree_is_found(ledger: Path) -> None:
    """What was shown to who asked then is in the log, and is not what is kept of that size now."""
    with closing(careless(ledger)) as opened:
        now = opened.head().recorded_ms + MINUTE
        opened.append([submission(9, record(2_000, sequence=901))], now_ms=now, fences=0)
        size = opened.head().size
        checkpoint(opened, size, now_ms=now, logged=False)
        other = Checkpoint(ORIGIN, size, hashlib.sha256(b"shown to somebody").digest())
        note = a_note(other, LOG, LOG_PQ).encode()
        logged = opened.append_checkpoint(LoggedCheckpoint(size, note), now_ms=now)
    assert logged is not None
    assert found(verify(ledger)) == {(report.KEPT, size, "checkpoint-entry-differs")}


def test_checkpoints_without_a_quorum_are_not_called_ok(ledger: Path) -> None:
    """An older one that enough witnesses saw says nothing of what came since."""
    with closing(careless(ledger)) as opened:
        head = opened.head()
        checkpoint(opened, head.size, now_ms=head.recorded_ms + MINUTE, logged=False)
    with tampering(ledger) as connection:
        connection.execute("DELETE FROM cosignature WHERE size = ?", (head.size,))
    verdict = verify(ledger)
    why = {one.not_checked for one in verdict.checked if one.step == report.QUORUM} - {""}
    assert why == {
        f"not checked beyond size {verdict.newest_quorum}: no checkpoint since has a quorum"
    }
    assert verdict.newest_quorum == head.size - 1


SUCCESSOR = [a_signer(kind, seed=2) for kind in (KeyKind.ED25519, KeyKind.ML_DSA_44)]


def listed(ledger: Path, *, rounds: int) -> dict[bytes, int]:
    """Say that the key that signed all of this ledger was finished after so many rounds."""
    with closing(careless(ledger)) as opened:
        (entry,) = opened.read(rounds * STEP, 1)
    public = LOG.key.public + LOG_PQ.key.public
    return {public: recorded_ms_of(entry.record) - 1}


def test_what_a_finished_key_signed_alone_is_found(ledger: Path) -> None:
    """What it signed before stands; where it signs of what came since it is a thief's, or a fault.

    The policy file cannot say so: it names both keys.
    """
    both = policy(*(one.key.vkey() for one in (LOG, LOG_PQ, *SUCCESSOR)))
    finished = listed(ledger, rounds=1)
    with closing(careless(ledger)) as opened:
        last = {one.size - 1 for one in opened.checkpoints.kept(0, 10)[1:]}
    assert found(verify(ledger, believed=both, finished=lambda: finished)) == {
        (report.SIGNATURES, position, "signed-by-a-finished-key-alone") for position in last
    }
    assert found(verify(ledger, believed=both)) == set()
    sealed = verify(ledger, believed=both, finished=lambda: None)
    why = {one.not_checked for one in sealed.checked if one.step == report.SIGNATURES}
    assert any("which keys of the log were replaced" in one for one in why)


def test_what_the_successor_signs_as_well_is_no_finding() -> None:
    """While a key is replaced both sign; each of the two algorithms has to be the new key's."""
    both = policy(*(one.key.vkey() for one in (LOG, LOG_PQ, *SUCCESSOR)))
    public = LOG.key.public + LOG_PQ.key.public
    reader = NoteReader(NAME, both, ALGORITHMS, lambda: {public: 7})
    stated = Checkpoint(ORIGIN, 1, bytes(32))
    signers = [(LOG, LOG_PQ), (LOG, LOG_PQ, *SUCCESSOR), (LOG, LOG_PQ, SUCCESSOR[0])]
    untils = [reader.seen(a_note(stated, *some).encode()).until_ms for some in signers]
    assert untils == [7, None, 7]
