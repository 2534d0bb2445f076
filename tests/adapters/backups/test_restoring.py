"""Restoring a hub's home: whole or not at all, and in its order.

Processes that are killed on the way are in `tests/journeys/test_killed_keys.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.assembly import backing_up, restoring
from adapters.assembly.hub import open_hub
from adapters.settings import HubHome
from domain.errors import HomeNotReady, Unavailable
from tests.adapters.backups.homes import (
    FIRST,
    PASSPHRASE,
    SECOND,
    all_open,
    backup_of,
    beat,
    lose,
    silent_policy,
)

Alter = Callable[[Path], object]
ALTERED: dict[str, Alter] = {
    "a byte": lambda folder: _flip(folder / "havering.sqlite"),
    "cut short": lambda folder: _cut(folder / "havering.sqlite"),
    "a file is gone": lambda folder: (folder / "bhr.sqlite").unlink(),
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
    "another manifest": lambda folder: (folder / "manifest.json").write_text("{}"),
}


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


@pytest.mark.parametrize("how", ALTERED)
def test_a_backup_that_was_altered_is_not_restored(home: HubHome, kept: Path, how: str) -> None:
    """A file that is not what the manifest says stops it before anything is put back."""
    beat(home, FIRST)
    backing_up.back_up_ledgers(home, kept)
    lose(home, home.ledgers)
    ALTERED[how](backup_of(kept, "ledgers"))
    with pytest.raises(HomeNotReady):
        restoring.restore_ledgers(home, backup_of(kept, "ledgers"), without_witnesses=True)
    assert not list(home.ledgers.glob("*.sqlite"))


def test_nothing_that_stands_is_replaced(home: HubHome, kept: Path) -> None:
    """Ledgers and keys are put where none stand, in a home that nobody has open."""
    beat(home, FIRST)
    backing_up.back_up_ledgers(home, kept)
    backing_up.back_up_keys(home, kept)
    ledgers, keys = backup_of(kept, "ledgers"), backup_of(kept, "keys")
    with pytest.raises(HomeNotReady, match="ledgers stand here already"):
        restoring.restore_ledgers(home, ledgers, without_witnesses=True)
    with pytest.raises(HomeNotReady, match="a key store stands here"):
        restoring.restore_keys(home, PASSPHRASE, keys)
    with open_hub(home, PASSPHRASE), pytest.raises(HomeNotReady, match="stop `bhr serve`"):
        restoring.restore_keys(home, PASSPHRASE, keys)
    assert all_open(home)


def test_keys_wait_for_the_ledgers_and_their_fences(home: HubHome, kept: Path) -> None:
    """Without the ledgers, or before they were found whole, no key store is put back."""
    beat(home, FIRST)
    backing_up.back_up_ledgers(home, kept)
    backing_up.back_up_keys(home, kept)
    lose(home, home.ledgers, home.key_store)
    with pytest.raises(HomeNotReady, match="no ledgers here yet"):
        restoring.restore_keys(home, PASSPHRASE, backup_of(kept, "keys"))
    with pytest.raises(HomeNotReady, match="--without-witnesses"):
        restoring.restore_ledgers(home, backup_of(kept, "ledgers"))
    assert not home.key_store.exists()


def test_a_restored_ledger_takes_nothing_before_witnesses_have_spoken(
    home: HubHome, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With witnesses that do not answer it is read and not written, and its keys must wait."""
    beat(home, FIRST)
    backing_up.back_up_ledgers(home, kept)
    backing_up.back_up_keys(home, kept)
    lose(home, home.ledgers)
    policy = kept / "policy"
    policy.write_text(silent_policy(), encoding="utf-8")
    monkeypatch.setenv("BHR_WITNESS_POLICY", str(policy))
    restoring.restore_ledgers(home, backup_of(kept, "ledgers"))
    assert all_open(home)
    with pytest.raises(Unavailable, match="restored"):
        beat(home, SECOND)
    lose(home, home.key_store)
    with pytest.raises(HomeNotReady, match="let witnesses find these ledgers whole"):
        restoring.restore_keys(home, PASSPHRASE, backup_of(kept, "keys"))
