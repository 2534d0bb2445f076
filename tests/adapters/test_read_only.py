"""What is opened for reading alone is read whole or refused, and stays as it is."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.keys.store import SqliteKeyStore
from adapters.keys.store_reading import ReadOnlyKeyStore
from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_reading import ReadOnlySqliteLedger
from adapters.read_only import ReadOnlyFile
from domain.errors import HomeNotReady, Unavailable
from services.ports import WrappedKey
from tests.contracts.ledger_builders import (
    NAME,
    NOON,
    answer_to,
    batch,
    event_id,
    open_sqlite,
    sqlite_path,
)

ROW = WrappedKey(bytes([1]) * 32, bytes([2]) * 32, b"wrapped", "havering", "stream")
ANOTHER = WrappedKey(bytes([3]) * 32, bytes([4]) * 32, b"wrapped", "havering", "stream")


def used(folder: Path) -> tuple[SqliteLedger, Path]:
    """Give a ledger in use with three entries, and its file."""
    path = sqlite_path(folder)
    ledger = open_sqlite(path)
    answer_to(ledger, batch(1, 0, 3))
    return ledger, path


def there(folder: Path) -> Mapping[str, tuple[int, bytes]]:
    """Give every file of a folder, with the time it was changed and its bytes."""
    return {one.name: (one.stat().st_mtime_ns, one.read_bytes()) for one in folder.iterdir()}


def copied(path: Path, folder: Path, *suffixes: str) -> Path:
    """Copy a file and what stands beside it under these suffixes."""
    folder.mkdir()
    for suffix in ("", *suffixes):
        shutil.copy(f"{path}{suffix}", folder)
    return folder / path.name


@pytest.mark.parametrize("suffixes", [(), ("-wal", "-shm")], ids=["alone", "in the midst of use"])
def test_a_copy_is_read_whole_and_left(tmp_path: Path, suffixes: tuple[str, ...]) -> None:
    """Every entry of a copy is read, and not a byte or time of its folder changes."""
    ledger, path = used(tmp_path)
    if not suffixes:
        ledger.close()
    copy = copied(path, tmp_path / "copy", *suffixes)
    before = there(copy.parent)
    reader = ReadOnlySqliteLedger(copy, NAME, origin="demo")
    assert [one.position for one in reader.read(0, 10)] == [0, 1, 2]
    assert reader.find(event_id(0)) is not None
    assert reader.size_as_of(NOON) == 3
    with pytest.raises(Unavailable):
        answer_to(reader, batch(2, 3, 1))
    reader.close()
    assert there(copy.parent) == before


def test_a_ledger_in_use_is_followed(tmp_path: Path) -> None:
    """What is appended while an auditor reads is read by the next question."""
    ledger, path = used(tmp_path)
    reader = ReadOnlySqliteLedger(path, NAME, origin="demo")
    assert reader.head().size == 3
    answer_to(ledger, batch(2, 3, 2))
    assert reader.head().size == 5
    reader.close()
    ledger.close()


def test_a_log_without_its_index_is_refused(tmp_path: Path) -> None:
    """A write-ahead log that cannot be read must not be left out in silence."""
    ledger, path = used(tmp_path)
    copy = copied(path, tmp_path / "copy", "-wal")
    with pytest.raises(HomeNotReady, match="copy the three files together"):
        ReadOnlySqliteLedger(copy, NAME, origin="demo")
    assert {one.name for one in copy.parent.iterdir()} == {copy.name, f"{copy.name}-wal"}
    ledger.close()


def test_a_file_in_the_midst_of_a_change_is_refused(tmp_path: Path) -> None:
    """A rollback journal says that the file is half of something."""
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"")
    path.with_name("a.sqlite-journal").write_bytes(b"journal")
    with pytest.raises(HomeNotReady):
        ReadOnlyFile(path)


def test_a_hub_that_starts_meanwhile_is_noticed(tmp_path: Path) -> None:
    """A file that was opened as one that nobody changes is not believed once somebody did."""
    ledger, path = used(tmp_path)
    ledger.close()
    reader = ReadOnlySqliteLedger(path, NAME, origin="demo")
    assert len(reader.read(0, 10)) == 3
    with_hub = open_sqlite(path)
    answer_to(with_hub, batch(2, 3, 1))
    with_hub.close()  # the last to leave writes the log back into the file
    with pytest.raises(Unavailable, match="changed while it was read"):
        reader.read(0, 10)
    reader.close()


def test_no_file_is_made_by_looking_for_it(tmp_path: Path) -> None:
    """Where nothing stands, nothing is made."""
    with pytest.raises(HomeNotReady):
        ReadOnlyFile(tmp_path / "none.sqlite")
    with pytest.raises(HomeNotReady):
        ReadOnlyKeyStore(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_key_store_gives_keys_and_takes_none(tmp_path: Path) -> None:
    """Rows and the index key are found in a copy; adding is refused, and nothing changes."""
    path = tmp_path / "keys.sqlite"
    store = SqliteKeyStore.create(path)
    store.index_key(lambda: b"index")
    store.add([ROW])
    store.close()
    before = there(tmp_path)
    reader = ReadOnlyKeyStore(path)
    assert reader.find([ROW.tag]) == reader.by_id([ROW.key_id]) == [ROW]
    assert reader.index_key(lambda: b"another") == b"index"
    with pytest.raises(HomeNotReady):
        reader.add([ANOTHER])
    reader.close()
    assert there(tmp_path) == before


def test_a_new_key_store_has_nothing_to_audit(tmp_path: Path) -> None:
    """No index key is made for a store that has none."""
    path = tmp_path / "keys.sqlite"
    SqliteKeyStore.create(path).close()
    reader = ReadOnlyKeyStore(path)
    with pytest.raises(HomeNotReady):
        reader.index_key(lambda: b"index")
    reader.close()
