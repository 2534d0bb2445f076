"""Moving a home's keys to a server: a copy that lapses first, then the move."""

from __future__ import annotations

from pathlib import Path

from adapters.assembly import key_stores
from adapters.assembly.backing_up import KeysBackedUp, back_up_keys
from adapters.backups.copying import copy_online
from adapters.home_lock import home_lock
from adapters.settings import HubHome
from domain.errors import HomeNotReady


def move_keys(home: HubHome, destination: Path) -> KeysBackedUp:
    """Back the keys up, and put them on the server that the home names.

    Raises HomeNotReady, Unavailable; where it was cut off, it is done again.
    """
    with home_lock(home.folder) as lock:
        lock.alone()
        if not home.key_store.exists():
            raise HomeNotReady(f"{home.key_store}: no key store here that could be moved")
        done = back_up_keys(home, destination, _from_file)
        key_stores.move_keys(home)
    return done


def _from_file(home: HubHome, target: Path) -> None:
    copy_online(home.key_store, target)
