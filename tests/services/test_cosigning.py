"""How the hub asks witnesses, and what it makes of their answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.checkpoint import NoteSigner, Signed
from domain.signed_note import SignatureLine
from domain.witnessing import AddCheckpoint, Cosigned, HoldsSize, NoCosignature, read_answer
from services.cosigning import TOLERANCE_S, AskedWitness, Cosigning, NotCosigned
from services.witness_ports import Witness
from services.witnessing import Witnessing
from tests.fakes_witness import Answer, DirectWitness, MemoryWitnessBook, ScriptedWitness, SetClock
from tests.log_rig import SmallLog
from tests.note_rig import ALGORITHMS, NOW, WITNESSES

HERE = SmallLog()
SIGNER, STRANGER, _ = WITNESSES


def asking() -> Cosigning:
    """Give a hub that has asked nobody yet."""
    return Cosigning(ALGORITHMS, SetClock())


def named(witness: Witness) -> AskedWitness:
    """Give a witness of the policy."""
    return AskedWitness("b0", SIGNER.key, witness)


def ask(cosigning: Cosigning, witness: Witness, size: int = 9) -> Signed | NotCosigned:
    """Ask for a cosignature of a size."""
    return cosigning.ask(named(witness), HERE.note(size), HERE.prove)


def signs(size: int, by: NoteSigner = SIGNER, seconds: int = NOW) -> Cosigned:
    """Give the answer of a witness that cosigns a size."""
    return Cosigned((by.line(HERE.checkpoint(size), seconds=seconds),))


def a_witness() -> Witness:
    """Give a witness of our own that serves the log."""
    book = MemoryWitnessBook()
    book.add_log(HERE.signers[0].key)
    return DirectWitness(Witnessing(book, SIGNER, ALGORITHMS, SetClock()))


def test_a_witness_is_brought_up_from_wherever_it_is() -> None:
    """From nothing, from what it is remembered to hold, and by a hub that has forgotten it."""
    witness, cosigning = a_witness(), asking()
    for size in (3, 9, 9, 20):
        signed = ask(cosigning, witness, size)
        assert isinstance(signed, Signed)
        assert (signed.key, signed.seconds) == (SIGNER.key, NOW)
    assert isinstance(ask(asking(), witness, 23), Signed)


def test_another_size_is_asked_for_once_more_with_its_proof() -> None:
    """A 409 that says a size is followed by one request with the proof from there, not by two."""
    witness = ScriptedWitness([HoldsSize(5), signs(9)])
    assert isinstance(ask(asking(), witness), Signed)
    assert [(one.old, list(one.path)) for one in witness.asked] == [
        (0, []),
        (5, HERE.prove(5, 9)),
    ]
    moving = ScriptedWitness([HoldsSize(5), HoldsSize(7)])
    assert ask(asking(), moving) == NotCosigned("later", 409, 7)
    assert len(moving.asked) == 2


def test_what_it_held_is_remembered() -> None:
    """Once it has cosigned, the next request goes on from there."""
    witness, cosigning = ScriptedWitness([signs(5), signs(9)]), asking()
    ask(cosigning, witness, 5)
    ask(cosigning, witness, 9)
    assert [one.old for one in witness.asked] == [0, 5]


def test_a_larger_tree_than_ours_is_said() -> None:
    """A witness that has cosigned more than we have is what a restored backup looks like."""
    witness = ScriptedWitness([HoldsSize(10), signs(9)])
    assert ask(asking(), witness) == NotCosigned("ahead", 409, 10)
    assert len(witness.asked) == 1


def test_a_smaller_checkpoint_than_it_holds_is_asked_about_all_the_same() -> None:
    """What we remember of it is a guess: it is asked, and says itself that it is ahead."""
    witness, cosigning = ScriptedWitness([signs(9), HoldsSize(9)]), asking()
    ask(cosigning, witness, 9)
    assert ask(cosigning, witness, 5) == NotCosigned("ahead", 409, 9)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500, 301, 204])
def test_a_refusal_is_not_asked_again(status: int) -> None:
    """What a witness does not believe does not become true by asking: once, and somebody looks.

    Some answer 500 for a log's signature that fails, and an empty 409 for another root.
    """
    witness = ScriptedWitness([read_answer(status, b"")])
    assert ask(asking(), witness) == NotCosigned("refused", status)
    assert len(witness.asked) == 1


def test_a_size_that_it_was_given_is_a_refusal() -> None:
    """Asked from the very size that it says it holds, it means that the root is another."""
    witness = ScriptedWitness([HoldsSize(9)])
    assert ask(asking(), witness) == NotCosigned("refused", 409, 9)
    assert ask(asking(), ScriptedWitness([HoldsSize(0)])) == NotCosigned("refused", 409, 0)


@pytest.mark.parametrize("status", [0, 408, 429, 502, 503, 504])
def test_no_answer_is_for_later(status: int) -> None:
    """A witness that is down, or overrun, has said nothing of the checkpoint."""
    assert ask(asking(), ScriptedWitness([read_answer(status, b"x")])) == NotCosigned(
        "later", status
    )


def another_tree(asked: AddCheckpoint) -> Answer:
    """Sign another size than was asked for."""
    return signs(8)


def noise(asked: AddCheckpoint) -> Answer:
    """Answer with its own name and id, and no signature."""
    return Cosigned((SignatureLine(SIGNER.key.name, SIGNER.key.key_id, b"noise"),))


def stranger(asked: AddCheckpoint) -> Answer:
    """Answer with somebody else's line alone."""
    return signs(9, STRANGER)


@pytest.mark.parametrize("lie", [another_tree, noise, stranger])
def test_every_line_is_verified(lie: Callable[[AddCheckpoint], Answer]) -> None:
    """A line that does not hold over this very checkpoint under its own key counts for nothing."""
    assert ask(asking(), ScriptedWitness([lie])) == NotCosigned("unverified", 200)


def test_lines_of_others_are_passed_over() -> None:
    """Beside its own line a witness may send others: they are nobody's here."""
    lines = (*signs(9, STRANGER).lines, *signs(9).lines)
    signed = ask(asking(), ScriptedWitness([Cosigned(lines)]))
    assert isinstance(signed, Signed)
    assert signed.key == SIGNER.key


@pytest.mark.parametrize("apart", [-TOLERANCE_S - 1, TOLERANCE_S + 1, -NOW])
def test_a_time_far_from_ours_is_none(apart: int) -> None:
    """An old cosignature sent again, or a clock that is wrong, would spoil what is proved by it."""
    answer = signs(9, seconds=NOW + apart)
    assert ask(asking(), ScriptedWitness([answer])) == NotCosigned("clock", 200)
    near = signs(9, seconds=NOW + (TOLERANCE_S if apart > 0 else -TOLERANCE_S))
    assert isinstance(ask(asking(), ScriptedWitness([near])), Signed)


@pytest.mark.parametrize(
    ("body", "holds"),
    [(b"0\n", 0), (b"70000\n", 70000), (b"", None), (b"7", None), (b"07\n", None), (b"-1\n", None)],
)
def test_the_size_of_a_conflict_has_one_spelling(body: bytes, holds: int | None) -> None:
    """A 409 says a size in decimal on a line, or it says nothing that is believed."""
    expected = NoCosignature(409, later=False) if holds is None else HoldsSize(holds)
    assert read_answer(409, body) == expected


def test_garbage_is_no_cosignature() -> None:
    """A 200 without signature lines is a fault to be looked at."""
    for body in (b"", b"OK\n", b"\xff\n", b"{}"):
        assert read_answer(200, body) == NoCosignature(200, later=False)
