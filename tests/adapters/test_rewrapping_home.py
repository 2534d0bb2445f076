"""Replacing the key-encryption key of a hub's home: everything opens, and it is recorded once.

Processes that are killed on the way are in `tests/journeys/test_killed_keys.py`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.assembly import ceremonies
from adapters.assembly.audit import Opener, open_audit
from adapters.assembly.bringing_up import init_ledgers
from adapters.assembly.hub import open_hub
from adapters.assembly.rotating import rewrap
from adapters.home_lock import work_lock
from adapters.keys.ceremony import public_half
from adapters.keys.sealed_file import read_key_file
from adapters.keys.succession import Succession
from adapters.settings import HubHome
from domain.errors import HomeNotReady
from domain.reference.participants import PARTNERSHIP
from domain.vocabulary.custody import KeyRotated
from domain.vocabulary.hub import Canary
from services.custody import KeyName
from tests.journeys.machines import wait_until

PASSPHRASE = "the passphrase of a hub"
CHEAP = 2**10
CANARY = Canary.Facts(beat=1, sent_at="2024-05-01T00:00:00Z")


@pytest.fixture
def recovery(tmp_path: Path) -> Path:
    """Give the public half of an offline recovery key."""
    path = tmp_path / "offline" / "recovery.json"
    ceremonies.make_recovery(path, "the recovery of a hub", cost=CHEAP)
    return public_half(path)


@pytest.fixture
def home(tmp_path: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch) -> HubHome:
    """Give a hub's home with a mirrored key store, views, and something recorded."""
    monkeypatch.setenv("BHR_KEY_MIRROR", str(tmp_path / "disk" / "mirror.sqlite"))
    made = HubHome(tmp_path / "hub")
    ceremonies.make_hub(made, PASSPHRASE, recovery, cost=CHEAP)
    init_ledgers(made, PASSPHRASE)
    with open_hub(made, PASSPHRASE) as rooms:
        rooms.generations.live()
        rooms.events.append(PARTNERSHIP, rooms.events.made(Canary, CANARY))
    return made


def mark(path: Path) -> str:
    """Give the fingerprint on a key file."""
    return read_key_file(path).fingerprint


def facts_of(home: HubHome) -> list[object]:
    """Open everything that is recorded, as an auditor with the passphrase; gives the facts."""
    with open_audit(Opener(home, PASSPHRASE)) as room:
        assert room.live is not None
        entries = room.ledgers[PARTNERSHIP].read(0, 1_000)
        return [room.openings[PARTNERSHIP].event(entry).facts for entry in entries]


def is_done(home: HubHome, before: str) -> None:
    """Check that another key is in use, that everything opens, and that it is recorded once."""
    keys = Succession(home.key_files, "key-encryption")
    assert not keys.successor.exists()
    assert not list(home.key_files.glob("*.why"))
    assert [mark(path) for path in keys.former()] == [before]
    after = mark(keys.in_use)
    assert after != before
    canary, rotated = facts_of(home)
    assert canary == CANARY
    assert isinstance(rotated, KeyRotated.Facts)
    assert (rotated.key, rotated.replaces) == (after, before)
    assert (rotated.key_class, rotated.reason) == ("key-encryption", "compromised")


def test_another_key_is_put_in_use(home: HubHome, recovery: Path) -> None:
    """Keys, mirror and views are wrapped anew, the key before is kept, and the ledger says so."""
    before = mark(home.key_file("key-encryption"))
    done = rewrap(home, PASSPHRASE, recovery, "compromised", cost=CHEAP)
    assert (done.rows > 1, done.shut) == (True, 0)
    is_done(home, before)
    opened = ceremonies.rehearse(home, recovery.with_name("recovery.json"), "the recovery of a hub")
    assert sum(one.startswith("former/key-encryption-") for one in opened) == 1


def test_a_hub_that_is_open_goes_on(home: HubHome, recovery: Path) -> None:
    """A process that has the hub open makes keys under the new one at once, and opens everything.

    Before the work is done, while it is done, and after it.
    """
    before = mark(home.key_file("key-encryption"))
    with open_hub(home, PASSPHRASE) as rooms:
        names = [KeyName(PARTNERSHIP, "stream", f"{number}") for number in range(4)]
        keys = rooms.custody.keys_for(names[:1])
        rewrap(home, PASSPHRASE, recovery, "compromised", cost=CHEAP)
        keys |= rooms.custody.keys_for(names[1:2])
        rooms.custody.forget()
        assert rooms.custody.keys_for(names[:2]) == keys
        rooms.events.append(PARTNERSHIP, rooms.events.made(Canary, CANARY))
    keys_in_use = Succession(home.key_files, "key-encryption")
    (former,) = keys_in_use.former()
    assert mark(former) == before
    former.unlink()
    with open_hub(home, PASSPHRASE) as rooms:
        assert rooms.custody.keys_for(names[:2]) == keys
    assert facts_of(home)[0] == facts_of(home)[-1] == CANARY


def test_what_is_being_written_is_waited_for(home: HubHome, recovery: Path) -> None:
    """The work begins once whoever wraps under the old key has written; others wait for it."""
    with open_hub(home, PASSPHRASE) as rooms, ThreadPoolExecutor(1) as thread:
        with rooms.generations.steady():
            working = thread.submit(rewrap, home, PASSPHRASE, recovery, "due", cost=CHEAP)
            successor = Succession(home.key_files, "key-encryption").successor
            wait_until(lambda: successor.exists() or working.done(), "it begins")
            with pytest.raises(TimeoutError):
                working.result(0.2)
        assert working.result(60).rows > 1


def test_one_process_wraps_anew_at_a_time(home: HubHome, recovery: Path) -> None:
    """While another is at it nothing is begun, and it is said so; a hub opens all the same."""
    with work_lock(home.folder) as ours:
        assert ours
        with pytest.raises(HomeNotReady, match="another process"):
            rewrap(home, PASSPHRASE, recovery, "due", cost=CHEAP)
        with open_hub(home, PASSPHRASE) as rooms:
            assert rooms.rewrapped is None
    assert not Succession(home.key_files, "key-encryption").successor.exists()
