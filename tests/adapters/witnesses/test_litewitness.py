"""A witness that was not written here: what it is told, and its key as it says it itself."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.witnesses import litewitness
from domain.errors import HomeNotReady, NotProven
from domain.signed_note import KeyKind
from domain.tree import EMPTY_ROOT
from tests.note_rig import LOG, LOG_PQ, ORIGIN, a_signer

PUBLIC = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHbE2VkYPuKaKbKvYgWszb8UjHtFZO/kY9rbT4KFg50J somebody\n"
)
VKEY = "a.example/w+eceee51b+BHbE2VkYPuKaKbKvYgWszb8UjHtFZO/kY9rbT4KFg50J"
"""What litewitness v0.9.0 said of that key at its start."""
ANOTHER = a_signer(KeyKind.ED25519, "other.example/log", 2).key
EMPTY = base64.b64encode(EMPTY_ROOT).decode()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Make a book with the tables that entering needs, as litewitness has them."""
    path = tmp_path / "book.db"
    with closing(sqlite3.connect(path)) as rows:
        rows.executescript(
            "CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL,"
            " tree_hash TEXT NOT NULL);"
            "CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL);"
        )
    return path


def rows_of(book: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Give what the book has of logs, and of keys."""
    with closing(sqlite3.connect(book)) as rows:
        return (
            rows.execute("SELECT * FROM log").fetchall(),
            rows.execute("SELECT * FROM key").fetchall(),
        )


def test_a_key_is_what_litewitness_says_it_is(tmp_path: Path) -> None:
    """From the public half of an SSH key comes the very word that litewitness says of it."""
    (tmp_path / "key.pub").write_text(PUBLIC, encoding="utf-8")
    assert litewitness.main(["key", "a.example/w", str(tmp_path / "key.pub")]) == VKEY


@pytest.mark.parametrize(
    "line",
    ["", "ssh-ed25519", PUBLIC.replace("ed25519 ", "rsa "), "ssh-ed25519 AAAA", PUBLIC[:60]],
)
def test_no_other_key_is_taken(line: str) -> None:
    """A key of another kind, or a part of one, is refused."""
    with pytest.raises(NotProven):
        litewitness.cosigning_key("a.example/w", line)


def test_the_logs_of_a_policy_are_entered_once(book: Path, tmp_path: Path) -> None:
    """Entered again, nothing is added; a key that it could not read is never entered."""
    policy = tmp_path / "policy"
    policy.write_text(f"log {LOG.key.vkey()}\nlog {LOG_PQ.key.vkey()}\nquorum none\n")
    for _ in range(2):
        litewitness.main(["enter", str(book), str(policy)])
        assert rows_of(book) == ([(ORIGIN, 0, EMPTY)], [(ORIGIN, LOG.key.vkey())])


def test_what_was_cosigned_stays(book: Path) -> None:
    """A log that it follows keeps its size when it is entered again, and its new key is added."""
    with closing(sqlite3.connect(book)) as rows, rows:
        rows.execute("INSERT INTO log VALUES (?, 7, 'root')", (ORIGIN,))
        rows.execute("INSERT INTO key VALUES (?, 'former')", (ORIGIN,))
    litewitness.enter(book, [LOG.key])
    assert rows_of(book) == (
        [(ORIGIN, 7, "root")],
        [(ORIGIN, "former"), (ORIGIN, LOG.key.vkey())],
    )


def test_all_logs_are_entered_or_none(book: Path) -> None:
    """Where the second log is not taken, the first is not there either."""
    with closing(sqlite3.connect(book)) as rows:
        rows.execute(
            "CREATE TRIGGER full BEFORE INSERT ON log WHEN (SELECT count(*) FROM log) = 1"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(sqlite3.IntegrityError):
        litewitness.enter(book, [LOG.key, ANOTHER])
    assert rows_of(book) == ([], [])


def test_a_book_is_waited_for_and_never_made(tmp_path: Path) -> None:
    """Where litewitness made none, entering gives up, and leaves no empty book in its place."""
    book = tmp_path / "book.db"
    with pytest.raises(HomeNotReady):
        litewitness.wait_for_book(book, patience_s=0)
    assert not book.exists()


def test_other_words_are_refused() -> None:
    """A command that it does not know is said to be none."""
    with pytest.raises(HomeNotReady):
        litewitness.main(["leave"])
