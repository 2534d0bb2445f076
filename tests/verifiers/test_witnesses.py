"""Witnesses that were not written here cosign our checkpoints, ours beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.assembly.identities import WallClock
from adapters.keys.checkpoint_key import ALGORITHMS
from domain.checkpoint import Signed, verified_checkpoint
from domain.signed_note import SignatureLine, read_note
from domain.tree import EMPTY_ROOT
from domain.witnessing import AddCheckpoint, Cosigned, HoldsSize, NoCosignature
from services.cosigning import NotCosigned
from tests.fakes_witness import Answer, ScriptedWitness
from tests.log_rig import log_of
from tests.verifiers.conftest import KINDS, Trio, started
from tests.verifiers.long_log import ORIGIN, SIGNERS, SIZE, another_history, the_log

pytestmark = pytest.mark.verifiers


def test_all_three_cosign_a_log_that_goes_on(trio: Trio) -> None:
    """From one entry to 70 000, over every kind of step: three verified cosignatures each time."""
    for size in (1, 2, 255, 256, 257, 257, 65_536, SIZE):
        found = trio.published(size)
        assert (set(found.witnesses), found.quorum) == (set(KINDS), True)
        assert len(found.log) == 2
        assert found.checkpoint == the_log().checkpoint(size)


@pytest.mark.parametrize("down", KINDS)
def test_two_are_enough_whichever_is_down(trio: Trio, down: str) -> None:
    """With any one of them stopped the others make the quorum; with two stopped, one does not."""
    assert trio.published(256).quorum
    trio.running[down].stop()
    assert trio.ask(down, SIZE) == NotCosigned("later", 0)
    found = trio.published(SIZE)
    assert (set(found.witnesses), found.quorum) == (set(KINDS) - {down}, True)
    other = next(name for name in KINDS if name != down)
    trio.running[other].stop()
    assert not trio.published(SIZE).quorum


def lies_of(name: str, trio: Trio) -> list[Answer]:
    """Give what a witness could answer in place of a cosignature."""
    key = trio.running[name].key
    earlier = trio.ask(name, 255)
    assert isinstance(earlier, Signed)
    other = next(one for one in trio.running if one != name)
    strange = trio.ask(other, SIZE)
    assert isinstance(strange, Signed)
    return [
        Cosigned((earlier.line,)),
        Cosigned((SignatureLine(key.name, key.key_id, bytes(72)),)),
        Cosigned((strange.line,)),
        HoldsSize(SIZE),
        HoldsSize(SIZE + 1),
        NoCosignature(200, later=False),
    ]


@pytest.mark.parametrize("liar", KINDS)
def test_two_are_enough_whichever_lies(trio: Trio, liar: str) -> None:
    """Whatever one of them answers, no word of it comes into what is published."""
    for lie in lies_of(liar, trio):
        trio.running[liar].witness = ScriptedWitness([lie])
        found = trio.published(SIZE)
        assert (set(found.witnesses), found.quorum) == (set(KINDS) - {liar}, True)


def test_none_cosigns_another_history(alone: Trio) -> None:
    """Shown a second history of the log, each refuses, and goes on with the first."""
    name, _ = alone.only
    assert isinstance(alone.ask(name, 256), Signed)
    for size in (256, 257, SIZE):
        refused = alone.ask(name, size, another_history())
        assert isinstance(refused, NotCosigned)
        assert refused.trouble == "refused"
    assert isinstance(alone.ask(name, SIZE), Signed)


def test_each_says_that_it_holds_a_larger_tree(alone: Trio) -> None:
    """A hub that was put back to an older state is told so, by whichever it asks."""
    name, _ = alone.only
    assert isinstance(alone.ask(name, SIZE), Signed)
    assert alone.ask(name, 257) == NotCosigned("ahead", 409, SIZE)


def test_none_cosigns_for_a_stranger(alone: Trio) -> None:
    """A log that it does not serve, and a key that is not the log's, are refused by each."""
    witness = alone.only[1].witness
    for strange in (log_of("strange.example/log"), log_of(ORIGIN, seed=5)):
        answer = witness.ask(0, (), strange.note(5))
        assert isinstance(answer, NoCosignature)
        assert (answer.status in {403, 404}, answer.later) == (True, False)


@pytest.mark.parametrize("name", KINDS)
def test_each_remembers_over_a_restart(tmp_path: Path, name: str) -> None:
    """Stopped and started again, it goes on from what it cosigned, and from nothing else."""
    with started(name, tmp_path) as first:
        assert isinstance(Trio({name: first}).ask(name, 257), Signed)
    with started(name, tmp_path) as second:
        assert second.key == first.key
        again = Trio({name: second})
        assert second.witness.ask(0, (), the_log().note(SIZE, 1)) == HoldsSize(257)
        assert isinstance(again.ask(name, SIZE), Signed)


def test_the_last_checkpoint_is_shown(alone: Trio) -> None:
    """What it last cosigned can be fetched from itself, past the hub; litewitness shows none."""
    name, one = alone.only
    assert one.witness.latest(ORIGIN) is None
    assert isinstance(alone.ask(name, SIZE), Signed)
    shown = one.witness.latest(ORIGIN)
    if name == "litewitness":
        assert shown is None
        return
    assert shown is not None
    keys = [SIGNERS[0].key, one.key]
    checkpoint, signed = verified_checkpoint(read_note(shown), keys, ALGORITHMS)
    assert checkpoint == the_log().checkpoint(SIZE)
    assert {line.key for line in signed} == set(keys)


def test_they_answer_alike(alone: Trio) -> None:
    """The rows of the status table, asked of each: no witness is easier to please than another."""
    witness, log, now = alone.only[1].witness, the_log(), WallClock().now_ms() // 1000
    assert witness.ask(0, (), log.note(256, now)) != HoldsSize(0)
    answers = {
        "stale": witness.ask(255, log.prove(255, 257), log.note(257, now)),
        "bad proof": witness.ask(256, (EMPTY_ROOT,), log.note(257, now)),
        "no proof": witness.ask(256, (), log.note(257, now)),
        "below": witness.ask(257, (), log.note(256, now)),
        "other root": witness.ask(256, (), another_history().note(256, now)),
    }
    assert answers == {
        "stale": HoldsSize(256),
        "bad proof": NoCosignature(422, later=False),
        "no proof": NoCosignature(422, later=False),
        "below": NoCosignature(400, later=False),
        "other root": NoCosignature(422, later=False),
    }
    request = AddCheckpoint(256, tuple(log.prove(256, 257)), log.note(257, now))
    assert isinstance(witness.ask(request.old, request.path, request.note), Cosigned)
