"""Whatever the owner of the file changes by hand is found, and its first place is named."""

import hashlib
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from domain import tree
from domain.checkpoint import Checkpoint
from domain.record import leaf_bytes_of
from domain.signed_note import KeyKind
from services.audit.verifying import report
from services.audit.verifying.judging import Claim, Seen
from services.audit.verifying.noting import NoteReader
from tests.contracts.ledger_builders import NAME, submission
from tests.note_rig import ALGORITHMS, LOG, LOG_PQ, ORIGIN, WITNESSES, a_note, a_signer
from tests.verifying_rig import (
    ENTRIES,
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

HEAD = ENTRIES + 3
"""Entries of the ledger: events, and a checkpoint after each round."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the ledger once; whoever changes it takes a copy."""
    return make(tmp_path_factory.mktemp("made"))


@pytest.fixture
def ledger(made: Path, tmp_path: Path) -> Path:
    """Give a copy to tamper with."""
    return copied(made, tmp_path / "copy")


def test_an_untouched_ledger_has_no_finding(made: Path) -> None:
    """Every step that needs no key holds, and says how much it looked at."""
    verdict = verify(made)
    assert found(verdict) == set()
    looked = {one.step: one for one in verdict.checked if not one.not_checked}
    assert looked[report.LEAVES].looked_at == HEAD
    assert looked[report.TILES].looked_at == HEAD // 256
    assert looked[report.SIGNATURES].looked_at == 3
    assert looked[report.TIMES].looked_at == 3
    assert verdict.newest_quorum == HEAD - 1


def state_of(path: Path, position: int) -> bytes:
    """Read a record as it is stored."""
    with tampering(path) as connection:
        row = connection.execute("SELECT state FROM record WHERE rowid = ?", (position + 1,))
        return bytes(row.fetchone()[0])


def put(path: Path, position: int, state: bytes) -> None:
    """Write another record in a record's place."""
    with tampering(path) as connection:
        connection.execute("UPDATE record SET state = ? WHERE rowid = ?", (state, position + 1))


def test_an_edited_leaf_is_found_at_its_position(ledger: Path) -> None:
    """A leaf with one bit changed makes another tile and another root than was signed."""
    raw = bytearray(state_of(ledger, 100))
    raw[60] ^= 1
    put(ledger, 100, bytes(raw))
    codes = found(verify(ledger))
    assert (report.TILES, 100, "tile-differs") in codes
    assert {code for step, _, code in codes if step in {report.ROOT, report.KEPT}} == {
        "root-differs"
    }


def test_an_exchanged_ciphertext_is_found_at_its_position(ledger: Path) -> None:
    """Sealed bytes that the leaf does not commit to are named, though every proof still holds."""
    raw = bytearray(state_of(ledger, 700))
    raw[-1] ^= 1
    put(ledger, 700, bytes(raw))
    assert found(verify(ledger)) == {(report.LEAVES, 700, "sealed-bytes-differ")}


def test_a_record_that_was_made_a_text_is_found_at_its_position(ledger: Path) -> None:
    """What SQLite takes for a text, and cannot read as one, is named like any other change."""
    with tampering(ledger) as connection:
        connection.execute("UPDATE record SET state = CAST(state AS TEXT) WHERE rowid = 8")
    assert (report.LEAVES, 7, "leaf-malformed") in found(verify(ledger))


def test_two_exchanged_rows_are_found(ledger: Path) -> None:
    """Entries that change places are not where the tree has them."""
    one, other = state_of(ledger, 10), state_of(ledger, 20)
    put(ledger, 10, other)
    put(ledger, 20, one)
    codes = found(verify(ledger))
    assert (report.LEAVES, 10, "event-id-differs") in codes
    assert (report.TILES, 10, "tile-differs") in codes


def test_an_event_that_stands_twice_is_found_where_it_stands_again(ledger: Path) -> None:
    """No constraint of a database is asked: the later place is named, at any distance."""
    put(ledger, HEAD - 2, state_of(ledger, 3))
    assert (report.LEAVES, HEAD - 2, "event-id-doubled") in found(verify(ledger))


def test_a_deleted_row_is_found_where_it_stood(ledger: Path) -> None:
    """The first position at which nothing stands is named."""
    with tampering(ledger) as connection:
        connection.execute("DELETE FROM record WHERE rowid = 401")
    codes = found(verify(ledger))
    assert (report.LEAVES, 400, "entry-missing") in codes
    assert (report.ROOT, 400, "shorter-than-signed") in codes


def test_a_truncated_tail_is_found_where_it_begins(ledger: Path) -> None:
    """A head that was set back does not hide that more was signed than there is."""
    with tampering(ledger) as connection:
        connection.execute("DELETE FROM record WHERE rowid > 800")
        connection.execute("UPDATE head SET size = 800")
    codes = found(verify(ledger))
    assert (report.ROOT, 800, "shorter-than-signed") in codes


def test_a_truncation_that_takes_the_checkpoints_along_is_seen_by_the_witnesses(
    made: Path, ledger: Path
) -> None:
    """Who deletes what was signed as well still cannot delete what the witnesses remember."""
    newest = latest_note(made)
    with tampering(ledger) as connection:
        connection.execute("DELETE FROM record WHERE rowid > 602")
        connection.execute("UPDATE head SET size = 602")
        for table in ("published", "cosignature", "checkpoint"):
            connection.execute(f"DELETE FROM {table} WHERE size > 602")  # noqa: S608 - our own names
    assert found(verify(ledger)) == set()
    claim = Claim("havering", NoteReader(NAME, policy(), ALGORITHMS).seen(newest))
    assert found(verify(ledger, claims=[claim])) == {(report.WITNESSES, 602, "witness-saw-more")}


def latest_note(path: Path) -> bytes:
    """Give the newest checkpoint as it was published."""
    with tampering(copied(path, path.parent / "read")) as connection:
        row = connection.execute("SELECT note FROM published ORDER BY size DESC LIMIT 1")
        return bytes(row.fetchone()[0])


def test_a_tile_that_was_forged_together_with_its_entry_is_found(ledger: Path) -> None:
    """CVE-2026-56865: an entry and its hash changed together, and the tiles above left alone."""
    raw = bytearray(state_of(ledger, 300))
    raw[60] ^= 1
    put(ledger, 300, bytes(raw))
    forged = tree.leaf_hash(leaf_bytes_of(bytes(raw)))
    with tampering(ledger) as connection:
        row = connection.execute("SELECT hashes FROM tile WHERE level = 0 AND number = 1")
        hashes = bytearray(row.fetchone()[0])
        hashes[44 * 32 : 45 * 32] = forged
        connection.execute(
            "UPDATE tile SET hashes = ? WHERE level = 0 AND number = 1", (bytes(hashes),)
        )
    codes = found(verify(ledger))
    assert (report.KEPT, 300, "root-differs") not in codes  # named by size, not by entry
    assert {code for step, _, code in codes if step in {report.ROOT, report.KEPT}} == {
        "root-differs"
    }


def test_a_missing_tile_is_found(ledger: Path) -> None:
    """A tile that is not there is named by the first entry below it."""
    with tampering(ledger) as connection:
        connection.execute("DELETE FROM tile WHERE level = 0 AND number = 2")
    assert found(verify(ledger)) == {(report.TILES, 512, "tile-missing")}


def test_a_second_history_under_a_true_signature_is_found(ledger: Path) -> None:
    """A checkpoint of another tree, though signed by the log itself, is not of these entries."""
    other = Checkpoint(ORIGIN, STEP, hashlib.sha256(b"another history").digest())
    note = a_note(other, LOG, LOG_PQ).encode()
    with tampering(ledger) as connection:
        connection.execute(
            "UPDATE checkpoint SET root = ?, note = ? WHERE size = ?", (other.root, note, STEP)
        )
        connection.execute("DELETE FROM cosignature WHERE size = ?", (STEP,))
    assert found(verify(ledger)) >= {(report.KEPT, STEP - 1, "root-differs")}


def test_a_checkpoint_that_was_taken_away_leaves_its_entry(ledger: Path) -> None:
    """What was logged as an entry cannot be made never to have been signed."""
    with tampering(ledger) as connection:
        for table in ("published", "cosignature", "checkpoint"):
            connection.execute(f"DELETE FROM {table} WHERE size = ?", (STEP,))  # noqa: S608 - our own names
    assert found(verify(ledger)) == {(report.KEPT, STEP, "checkpoint-entry-not-kept")}


def without_first_line(note: bytes) -> bytes:
    """Take the log's first signature off a note."""
    text, lines = note.split(b"\n\n")
    return text + b"\n\n" + lines.split(b"\n", 1)[1]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (without_first_line, "signature-of-the-log-missing"),
        (lambda note: note[:-10] + b"AAAAAAAA" + note[-2:], None),
        (lambda _: b"nothing at all", None),
    ],
    ids=["one line short", "a line changed", "no note"],
)  # fmt: skip
def test_a_spoilt_note_is_found(
    ledger: Path, spoil: Callable[[bytes], bytes], code: str | None
) -> None:
    """A signature that is missing or does not hold, or bytes that are no note, are findings."""
    with tampering(ledger) as connection:
        row = connection.execute("SELECT note FROM checkpoint WHERE size = ?", (STEP,))
        note = spoil(bytes(row.fetchone()[0]))
        connection.execute("UPDATE checkpoint SET note = ? WHERE size = ?", (note, STEP))
    codes = {one for step, _, one in found(verify(ledger)) if step == report.SIGNATURES}
    assert codes
    assert code is None or code in codes


