"""What a witness's book promises, over every implementation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from adapters.witnesses import book_file
from adapters.witnesses.book import SqliteWitnessBook
from domain.errors import ClockWentBack
from domain.signed_note import NoteKey
from domain.tree import EMPTY_ROOT
from domain.witnessing import origin_digest
from services.witness_ports import Evidence, Tree, WitnessBook
from tests.fakes_witness import MemoryWitnessBook
from tests.note_rig import LOG, LOG_PQ, NOW, ORIGIN, WITNESSES, a_signer

NOTHING = Tree(0, EMPTY_ROOT)
FIVE = Tree(5, bytes([5]) * 32)
SIX = Tree(6, bytes([6]) * 32)
OTHER = a_signer(LOG.key.kind, "other.example/log", 7).key


class Book(WitnessBook, Protocol):
    """A book with what its operator does."""

    def add_log(self, key: NoteKey) -> None:
        """Serve a log."""

    def evidence(self) -> list[Evidence]:
        """Give the evidence."""
        ...


@pytest.fixture(params=["sqlite", "memory"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Book]:
    """Give an empty book that serves one log."""
    if request.param == "memory":
        memory = MemoryWitnessBook()
        memory.add_log(LOG.key)
        yield memory
        return
    path = tmp_path / "witness" / "witness.sqlite"
    book_file.create(path, WITNESSES[0].key.vkey())
    with SqliteWitnessBook(path) as opened:
        opened.add_log(LOG.key)
        yield opened


def test_a_log_begins_with_nothing_cosigned(book: Book) -> None:
    """A log that is served and was never cosigned is the empty tree; another is not known."""
    known = book.log(ORIGIN)
    assert known is not None
    assert (known.keys, known.tree, known.note) == ((LOG.key,), NOTHING, None)
    assert book.log("other.example/log") is None
    assert book.origin(origin_digest(ORIGIN)) == ORIGIN
    assert book.origin(origin_digest("other.example/log")) is None


def test_a_log_can_have_further_keys(book: Book) -> None:
    """Another key of the same origin is believed too, and what was cosigned stays."""
    assert book.keep(ORIGIN, NOTHING, FIVE, b"note", NOW)
    book.add_log(LOG_PQ.key)
    book.add_log(LOG_PQ.key)
    known = book.log(ORIGIN)
    assert known is not None
    assert set(known.keys) == {LOG.key, LOG_PQ.key}
    assert len(known.keys) == 2
    assert (known.tree, known.note, known.seconds) == (FIVE, b"note", NOW)


def test_what_is_kept_goes_on_from_what_stands(book: Book) -> None:
    """A new tree is kept only over the very tree that the caller saw."""
    assert book.keep(ORIGIN, NOTHING, FIVE, b"five", NOW)
    assert not book.keep(ORIGIN, NOTHING, SIX, b"six", NOW)
    assert not book.keep(ORIGIN, Tree(5, bytes(32)), SIX, b"six", NOW)
    known = book.log(ORIGIN)
    assert known is not None
    assert (known.tree, known.note) == (FIVE, b"five")
    assert book.keep(ORIGIN, FIVE, SIX, b"six", NOW + 1)
    assert book.keep(ORIGIN, SIX, SIX, b"six again", NOW + 2)
    known = book.log(ORIGIN)
    assert known is not None
    assert (known.tree, known.note, known.seconds) == (SIX, b"six again", NOW + 2)


def test_no_clock_that_goes_back(book: Book) -> None:
    """A cosignature is never dated before the last of its log, nor well before that of another."""
    book.add_log(OTHER)
    assert book.keep(ORIGIN, NOTHING, FIVE, b"five", NOW)
    with pytest.raises(ClockWentBack):
        book.keep(ORIGIN, FIVE, SIX, b"six", NOW - 1)
    with pytest.raises(ClockWentBack):
        book.keep(OTHER.name, NOTHING, FIVE, b"five", NOW - 6)
    assert book.keep(OTHER.name, NOTHING, FIVE, b"five", NOW - 1)
    known = book.log(ORIGIN)
    assert known is not None
    assert known.tree == FIVE


def test_evidence_is_kept_once(book: Book) -> None:
    """The same contradiction a thousand times is one; another is another."""
    first = Evidence(ORIGIN, NOW, b"text", certain=False, kept=b"five", request=b"request")
    for again in (b"request", b"the same, signed anew"):
        book.keep_evidence(replace(first, seconds=NOW, request=again))
    others = [replace(first, text=b"other", kept=None), replace(first, certain=True)]
    for other in others:
        book.keep_evidence(other)
    assert book.evidence() == [first, *others]
