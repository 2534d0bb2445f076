"""The checkpoint key: two keys in one file, and a name for each log."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.keys.checkpoint_key import ALGORITHMS, CheckpointKey, verify_successor
from adapters.keys.sealed_file import KeyLabel, key_fingerprint, open_sealed, write_sealed
from adapters.keys.signing import Ed25519Signer
from domain.checkpoint import Checkpoint, log_keys, signed_note, verified_checkpoint
from domain.errors import HomeNotReady, NotProven
from domain.reference.body_keys import fingerprint
from domain.signed_note import KeyKind
from tests.adapters.keys.one_key_file import CREATED, OPENED_BY, PASSPHRASE

SECRET = bytes(range(64))
ORIGIN = "hub.example/havering"
CHECKPOINT = Checkpoint(ORIGIN, 3, bytes(32))


def test_a_checkpoint_is_signed_with_both() -> None:
    """Ed25519 for every verifier there is, ML-DSA-44 beside it; both from the registered bytes."""
    key = CheckpointKey(SECRET)
    note = signed_note(CHECKPOINT, key.signers(ORIGIN), seconds=1_795_000_000)
    found, signed = verified_checkpoint(note, log_keys(ORIGIN, key.public), ALGORITHMS)
    assert found == CHECKPOINT
    assert [one.key.kind for one in signed] == [KeyKind.ED25519, KeyKind.ML_DSA_44]
    assert {one.key.name for one in signed} == {ORIGIN}


def test_each_half_is_its_own_seed() -> None:
    """A change in either half changes that key alone."""
    public = CheckpointKey(SECRET).public
    other = CheckpointKey(SECRET[:32] + bytes(32)).public
    assert other[:32] == public[:32]
    assert other[32:] != public[32:]


def test_its_file_holds_64_bytes(tmp_path: Path) -> None:
    """It is kept as every key is, under the fingerprint of both public halves together."""
    path = tmp_path / "keys" / "checkpoint-signing.json"
    label = KeyLabel("checkpoint-signing", "bhr", CREATED)
    mark = write_sealed(path, SECRET, label=label, opened_by=OPENED_BY)
    assert mark == fingerprint("checkpoint", CheckpointKey(SECRET).public)
    opened = open_sealed(path, PASSPHRASE, purpose="checkpoint-signing", owner="bhr")
    assert opened == SECRET
    with pytest.raises(HomeNotReady, match="another length"):
        write_sealed(path, SECRET[:32], label=label, opened_by=OPENED_BY)


def test_one_seed_has_a_fingerprint_for_each_purpose() -> None:
    """What was read out for one purpose is never believed for another."""
    secret = bytes(32)
    marks = {key_fingerprint(one, secret) for one in ("deciding", "signing", "witness")}
    assert len(marks) == 3


@pytest.mark.parametrize("length", [0, 32, 63, 65])
def test_another_length_is_refused(length: int) -> None:
    """A secret of another length is refused without showing it."""
    with pytest.raises(HomeNotReady) as refused:
        CheckpointKey(b"M" * length)
    assert "MM" not in repr(refused.value)


def test_an_origin_that_is_no_key_name_signs_nothing() -> None:
    """A name that no line can bear is refused before anything is signed under it."""
    with pytest.raises(NotProven, match="key-name"):
        CheckpointKey(SECRET).signers("hub example")


def test_both_keys_sign_for_a_successor() -> None:
    """Who could break one of the two algorithms still names no successor."""
    key, other = CheckpointKey(SECRET), CheckpointKey(SECRET[::-1])
    signature, forged = key.sign(b"who follows"), other.sign(b"who follows")
    assert verify_successor(key.public, signature, b"who follows")
    assert not verify_successor(key.public, signature, b"who else")
    for half in (forged[:64] + signature[64:], signature[:64] + forged[64:], signature[:64]):
        assert not verify_successor(key.public, half, b"who follows")


def test_other_keys_sign_for_theirs_alone() -> None:
    """What is no checkpoint key is verified as every signing key is."""
    signer = Ed25519Signer(SECRET[:32])
    assert verify_successor(signer.public, signer.sign(b"who follows"), b"who follows")
    assert not verify_successor(signer.public, bytes(64), b"who follows")
