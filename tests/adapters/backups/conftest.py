"""What the tests of backups are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.assembly import ceremonies
from adapters.assembly.bringing_up import init_ledgers
from adapters.assembly.ledgers import init_ledger
from adapters.keys.ceremony import public_half
from adapters.settings import HubHome
from tests.adapters.backups.homes import (
    CHEAP,
    PASSPHRASE,
)


@pytest.fixture
def recovery(tmp_path: Path) -> Path:
    """Give the public half of an offline recovery key."""
    path = tmp_path / "offline" / "recovery.json"
    ceremonies.make_recovery(path, "the recovery of a hub", cost=CHEAP)
    return public_half(path)


@pytest.fixture
def home(tmp_path: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch) -> HubHome:
    """Give a hub's home with a mirrored key store and two ledgers, nothing recorded yet."""
    monkeypatch.setenv("BHR_KEY_MIRROR", str(tmp_path / "disk" / "mirror.sqlite"))
    made = HubHome(tmp_path / "hub")
    ceremonies.make_hub(made, PASSPHRASE, recovery, cost=CHEAP)
    init_ledgers(made, PASSPHRASE)
    init_ledger(made, "havering")
    return made


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Give the folder that backups are kept in."""
    return tmp_path / "backups"
