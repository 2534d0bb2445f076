"""Backups of a hub's home, and what they bring back: everything, but what was destroyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.assembly import backing_up, restoring
from adapters.assembly.hub import open_hub
from adapters.assembly.rotating import rewrap
from adapters.backups import dated
from adapters.keys.store import SqliteKeyStore
from adapters.settings import HubHome
from domain.errors import HomeNotReady, KeyMissing
from domain.opened import OpenedEvent
from domain.vocabulary.hub import Canary
from services.custody import KeyName
from services.destroying_ports import TagsFenced
from services.ports import WrappedKey
from tests.adapters.backups.homes import (
    CHEAP,
    DAY,
    FIRST,
    PASSPHRASE,
    SECOND,
    THIRD,
    all_open,
    backup_of,
    beat,
    destroy,
    lose,
    opened,
)


def test_backup_destroy_restore(home: HubHome, kept: Path) -> None:
    """A key that was destroyed after the backup is destroyed in it too, and never made again."""
    beat(home, FIRST, SECOND)
    backing_up.back_up_keys(home, kept)
    key_id, tag = destroy(home, FIRST)
    beat(home, THIRD)
    backing_up.back_up_ledgers(home, kept)
    lose(home, home.ledgers, home.key_store)
    restored = restoring.restore_ledgers(home, backup_of(kept, "ledgers"), without_witnesses=True)
    assert [(one.name, one.entries) for one in restored] == [("bhr", 0), ("havering", 4)]
    done = restoring.restore_keys(home, PASSPHRASE, backup_of(kept, "keys"))
    # What the erasure itself and the last canary were sealed under was made after the copy.
    assert (done.destroyed, done.unopened["havering"].entries) == (1, 2)
    assert (done.unopened["havering"].first, list(done.unopened)) == (2, ["havering"])
    store = SqliteKeyStore(home.key_store)
    assert store.by_id([key_id]) == store.find([tag]) == []
    assert store.destroyed([tag])
    with pytest.raises(TagsFenced):
        store.add([WrappedKey(tag, bytes(32), b"wrapped", "havering", "stream")])
    store.close()
    with open_hub(home, PASSPHRASE) as rooms:
        first, second, _, third = opened(rooms)
    assert isinstance(second, OpenedEvent)
    assert isinstance(third, KeyMissing)
    assert isinstance(first, KeyMissing | OpenedEvent)
    assert not isinstance(first, OpenedEvent) or first.facts is None


def test_the_mirror_restores_everything_but_what_was_destroyed(home: HubHome, kept: Path) -> None:
    """With the mirror nothing is lost that was made after the last backup."""
    beat(home, FIRST, SECOND)
    key_id, _ = destroy(home, FIRST)
    beat(home, THIRD)
    lose(home, home.key_store)
    done = restoring.restore_keys(home, PASSPHRASE, None)
    assert (done.destroyed, done.unopened) == (1, {})
    with open_hub(home, PASSPHRASE) as rooms:
        assert rooms.custody.held([key_id]) == {}
        assert isinstance(opened(rooms)[3], OpenedEvent)
    assert not list(home.folder.glob("*restoring*"))


def test_a_copy_from_before_a_rewrapping(home: HubHome, kept: Path, recovery: Path) -> None:
    """A copy under the key-encryption key of before is brought under the one in use."""
    beat(home, FIRST)
    backing_up.back_up_keys(home, kept)
    rewrap(home, PASSPHRASE, recovery, "due", cost=CHEAP)
    lose(home, home.key_store)
    assert restoring.restore_keys(home, PASSPHRASE, backup_of(kept, "keys")).destroyed == 0
    assert all_open(home)


def test_a_backup_of_ledgers_holds_no_key(home: HubHome, kept: Path) -> None:
    """Not a wrapped key, not a key file: it may be kept for ever, and opens nothing."""
    beat(home, FIRST, SECOND)
    manifest = backing_up.back_up_ledgers(home, kept)
    folder = backup_of(kept, "ledgers")
    assert {path.name for path in folder.iterdir()} == {
        "bhr.sqlite", "havering.sqlite", "manifest.json",
    }  # fmt: skip
    found = b"".join(path.read_bytes() for path in folder.iterdir())
    with open_hub(home, PASSPHRASE) as rooms:
        names = [KeyName("havering", "stream", one) for one in (FIRST, SECOND)]
        tags = [rooms.custody.tag(name) for name in names]
        secrets = [key.secret for key in rooms.custody.keys_for(names).values()]
    store = SqliteKeyStore(home.key_store)
    wrapped = [row.wrapped for row in store.find(tags)]
    store.close()
    assert len(wrapped) == 2
    assert not [one for one in (*wrapped, *secrets, *tags) if one in found]
    assert [(one.name, one.entries) for one in manifest.ledgers] == [("bhr", 0), ("havering", 2)]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} <= {0o600, 0o644}


def test_a_backup_of_a_ledger_that_goes_on(home: HubHome, kept: Path) -> None:
    """Made while a hub has it open, it is as of one moment, and is restored to that."""
    with open_hub(home, PASSPHRASE) as rooms:
        facts = Canary.Facts(beat=1, sent_at="2024-05-01T00:00:00Z")
        rooms.events.append("havering", rooms.events.made(Canary, facts, FIRST))
        backing_up.back_up_ledgers(home, kept)
        rooms.events.append("havering", rooms.events.made(Canary, facts, SECOND))
        assert rooms.ledgers["havering"].head().size == 2
    lose(home, home.ledgers)
    restoring.restore_ledgers(home, backup_of(kept, "ledgers"), without_witnesses=True)
    assert all_open(home)
    beat(home, THIRD)
    assert all_open(home)


def test_copies_of_the_key_store_lapse(
    home: HubHome, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After 35 days one is refused, and deleted when the next is made; a younger one stays."""
    beat(home, FIRST)
    real = dated.now()
    backing_up.back_up_keys(home, kept)
    old = backup_of(kept, "keys")
    monkeypatch.setattr(dated, "now", lambda: real + 20 * DAY)
    assert backing_up.back_up_keys(home, kept).lapsed == ()
    monkeypatch.setattr(dated, "now", lambda: real + 36 * DAY)
    lose(home, home.key_store)
    with pytest.raises(HomeNotReady, match="lives for 35 days"):
        restoring.restore_keys(home, PASSPHRASE, old)
    young = max(kept.glob("keys-*"))
    restoring.restore_keys(home, PASSPHRASE, young)
    assert backing_up.back_up_keys(home, kept).lapsed == (old.name,)
    assert not old.exists()
    assert young.exists()