def test_a_log_that_nobody_named_is_not_said_to_be_signed(made: Path) -> None:
    """Without a policy for this log the signatures are "not checked", never "ok"."""
    stranger = a_signer(KeyKind.ED25519, "hub.example/redbridge", seed=9)
    verdict = verify(made, believed=policy(stranger.key.vkey()))
    why = {one.step: one.not_checked for one in verdict.checked if one.not_checked}
    assert "names the keys" in why[report.SIGNATURES]
    assert "unwitnessed" in why[report.QUORUM]


def test_an_entry_that_was_dated_back_is_found(ledger: Path) -> None:
    """A time before the last checkpoint was seen cannot be that of what came after it."""
    with closing(careless(ledger)) as opened:
        last = opened.head()
        seen = last.recorded_ms + 60 * MINUTE
        checkpoint(opened, last.size, now_ms=seen, logged=False)  # no more was there by then
        late = submission(9, record(2_000, sequence=ENTRIES + 1))
        opened.append([late], now_ms=last.recorded_ms, fences=0)
        checkpoint(opened, opened.head().size, now_ms=seen + MINUTE)
    assert found(verify(ledger)) == {(report.TIMES, last.size, "recorded-before-it-can-have-come")}


def test_an_entry_from_the_future_is_found(ledger: Path) -> None:
    """What a witness has seen already was not recorded an hour later."""
    with closing(careless(ledger)) as opened:
        now = opened.head().recorded_ms + 60 * MINUTE
        early = submission(9, record(2_000, sequence=ENTRIES + 1))
        opened.append([early], now_ms=now, fences=0)
        size = opened.head().size
        checkpoint(opened, size, now_ms=now - 30 * MINUTE)
    assert (report.TIMES, size - 1, "recorded-after-it-was-seen") in found(verify(ledger))


