"""A witness follows a log's keys by what the key before signed, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.assembly import ceremonies, log_keys, witnesses
from adapters.keys.ceremony import body_keys
from adapters.keys.checkpoint_key import CheckpointKey
from adapters.keys.key_list import Replacing, Voice, next_list
from adapters.log_settings import WitnessHome
from domain.checkpoint import log_keys as keys_of
from domain.errors import HomeNotReady, ReferenceRefused
from domain.reference.body_keys import BodyKeys, fingerprint
from domain.reference.documents import read_as
from domain.signed_note import NoteKey
from domain.values import to_text

COST, ORIGIN, TODAY = 2**10, "hub.example/havering", "2026-11-27"
FIRST, SECOND, THIRD = (CheckpointKey(bytes([number]) * 64) for number in (1, 2, 3))


@pytest.fixture
def home(tmp_path: Path) -> WitnessHome:
    """Give a witness that serves a log by the first of its keys, and another log."""
    ceremonies.make_recovery(tmp_path / "recovery.json", "another passphrase", cost=COST)
    made = WitnessHome(tmp_path / "witness")
    opened_by = witnesses.recovered_by(
        "a passphrase of tests", tmp_path / "recovery.json.pub", cost=COST
    )
    witnesses.make_witness(made, "havering", "havering.example/witness", opened_by)
    for key in (*pair(FIRST), *keys_of("other.example/log", THIRD.public)):
        witnesses.serve_log(made, key.vkey())
    return made


def pair(key: CheckpointKey) -> tuple[NoteKey, NoteKey]:
    """Give the two keys that a log has of a checkpoint key."""
    return keys_of(ORIGIN, key.public)


def begun() -> BodyKeys:
    """Give the hub's list before anything was replaced."""
    raw = body_keys("bhr", [("checkpoint", FIRST.public)], effective_from=TODAY, name="keys")
    return read_as(BodyKeys, raw)


def followed(
    before: BodyKeys, old: CheckpointKey, new: CheckpointKey, voice: CheckpointKey
) -> BodyKeys:
    """Give the next list, in which one key follows another by somebody's word."""
    mark = to_text(fingerprint("checkpoint", old.public))
    replacing = Replacing("checkpoint", old.public, new.public, Voice(mark, voice.sign))
    raw = next_list(before, [replacing], "due", today=TODAY)
    assert raw is not None
    return read_as(BodyKeys, raw)


def test_it_follows_one_key_after_another(home: WitnessHome) -> None:
    """Two changes at once are followed, of this log alone; once they are known nothing is new."""
    once = followed(begun(), FIRST, SECOND, FIRST)
    twice = followed(once, SECOND, THIRD, SECOND)
    assert log_keys.follow(home, twice.canonical()) == [*pair(SECOND), *pair(THIRD)]
    assert log_keys.follow(home, twice.canonical()) == []


def test_it_follows_no_word_of_another_s(home: WitnessHome) -> None:
    """Signed for with another key than the one before it is not followed, nor is who comes then."""
    once = followed(begun(), FIRST, SECOND, THIRD)
    twice = followed(once, SECOND, THIRD, SECOND)
    for listed in (begun(), once, twice):
        assert log_keys.follow(home, listed.canonical()) == []
    with pytest.raises(ReferenceRefused):
        log_keys.follow(home, b"{}")


def test_a_key_that_was_replaced_is_dropped(home: WitnessHome) -> None:
    """Whichever is named goes, but for the last one: a log that nobody signs is no log."""
    log_keys.follow(home, followed(begun(), FIRST, SECOND, FIRST).canonical())
    for key in (*pair(FIRST), pair(SECOND)[0]):
        assert log_keys.drop_key(home, key.vkey()) == ORIGIN
    with pytest.raises(HomeNotReady, match="only key"):
        log_keys.drop_key(home, pair(SECOND)[1].vkey())
    with pytest.raises(HomeNotReady, match="does not believe"):
        log_keys.drop_key(home, pair(FIRST)[0].vkey())
