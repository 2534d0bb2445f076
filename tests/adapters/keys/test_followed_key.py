"""A key-encryption key that is replaced under a process which goes on using it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.keys.ceremony import Ceremony, make_recovery, public_half, read_public_half
from adapters.keys.followed_key import FollowedKey
from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.keys.sealed_file import OpenedBy, open_sealed
from adapters.keys.succession import Succession
from domain.errors import HomeNotReady, NotOpened, Unavailable
from services.key_ports import KeyEncryption

PASSPHRASE = "the passphrase of a hub"
CHEAP = 2**10
KEY, ROW = bytes(range(32)), b"a row"


@pytest.fixture
def ceremony(tmp_path: Path) -> Ceremony:
    """Give what makes key files, the key-encryption key's among them."""
    recovery = tmp_path / "offline" / "recovery.json"
    make_recovery(recovery, "the recovery of a hub", cost=CHEAP)
    opened_by = OpenedBy(PASSPHRASE, read_public_half(public_half(recovery)), CHEAP, None)
    made = Ceremony(tmp_path / "key-files", "bhr", opened_by)
    made.make(("key-encryption",))
    return made


@pytest.fixture
def keys(ceremony: Ceremony) -> Succession:
    """Give the key files."""
    return Succession(ceremony.folder, "key-encryption")


def opened(path: Path) -> KeyEncryption:
    """Open a key file."""
    return KeyEncryptionFile(open_sealed(path, PASSPHRASE, purpose="key-encryption", owner="bhr"))


def test_each_step_is_followed(keys: Succession, ceremony: Ceremony) -> None:
    """It wraps under the newest key from the moment it stands, and unwraps what each wrapped.

    Also by a process that did nothing in between, and once the key of before is nowhere any more.
    """
    busy, idle = FollowedKey(keys, opened), FollowedKey(keys, opened)
    old, first = opened(keys.in_use), busy.wrap(KEY, ROW)
    keys.begin(ceremony)
    new, second = opened(keys.successor), busy.wrap(KEY, ROW)
    with pytest.raises(NotOpened):
        old.unwrap(second, ROW)
    assert new.unwrap(second, ROW) == KEY
    keys.finish()
    keys.former()[0].unlink()
    third = busy.wrap(KEY, ROW)
    assert new.unwrap(third, ROW) == KEY
    rows = [(one, ROW) for one in (first, second, third)]
    assert busy.unwrap_all(rows) == idle.unwrap_all(rows) == [KEY, KEY, KEY]
    assert FollowedKey(keys, opened).unwrap_all(rows) == [None, KEY, KEY]


def test_what_opens_by_none_of_them(keys: Succession) -> None:
    """What was altered does not open, and is told apart from a key that is not there."""
    followed = FollowedKey(keys, opened)
    wrapped = followed.wrap(KEY, ROW)
    assert followed.unwrap_all([(wrapped[:-1], ROW), (wrapped, ROW)]) == [None, KEY]
    with pytest.raises(NotOpened):
        followed.unwrap(wrapped, b"another row")


def test_nothing_is_wrapped_under_an_old_key(keys: Succession, ceremony: Ceremony) -> None:
    """While the successor cannot be opened nothing is wrapped at all; what is known unwraps."""
    followed = FollowedKey(keys, opened)
    wrapped = followed.wrap(KEY, ROW)
    keys.begin(ceremony)
    whole = keys.successor.read_bytes()
    keys.successor.write_bytes(whole[:-9])
    with pytest.raises(Unavailable):
        followed.wrap(KEY, ROW)
    assert followed.unwrap(wrapped, ROW) == KEY
    keys.successor.write_bytes(whole)
    assert opened(keys.successor).unwrap(followed.wrap(KEY, ROW), ROW) == KEY


def test_a_home_without_its_key(keys: Succession) -> None:
    """Where the key in use is not there, nothing is opened."""
    keys.in_use.unlink()
    with pytest.raises(HomeNotReady):
        FollowedKey(keys, opened)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads that play processes: each takes the locks by files that it opens."""
    with ThreadPoolExecutor(8) as threads:
        yield threads


def test_who_replaces_the_key_is_alone(keys: Succession, threads: ThreadPoolExecutor) -> None:
    """Steps one after another never keep it waiting for ever, and none is under way meanwhile."""
    followed = FollowedKey(keys, opened)
    enough, begun = threading.Event(), threading.Barrier(5)
    under_way: list[int] = []

    def step_after_step(number: int) -> None:
        begun.wait(30)
        while not enough.is_set():
            with followed.steady():
                under_way.append(number)
                followed.wrap(KEY, ROW)
                under_way.remove(number)

    steps = [threads.submit(step_after_step, number) for number in range(4)]
    begun.wait(30)
    for _ in range(20):
        with followed.alone():
            assert under_way == []
    enough.set()
    for one in steps:
        one.result(30)
