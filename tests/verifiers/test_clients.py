"""Our notes before another's verifier, and our witness before another's client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.assembly.identities import WallClock
from adapters.keys.checkpoint_key import ALGORITHMS
from domain.checkpoint import verified_checkpoint
from domain.signed_note import Note, read_lines, read_note, read_vkey
from tests.note_rig import LOG, WITNESSES
from tests.verifiers import aics_client, notes_checked
from tests.verifiers.conftest import OURS, our_witness
from tests.verifiers.long_log import SIGNERS, SIZE, LongLog, another_history, the_log
from tests.verifiers.programs import PYTHON, ran

pytestmark = pytest.mark.verifiers

SIZES = (1, 2, 256, 257, SIZE)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Serve a witness of our own; gives its address."""
    with our_witness(tmp_path / "ours") as (_, address):
        yield address


def submission(size: int, log: LongLog) -> dict[str, object]:
    """Give a checkpoint with the proofs from every size that it may be asked from."""
    proofs = {
        old: [one.hex() for one in log.prove(old, size)] for old in (0, *SIZES) if old <= size
    }
    return {
        "note": log.note(size, WallClock().now_ms() // 1000).encode().decode(),
        "proofs": proofs,
    }


def submitted(url: str, *submissions: dict[str, object]) -> list[str]:
    """Have aics-witness's client ask our witness; gives what it believed, or what it raised."""
    given = json.dumps({"submissions": submissions, "url": url, "vkey": OURS.key.vkey()})
    found: list[str] = json.loads(ran(PYTHON, aics_client.__file__, given=given))
    return found


def test_our_witness_answers_a_client_that_was_not_written_here(url: str) -> None:
    """It is brought from nothing to 70 000 entries by another's client, which believes each line.

    A second client, which remembers nothing, is told the size and goes on from there.
    """
    lines = submitted(url, *(submission(size, the_log()) for size in SIZES[:-1]))
    lines += submitted(url, submission(SIZE, the_log()), submission(SIZE, the_log()))
    for size, line in zip((*SIZES, SIZE), lines, strict=True):
        text = the_log().checkpoint(size).text()
        note = Note(text, read_lines(line.rstrip("\n").encode() + b"\n"))
        _, (signed,) = verified_checkpoint(note, [OURS.key], ALGORITHMS)
        assert signed.key == OURS.key


def test_another_client_is_refused_as_the_format_says(url: str) -> None:
    """Our 422 and 404 are rejections to it, and our 409 is a witness that is ahead."""
    submitted(url, submission(257, the_log()))
    assert submitted(url, submission(SIZE, another_history()), submission(256, the_log())) == [
        "WitnessRejected",
        "WitnessAhead",
    ]
    moved = submission(SIZE, the_log())
    moved["note"] = str(moved["note"]).replace("hub.example", "hub2.example")
    assert submitted(url, moved) == ["WitnessRejected"]


def test_our_notes_are_verified_by_another_and_its_by_us() -> None:
    """Every kind of line of ours holds there, and an ML-DSA-44 line of its holds here."""
    checkpoint, now = the_log().checkpoint(SIZE), WallClock().now_ms() // 1000
    ours = (*SIGNERS, *WITNESSES)
    note = the_log().note(SIZE, now)
    note = note.with_lines(one.line(checkpoint, seconds=now) for one in WITNESSES)
    vkeys = [one.key.vkey() for one in ours]
    given = {
        "name": "other.example/cosigner",
        "note": note.encode().decode(),
        "seed": bytes(range(32)).hex(),
        "vkeys": [*vkeys, LOG.key.vkey()],
    }
    found = json.loads(ran(PYTHON, notes_checked.__file__, given=json.dumps(given)))
    assert found["verified"] == sorted(vkeys)
    theirs = read_vkey(found["vkey"])
    with_theirs = read_note(note.encode() + f"{found['line']}\n".encode())
    read, signed = verified_checkpoint(
        with_theirs, [*(one.key for one in ours), theirs], ALGORITHMS
    )
    assert read == checkpoint
    assert [one.key for one in signed] == [*(one.key for one in ours), theirs]
