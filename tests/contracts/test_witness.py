"""What a witness promises whoever asks it: over HTTP, and directly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from adapters.keys.checkpoint_key import ALGORITHMS
from adapters.witnesses import book_file
from adapters.witnesses.application import application
from adapters.witnesses.book import SqliteWitnessBook
from adapters.witnesses.http_witness import HttpWitness
from domain.checkpoint import verified_checkpoint
from domain.signed_note import Note, read_note
from domain.witnessing import Cosigned, HoldsSize, NoCosignature
from services.witness_ports import Witness
from services.witnessing import Witnessing
from tests.adapters.http.serving import HOST, serving
from tests.fakes_witness import DirectWitness, MemoryWitnessBook, SetClock
from tests.log_rig import SmallLog, log_of
from tests.note_rig import NOW, ORIGIN, WITNESSES

HERE = SmallLog()
SIGNER = WITNESSES[0]


@pytest.fixture(params=["http", "direct"])
def witness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Witness]:
    """Give a witness that serves one log."""
    if request.param == "direct":
        memory = MemoryWitnessBook()
        memory.add_log(HERE.signers[0].key)
        yield DirectWitness(Witnessing(memory, SIGNER, ALGORITHMS, SetClock()))
        return
    path = tmp_path / "witness" / "witness.sqlite"
    book_file.create(path, SIGNER.key.vkey())
    with ExitStack() as stack:
        book = stack.enter_context(SqliteWitnessBook(path))
        book.add_log(HERE.signers[0].key)
        port = stack.enter_context(
            serving(application(Witnessing(book, SIGNER, ALGORITHMS, SetClock())))
        )
        door = HttpWitness(f"http://{HOST}:{port}/")
        stack.callback(door.close)
        yield door


def test_it_cosigns_what_goes_on(witness: Witness) -> None:
    """From nothing to five, to nine, and nine again: each time its own line over that tree."""
    for old, new in ((0, 5), (5, 9), (9, 9)):
        answer = witness.ask(old, HERE.prove(old, new), HERE.note(new))
        assert isinstance(answer, Cosigned)
        note = Note(HERE.checkpoint(new).text(), answer.lines)
        _, (signed,) = verified_checkpoint(note, [SIGNER.key], ALGORITHMS)
        assert signed.seconds == NOW


def test_it_says_what_it_holds(witness: Witness) -> None:
    """Asked from another size than it holds, it says which."""
    assert witness.ask(3, HERE.prove(3, 5), HERE.note(5)) == HoldsSize(0)
    witness.ask(0, (), HERE.note(5))
    assert witness.ask(0, (), HERE.note(9)) == HoldsSize(5)


def test_it_does_not_cosign_another_past(witness: Witness) -> None:
    """Another history, or a log that it does not serve, is refused for good."""
    witness.ask(0, (), HERE.note(5))
    other = SmallLog(history="two")
    assert witness.ask(5, other.prove(5, 9), other.note(9)) == NoCosignature(422, later=False)
    strange = log_of("strange.example/log")
    assert witness.ask(0, (), strange.note(5)) == NoCosignature(404, later=False)


def test_it_shows_the_last_checkpoint(witness: Witness) -> None:
    """What it last cosigned is shown with the log's line and its own; before that, nothing."""
    assert witness.latest(ORIGIN) is None
    witness.ask(0, (), HERE.note(5))
    witness.ask(5, HERE.prove(5, 9), HERE.note(9))
    shown = witness.latest(ORIGIN)
    assert shown is not None
    keys = [HERE.signers[0].key, SIGNER.key]
    checkpoint, signed = verified_checkpoint(read_note(shown), keys, ALGORITHMS)
    assert checkpoint == HERE.checkpoint(9)
    assert [one.key for one in signed] == keys
    assert witness.latest("strange.example/log") is None
