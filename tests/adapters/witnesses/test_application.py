"""A witness over HTTP: every row of the status table, races, and what is shown."""

from __future__ import annotations

import base64
import sqlite3
from dataclasses import replace

import pytest

from adapters.keys.checkpoint_key import ALGORITHMS
from domain.checkpoint import Checkpoint, signed_note, verified_checkpoint
from domain.signed_note import SignatureLine, read_note
from domain.tree import EMPTY_ROOT
from domain.witnessing import REQUEST_BYTES_MAX, AddCheckpoint, origin_digest
from tests.adapters.witnesses.conftest import SIGNER, Served, cosigned
from tests.log_rig import SmallLog, log_of
from tests.note_rig import NOW, ORIGIN

HERE = SmallLog()
OTHER = SmallLog(history="two", since=4)
"""The same log, in a history that parts from the first at entry 4."""
SIZE = "text/x.tlog.size"
SHOWN = f"/{origin_digest(ORIGIN)}/checkpoint"


# --- 200 ------------------------------------------------------------------------------------------


def test_200_for_a_log_that_goes_on(served: Served) -> None:
    """From nothing, on from there, and the answer is the witness's line alone."""
    assert cosigned(served.add(HERE.request(0, 5)), HERE.checkpoint(5)) == NOW
    served.clock.seconds += 10
    assert cosigned(served.add(HERE.request(5, 23)), HERE.checkpoint(23)) == NOW + 10
    assert served.add(HERE.request(23, 23))[2] == "text/plain; charset=utf-8"


def test_200_for_the_same_again_with_a_fresh_time(served: Served) -> None:
    """A quiet log is cosigned anew, so that others see how fresh it is."""
    served.add(HERE.request(0, 5))
    served.clock.seconds += 3600
    assert cosigned(served.add(HERE.request(5, 5)), HERE.checkpoint(5)) == NOW + 3600


def test_200_for_the_empty_tree(served: Served) -> None:
    """An empty log can be cosigned, and goes on from there."""
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    note = signed_note(empty, HERE.signers, seconds=NOW)
    assert cosigned(served.add(AddCheckpoint(0, (), note).encode()), empty) == NOW
    assert served.add(HERE.request(0, 5))[0] == 200


def test_200_whoever_else_signed(served: Served) -> None:
    """Lines of keys that the witness does not know do no harm, and are not shown on."""
    strangers = [SignatureLine(f"s{n}.example", b"four", b"s" * 2428) for n in range(16)]
    note = HERE.note(5).with_lines(strangers)
    assert served.add(AddCheckpoint(0, (), note).encode())[0] == 200
    shown = read_note(served.said("GET", SHOWN)[1])
    assert [line.name for line in shown.lines] == [ORIGIN, SIGNER.key.name]


# --- 400 ------------------------------------------------------------------------------------------

GOOD = HERE.request(0, 5)
PROVED = HERE.request(3, 5)
HASH = base64.b64encode(bytes(32))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        GOOD.removeprefix(b"old 0\n\n"),
        GOOD.replace(b"old 0", b"old -1", 1),
        GOOD.replace(b"old 0", b"old 00", 1),
        GOOD.replace(b"old 0", b"old", 1),
        GOOD.replace(b"old 0", b"new 0", 1),
        GOOD.replace(b"old 0", b"old 18446744073709551616", 1),
        GOOD.replace(b"\n", b"\r\n"),
        GOOD[:-1],
        GOOD.replace(b"\n5\n", b"\n05\n", 1),
        GOOD.replace(b"old 0\n", b"old 0\nnonsense\n", 1),
        GOOD.replace(b"old 0\n", b"old 0\n" + HASH[:-1] + b"\n", 1),
        GOOD.replace(b"old 0\n", b"old 0\n" + (HASH + b"\n") * 64, 1),
        GOOD + b"x" * REQUEST_BYTES_MAX,
        b"\xff" + GOOD,
    ],
)
def test_400_for_what_is_no_request(served: Served, body: bytes) -> None:
    """What is malformed is not understood by halves."""
    assert served.add(body)[:2] == (400, b"")


def test_400_for_an_old_size_above_the_new(served: Served) -> None:
    """A tree cannot go on to what is smaller."""
    assert served.add(AddCheckpoint(6, (), HERE.note(5)).encode())[0] == 400


# --- 403 and 404 ----------------------------------------------------------------------------------


def test_404_for_a_log_that_is_not_served(served: Served) -> None:
    """An origin that nobody entered here is not known."""
    assert served.add(log_of("strange.example/log").request(0, 5))[0] == 404


def test_403_without_the_log_s_signature(served: Served) -> None:
    """A checkpoint that another key signed, or nobody who is known, is not the log's."""
    assert served.add(log_of(ORIGIN, seed=9).request(0, 5))[0] == 403
    stranger = SignatureLine("s.example", b"four", b"signature")
    note = replace(HERE.note(5), lines=(stranger,))
    assert served.add(AddCheckpoint(0, (), note).encode())[0] == 403


def test_403_for_a_known_key_s_line_that_fails(served: Served) -> None:
    """A line of the log's own key over something else is not passed over."""
    note = replace(HERE.note(5), lines=HERE.note(6).lines)
    assert served.add(AddCheckpoint(0, (), note).encode())[0] == 403
    served.book.add_log(HERE.signers[1].key)
    mixed = replace(HERE.note(5), lines=(HERE.note(5).lines[0], HERE.note(6).lines[1]))
    assert served.add(AddCheckpoint(0, (), mixed).encode())[0] == 403


# --- 409 ------------------------------------------------------------------------------------------