def test_a_gap_is_never_called_ok_without_what_explains_it(ledger: Path) -> None:
    """A missing or doubled number is said to be unexplained as long as nothing can be opened."""
    with closing(careless(ledger)) as opened:
        now = opened.head().recorded_ms
        records = record(2_000, sequence=ENTRIES + 5), record(2_001, sequence=7)
        pending = submission(9, *records)
        opened.append([pending], now_ms=now, fences=0)
    why = {one.step: one.not_checked for one in verify(ledger).checked}
    assert why[report.GAPS] == "2 gaps or doubles, and what would explain them is sealed"


def test_a_witness_that_remembers_another_tree_is_heard(made: Path) -> None:
    """The same size with another root, signed by the log: two histories were shown."""
    other = Checkpoint(ORIGIN, 2 * STEP, hashlib.sha256(b"shown to one of them").digest())
    note = a_note(other, LOG, LOG_PQ, WITNESSES[1]).encode()
    claim = Claim("havering", NoteReader(NAME, policy(), ALGORITHMS).seen(note))
    assert found(verify(made, claims=[claim])) == {
        (report.WITNESSES, 2 * STEP - 1, "witness-saw-another-tree")
    }


def test_a_witness_that_does_not_answer_is_not_checked(made: Path) -> None:
    """Silence is no agreement."""
    verdict = verify(made, claims=[Claim("havering", None), Claim("redbridge", Seen(0, b""))])
    assert "havering did not answer, or saw nothing of it" in {
        one.not_checked for one in verdict.checked
    }


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """Only what is no ledger's file at all is refused rather than reported."""
    path = tmp_path / "havering.sqlite"
    shutil.copy(__file__, path)
    with pytest.raises(Exception, match="cannot be read as a ledger"):
        verify(path)
