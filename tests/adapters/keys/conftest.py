"""What the tests of keys are given."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.keys.sealed_file import KeyLabel, write_sealed
from adapters.keys.store import SqliteKeyStore
from tests.adapters.keys.one_key_file import CREATED, OPENED_BY, SECRET
from tests.adapters.keys.store_rows import Opener


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a written key file: the hub's signing key."""
    written = tmp_path / "keys" / "hub-signing.json"
    label = KeyLabel("hub-signing", "hub", CREATED)
    write_sealed(written, SECRET, label=label, opened_by=OPENED_BY)
    return written


@pytest.fixture
def primary(tmp_path: Path) -> Path:
    """Give the primary's place."""
    return tmp_path / "store" / "keys.db"


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """Give the mirror's place."""
    return tmp_path / "disk" / "mirror.db"


@pytest.fixture
def opener() -> Iterator[Opener]:
    """Give a function that opens stores, and close them all at the end."""
    stores: list[SqliteKeyStore] = []

    def opens(*paths: Path) -> SqliteKeyStore:
        stores.append(SqliteKeyStore(*paths))
        return stores[-1]

    yield opens
    for store in stores:
        store.close()