def test_409_says_the_size_that_it_holds(served: Served) -> None:
    """From another size than the last cosigned: the size, on a line, as its own content type."""
    assert served.add(HERE.request(3, 5)) == (409, b"0\n", SIZE)
    served.add(HERE.request(0, 5))
    assert served.add(HERE.request(0, 9)) == (409, b"5\n", SIZE)
    assert served.add(HERE.request(3, 9)) == (409, b"5\n", SIZE)
    assert served.add(HERE.request(0, 3)) == (409, b"5\n", SIZE)
    assert served.book.evidence() == []


# --- 422, and what it leaves behind ---------------------------------------------------------------


def test_422_for_a_proof_that_does_not_hold(served: Served) -> None:
    """Another history, no proof at all, or one too many: not a continuation."""
    served.add(HERE.request(0, 5))
    requests = [
        OTHER.request(5, 9),
        AddCheckpoint(5, (), HERE.note(9)).encode(),
        AddCheckpoint(5, (*HERE.prove(5, 9), bytes(32)), HERE.note(9)).encode(),
        AddCheckpoint(5, tuple(reversed(HERE.prove(5, 9))), HERE.note(9)).encode(),
    ]
    for request in requests:
        assert served.add(request)[:2] == (422, b"")
    kept = [(one.text, one.certain) for one in served.book.evidence()]
    assert kept == [(OTHER.checkpoint(9).text(), False), (HERE.checkpoint(9).text(), False)]
    assert cosigned(served.add(HERE.request(5, 9)), HERE.checkpoint(9)) == NOW


def test_422_for_a_proof_from_nothing(served: Served) -> None:
    """From the empty tree there is nothing to be proved."""
    request = AddCheckpoint(0, (bytes(32),), HERE.note(5)).encode()
    assert served.add(request)[0] == 422


def test_422_for_another_root_at_the_same_size(served: Served) -> None:
    """Two trees of one size: the log has been caught, and what it signed is kept."""
    served.add(HERE.request(0, 5))
    assert served.add(OTHER.request(5, 5))[0] == 422
    (kept,) = served.book.evidence()
    assert kept.certain
    assert kept.kept is not None
    two = read_note(kept.request.split(b"\n\n", 1)[1])
    keys = [HERE.signers[0].key]
    roots = {verified_checkpoint(note, keys, ALGORITHMS)[0] for note in (read_note(kept.kept), two)}
    assert roots == {HERE.checkpoint(5), OTHER.checkpoint(5)}


def test_another_root_is_kept_even_where_the_old_size_is_wrong(served: Served) -> None:
    """Whatever size it was asked from: a second root of a cosigned size is evidence."""
    served.add(HERE.request(0, 5))
    assert served.add(OTHER.request(0, 5)) == (409, b"5\n", SIZE)
    assert served.add(OTHER.request(5, 5))[0] == 422
    assert [(one.text, one.certain) for one in served.book.evidence()] == [
        (OTHER.checkpoint(5).text(), True)
    ]


def test_422_for_an_empty_tree_with_another_root(served: Served) -> None:
    """The empty tree has one root."""
    note = signed_note(Checkpoint(ORIGIN, 0, bytes(32)), HERE.signers, seconds=NOW)
    assert served.add(AddCheckpoint(0, (), note).encode())[0] == 422


# --- what is shown, and what is not answered ------------------------------------------------------


def test_the_last_checkpoint_is_shown(served: Served) -> None:
    """Anybody can see what this witness last cosigned, with the log's line and its own."""
    assert served.said("GET", SHOWN)[0] == 404
    served.add(HERE.request(0, 5))
    served.add(HERE.request(5, 9))
    status, body, kind = served.said("GET", SHOWN)
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    keys = [HERE.signers[0].key, SIGNER.key]
    checkpoint, signed = verified_checkpoint(read_note(body), keys, ALGORITHMS)
    assert (checkpoint, len(signed)) == (HERE.checkpoint(9), 2)


@pytest.mark.parametrize(
    ("method", "where", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/add-checkpoint", 405),
        ("POST", SHOWN, 405),
        ("GET", f"/{'0' * 64}/checkpoint", 404),
        ("GET", SHOWN.upper().replace("CHECKPOINT", "checkpoint"), 404),
        ("GET", f"/{ORIGIN.replace('/', '%2f')}/checkpoint", 404),
        ("POST", "/sign-subtree", 404),
    ],
)
def test_there_is_nothing_else(served: Served, method: str, where: str, status: int) -> None:
    """Two doors, and no third."""
    served.add(HERE.request(0, 5))
    assert served.said(method, where)[0] == status


def test_503_while_the_clock_is_behind(served: Served) -> None:
    """A witness whose clock went back signs nothing until it is right again."""
    served.add(HERE.request(0, 5))
    served.clock.seconds -= 1
    assert served.add(HERE.request(5, 9))[:2] == (503, b"")
    served.clock.seconds += 1
    assert served.add(HERE.request(5, 9))[0] == 200


def test_503_when_the_book_is_gone(served: Served) -> None:
    """A book that was deleted under the witness takes no more: what it cosigned would be lost."""
    served.add(HERE.request(0, 5))
    served.path.rename(served.path.with_suffix(".away"))
    assert served.add(HERE.request(5, 9))[:2] == (503, b"")
    served.path.with_suffix(".away").rename(served.path)
    assert served.add(HERE.request(5, 9))[0] == 200


def test_503_while_the_book_cannot_be_written(served: Served) -> None:
    """Nothing leaves before it is on the disk: what cannot be kept is not cosigned."""
    served.book._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(served.path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        assert served.add(HERE.request(0, 5))[:2] == (503, b"")
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert served.add(HERE.request(0, 5))[0] == 200
