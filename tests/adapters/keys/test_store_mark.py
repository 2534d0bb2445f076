"""A key store whose file was replaced is refused: by another, by an older one, while it is open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adapters.store_mark import mark_of
from domain.errors import HomeNotReady, Unavailable
from tests.adapters.keys.store_rows import Opener, made, row


def copied(path: Path, to: Path) -> Path:
    """Copy a closed store's file, as somebody may who keeps copies of a home."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(shutil.copy2(path, to))


def put_back(copy: Path, path: Path) -> None:
    """Put a copy in the place of a store that was closed."""
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shutil.copy2(copy, path)


@pytest.mark.parametrize("change", ["add", "destroy"])
def test_an_older_copy_is_refused(
    primary: Path, opener: Opener, tmp_path: Path, change: str
) -> None:
    """Whatever the newer had: keys that this one lacks, or keys that were destroyed since."""
    made(primary)
    store = opener(primary)
    store.add([row(1, 1)])
    store.close()
    copy = copied(primary, tmp_path / "copies" / "keys.db")
    store = opener(primary)
    if change == "add":
        store.add([row(2, 2)])
    else:
        store.destroy([row(1, 1).key_id], [row(1, 1).tag])
    store.close()
    newest = copied(primary, tmp_path / "newest" / "keys.db")
    put_back(copy, primary)
    with pytest.raises(HomeNotReady, match=r"an older copy.*bhr keys restore"):
        opener(primary)
    put_back(newest, primary)
    opener(primary)


def test_another_store_is_refused(primary: Path, opener: Opener, tmp_path: Path) -> None:
    """However much is in it: it would know no fence, and open nothing."""
    made(primary)
    opener(primary).close()
    other = tmp_path / "other" / "keys.db"
    made(other)
    store = opener(other)
    store.add([row(1, 1)])
    store.close()
    put_back(other, primary)
    with pytest.raises(HomeNotReady, match="another key store"):
        opener(primary)


def test_a_mirror_in_the_place_of_a_lost_store_is_as_new(
    primary: Path, mirror: Path, opener: Opener
) -> None:
    """It has whatever the store had, and counts the same changes."""
    made(primary, mirror)
    store = opener(primary, mirror)
    store.index_key(lambda: b"index")
    store.add([row(1, 1)])
    store.destroy([row(1, 1).key_id], [row(1, 1).tag])
    store.close()
    put_back(mirror, primary)
    assert opener(primary).destroyed([row(1, 1).tag])


def test_a_file_that_is_replaced_while_it_is_open(primary: Path, opener: Opener) -> None:
    """Nothing more goes into a file that nobody will find again, with no mirror either."""
    made(primary)
    store = opener(primary)
    store.index_key(lambda: b"index")
    primary.rename(primary.with_name("moved.db"))
    for use in (
        lambda: store.add([row(1, 1)]),
        lambda: store.destroy([row(1, 1).key_id], [row(1, 1).tag]),
    ):
        with pytest.raises(Unavailable):
            use()
    made_again = primary.with_name("moved.db")
    made_again.rename(primary)
    assert store.add([row(1, 1)]) == [row(1, 1)]


def test_a_damaged_mark_is_refused(primary: Path, opener: Opener) -> None:
    """It says what to do, and without one a store is as new as it says."""
    made(primary)
    opener(primary).close()
    mark_of(primary).write_text("nonsense")
    with pytest.raises(HomeNotReady, match="delete this file"):
        opener(primary)
    mark_of(primary).unlink()
    opener(primary)
