"""What is destroyed is in no file of the key store and its mirror, however it was cut off."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from adapters.keys.store import SqliteKeyStore
from adapters.keys.store_file import StoreFile
from adapters.store_mark import mark_of
from domain.errors import Unavailable
from services.destroying_ports import TagsFenced
from services.ports import WrappedKey
from tests.adapters.keys.store_rows import Opener, made


def rows(count: int, chance: random.Random | None = None) -> list[WrappedKey]:
    """Give keys whose bytes are like nothing else in a file."""
    draw = (chance or random.Random(count)).randbytes
    return [WrappedKey(draw(32), draw(32), draw(60), "havering", "subject") for _ in range(count)]


def found(folders: Sequence[Path], wanted: Sequence[WrappedKey]) -> set[tuple[str, str]]:
    """Search every file byte by byte: which file holds an id or a wrapped key of these."""
    held = set()
    for file in (one for folder in folders for one in folder.iterdir()):
        raw = file.read_bytes()
        for row in wanted:
            held |= {(file.name, "id") for _ in range(row.key_id in raw)}
            held |= {(file.name, "wrapped") for _ in range(row.wrapped in raw)}
    return held


def destroy(store: SqliteKeyStore, gone: Sequence[WrappedKey]) -> None:
    """Destroy rows."""
    store.destroy([row.key_id for row in gone], [row.tag for row in gone])


@pytest.mark.parametrize("seed", [0, 12, 26])
def test_no_byte_is_left(primary: Path, mirror: Path, opener: Opener, seed: int) -> None:
    """Among thousands that were added in pieces, those that are destroyed are nowhere.

    With the last two of these seeds SQLite leaves an id behind where a page was split, unless the
    file is written anew.
    """
    made(primary, mirror)
    store = opener(primary, mirror)
    chance = random.Random(seed)
    every = rows(4_000, chance)
    for start in range(0, len(every), 97):
        store.add(every[start : start + 97])
    gone = chance.sample(every, 400)
    folders = (primary.parent, mirror.parent)
    assert {what for _, what in found(folders, gone)} == {"id", "wrapped"}
    destroy(store, gone)
    assert found(folders, gone) == set()
    kept = [row for row in every if row not in gone]
    assert len(store.by_id([row.key_id for row in kept])) == len(kept)


def test_while_another_process_has_the_store_open(
    primary: Path, mirror: Path, opener: Opener
) -> None:
    """Who opened it and reads nothing is no hindrance, and finds nothing any more."""
    made(primary, mirror)
    store, other = opener(primary, mirror), opener(primary, mirror)
    gone, kept = rows(2)
    store.add([gone, kept])
    assert len(other.by_id([gone.key_id, kept.key_id])) == 2
    destroy(store, [gone])
    assert other.by_id([gone.key_id, kept.key_id]) == [kept]
    assert found((primary.parent, mirror.parent), [gone]) == set()
    with pytest.raises(TagsFenced):
        other.add([gone])


def test_what_somebody_reads_is_not_gone_yet(
    primary: Path, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of the past keeps it in the log: it is not called destroyed, until repeated."""
    monkeypatch.setattr("adapters.keys.store_file._WAIT_SECONDS", 0.05)
    made(primary)
    store = opener(primary)
    gone, kept = rows(2)
    store.add([gone, kept])
    with closing(sqlite3.connect(primary, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM key").fetchone()
        with pytest.raises(Unavailable, match="key store"):
            destroy(store, [gone])
        assert store.by_id([gone.key_id]) == []
        assert not store.destroyed([gone.tag])
    destroy(store, [gone])
    assert store.destroyed([gone.tag])
    assert found((primary.parent,), [gone]) == set()


STEPS = [
    (step, call, when)
    for step in ("destroy", "settle", "gone", "writing")
    for call in (1, 2)
    for when in ("before", "after")
]


class CutError(Exception):
    """The process ended here."""


@pytest.mark.parametrize("cut", STEPS, ids=lambda cut: "-".join(map(str, cut)))
def test_cut_off_anywhere_it_is_finished_by_repeating(
    primary: Path,
    mirror: Path,
    opener: Opener,
    monkeypatch: pytest.MonkeyPatch,
    cut: tuple[str, int, str],
) -> None:
    """In either file, before or after each step: the next attempt destroys what is left."""
    made(primary, mirror)
    store = opener(primary, mirror)
    gone, kept = rows(2)
    store.add([gone, kept])
    with monkeypatch.context() as patched:
        _cut(patched, *cut)
        with pytest.raises(CutError):
            destroy(store, [gone])
    store.close()
    again = opener(primary, mirror)
    assert again.by_id([kept.key_id]) == [kept]
    if not again.destroyed([gone.tag]):
        destroy(again, [gone])
    assert again.destroyed([gone.tag])
    assert again.by_id([gone.key_id]) == []
    assert found((primary.parent, mirror.parent), [gone]) == set()
    with pytest.raises(TagsFenced):
        again.add([gone])


def _cut(patched: pytest.MonkeyPatch, step: str, call: int, when: str) -> None:
    """End the process at a call of a step, counted over both files."""
    if step == "writing":
        patched.setattr(StoreFile, step, _cut_commit(call, when))
        return
    work = getattr(StoreFile, step)
    calls = iter(range(1, 10))

    def cut(self: StoreFile, *given: object) -> None:
        last = next(calls) == call
        if last and when == "before":
            raise CutError
        work(self, *given)
        if last:
            raise CutError

    patched.setattr(StoreFile, step, cut)


def _cut_commit(call: int, when: str) -> Callable[[StoreFile], AbstractContextManager[None]]:
    """End the process before or after a transaction was committed, the mirror's first."""
    work = StoreFile.writing
    calls = iter(range(1, 10))

    @contextmanager
    def cut(self: StoreFile) -> Iterator[None]:
        with work(self):
            yield
            last = next(calls) == call
            if last and when == "before":
                raise CutError
        if last:
            raise CutError

    return cut


def test_a_restored_primary_is_destroyed_again(primary: Path, mirror: Path, opener: Opener) -> None:
    """Of an older copy that stands in its place nothing flows back; repeating destroys it."""
    made(primary, mirror)
    store = opener(primary, mirror)
    gone, kept = rows(2)
    store.add([gone, kept])
    store.close()
    backup = primary.with_name("backup.db")
    shutil.copy(primary, backup)
    again = opener(primary, mirror)
    destroy(again, [gone])
    again.close()
    for left in primary.parent.glob(f"{primary.name}-*"):
        left.unlink()
    backup.replace(primary)
    mark_of(primary).unlink()  # else it is refused for what it is
    restored = opener(primary, mirror)
    assert restored.by_id([gone.key_id]) == [gone]
    assert not restored.destroyed([gone.tag])
    destroy(restored, [gone])
    assert restored.by_id([gone.key_id, kept.key_id]) == [kept]
    assert found((primary.parent, mirror.parent), [gone]) == set()


def test_a_new_mirror_knows_the_fences(primary: Path, mirror: Path, opener: Opener) -> None:
    """A mirror that is made later takes them over, so that it can stand in the primary's place."""
    made(primary)
    store = opener(primary)
    gone, kept = rows(2)
    store.add([gone, kept])
    destroy(store, [gone])
    store.close()
    made(primary, mirror)
    opener(primary, mirror).close()
    alone = opener(mirror)
    assert alone.find([kept.tag]) == [kept]
    with pytest.raises(TagsFenced):
        alone.add([gone])


def test_a_mirror_that_is_not_there(primary: Path, mirror: Path, opener: Opener) -> None:
    """Where the mirror's disk is gone nothing is destroyed, and nothing is called so."""
    made(primary, mirror)
    store = opener(primary, mirror)
    (gone,) = rows(1)
    store.add([gone])
    mirror.rename(mirror.with_name("elsewhere.db"))
    with pytest.raises(Unavailable, match="mirror"):
        destroy(store, [gone])
    assert store.by_id([gone.key_id]) == [gone]
    assert not store.destroyed([gone.tag])
