"""A witness's book on disk: it outlives the process, and never says less than it did."""

from __future__ import annotations

import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.witnesses import book, book_file
from adapters.witnesses.book import SqliteWitnessBook, opened
from domain.errors import HomeNotReady
from domain.tree import EMPTY_ROOT
from services.witness_ports import Evidence, Tree
from tests.note_rig import LOG, NOW, ORIGIN, WITNESSES

NOTHING = Tree(0, EMPTY_ROOT)
FIVE = Tree(5, bytes([5]) * 32)
VKEY = WITNESSES[0].key.vkey()


def against(text: bytes) -> Evidence:
    """Give evidence."""
    return Evidence(ORIGIN, NOW, text, certain=True, kept=b"five", request=b"request")


@pytest.fixture
def kept(path: Path) -> Path:
    """Give a book in which something stands."""
    with SqliteWitnessBook(path, VKEY) as open_book:
        open_book.add_log(LOG.key)
        assert open_book.keep(ORIGIN, NOTHING, FIVE, b"five", NOW)
        open_book.keep_evidence(against(b"first"))
    return path


def test_a_restart_forgets_nothing(kept: Path) -> None:
    """What was cosigned stands in the next process too, and only that is gone on from."""
    with SqliteWitnessBook(kept, VKEY) as again:
        known = again.log(ORIGIN)
        assert known is not None
        assert (known.tree, known.note, known.seconds) == (FIVE, b"five", NOW)
        assert not again.keep(ORIGIN, NOTHING, FIVE, b"five", NOW)
        assert len(again.evidence()) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET size = 4",
        "UPDATE log SET root = zeroblob(32)",
        "UPDATE log SET seconds = 1",
        "UPDATE log SET note = NULL",
        "UPDATE log SET origin = 'other.example/log'",
        "DELETE FROM log",
        "UPDATE evidence SET request = x'00'",
        "DELETE FROM evidence",
        "UPDATE witness SET vkey = 'other'",
        "DELETE FROM witness",
        "INSERT INTO witness VALUES (2, 'other')",
    ],
)
def test_no_hand_takes_anything_back(kept: Path, statement: str) -> None:
    """The file itself refuses to shrink a log, to swap a root, and to lose evidence."""
    connection = sqlite3.connect(kept)
    try:
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
    finally:
        connection.close()


def test_it_is_its_owner_s_alone(path: Path) -> None:
    """Nobody else may write what a witness remembers."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_no_book_no_witness(path: Path) -> None:
    """Without its book a witness does not start, and no empty one is put in its place."""
    path.unlink()
    with pytest.raises(HomeNotReady, match="must not sign"):
        opened(path)
    assert not path.exists()
    with pytest.raises(HomeNotReady, match="no witness's home"):
        opened(path.parent / "elsewhere" / "witness.sqlite")


def test_a_book_is_of_one_key(path: Path) -> None:
    """A key whose book is lost does not go on with another's."""
    with pytest.raises(HomeNotReady, match="another witness key"):
        SqliteWitnessBook(path, WITNESSES[1].key.vkey())


def test_a_book_is_never_overwritten(kept: Path) -> None:
    """Making it again is refused, and what stands there stays."""
    with pytest.raises(HomeNotReady, match="never overwritten"):
        book_file.create(kept, VKEY)
    with opened(kept) as again:
        assert again.origins() == [ORIGIN]


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000])
def test_another_file_is_no_book(path: Path, content: bytes) -> None:
    """What is no book is said to be none."""
    path.write_bytes(content)
    with pytest.raises(HomeNotReady, match="not a witness's book"):
        opened(path)


def test_evidence_does_not_fill_the_disk(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one log so many contradictions are kept, and no more."""
    monkeypatch.setattr(book, "EVIDENCE_MAX", 3)
    with opened(kept) as again:
        for number in range(6):
            again.keep_evidence(against(b"%d" % number))
        assert [one.text for one in again.evidence()] == [b"first", b"0", b"1"]
        again.keep_evidence(replace(against(b"0"), certain=False))
        assert len(again.evidence()) == 4
