"""`kill -9` while keys are wrapped anew, and while backups are put back: processes really die."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.assembly import backing_up, ceremonies, key_stores, restoring
from adapters.assembly.audit import Opener, open_audit
from adapters.assembly.bringing_up import init_ledgers
from adapters.assembly.hub import open_hub
from adapters.assembly.ledgers import init_ledger
from adapters.assembly.rotating import rewrap
from adapters.backups import copying
from adapters.keys import rewrapping, succession
from adapters.keys.sealed_file import read_key_file
from adapters.keys.store import SqliteKeyStore
from adapters.keys.succession import Succession
from adapters.settings import MIRROR_VARIABLE, HubHome
from adapters.views.generations import Generations
from domain.opened import OpenedEvent
from domain.reference.participants import PARTNERSHIP
from domain.vocabulary.custody import KeyRotated
from services.hub_events import HubEvents
from tests.adapters.backups.homes import (
    CHEAP,
    FIRST,
    PASSPHRASE,
    SECOND,
    all_open,
    backup_of,
    beat,
    destroy,
    lose,
)
from tests.journeys.machines import Machine


@dataclass(frozen=True, slots=True)
class Disks:
    """A hub's home, the disk of its mirror, its recovery key and its backups, in one folder."""

    folder: Path

    @property
    def home(self) -> HubHome:
        """Give the hub's home."""
        return HubHome(self.folder / "hub")

    @property
    def recovery(self) -> Path:
        """Give the public half of the recovery key."""
        return self.folder / "offline" / "recovery.json.pub"

    @property
    def backups(self) -> Path:
        """Give the folder that backups are kept in."""
        return self.folder / "backups"

    @property
    def mirror(self) -> Path:
        """Give the mirror of the key store."""
        return self.folder / "disk" / "mirror.sqlite"

    def killed(self, part: Callable[..., None], *arguments: object) -> None:
        """Let a process of its own do a part, in which it is killed."""
        running = Machine(self.folder, PASSPHRASE).play(part, self.folder, *arguments)
        running.process.join(120)
        assert running.process.exitcode == -signal.SIGKILL, running.said()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Disks:
    """Make a home with a mirror, views, a ledger with two streams, and backups of it all."""
    disks = Disks(tmp_path_factory.mktemp("disks") / "as-made")
    disks.folder.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(MIRROR_VARIABLE, str(disks.mirror))
        ceremonies.make_recovery(disks.recovery.with_suffix(""), "the recovery", cost=CHEAP)
        ceremonies.make_hub(disks.home, PASSPHRASE, disks.recovery, cost=CHEAP)
        init_ledgers(disks.home, PASSPHRASE)
        init_ledger(disks.home, "havering")
        beat(disks.home, FIRST, SECOND)
        with open_hub(disks.home, PASSPHRASE) as rooms:
            rooms.generations.live()
        backing_up.back_up_keys(disks.home, disks.backups)
    return disks


@pytest.fixture
def disks(made: Disks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disks:
    """Give a copy of it all, to be killed over."""
    copied = Disks(Path(shutil.copytree(made.folder, tmp_path / "disks")))
    monkeypatch.setenv(MIRROR_VARIABLE, str(copied.mirror))
    return copied


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def dies(number: int, when: str, *places: tuple[object, str]) -> None:
    """Let this process die just before, or just after, it is somewhere for the n-th time."""
    left = [number]
    for owner, name in places:
        real: Callable[..., object] = getattr(owner, name)

        def dying(*given: object, real: Callable[..., object] = real, **named: object) -> object:
            left[0] -= 1
            if left[0] < 0 and when == "before":
                die()
            done = real(*given, **named)
            if left[0] < 0:
                die()
            return done

        setattr(owner, name, dying)


def dies_at_commit(number: int, when: str) -> None:
    """Let this process die with its n-th change written and not committed, or just committed."""
    real = rewrapping._transaction
    left = [number]

    @contextmanager
    def dying(connection: sqlite3.Connection) -> Iterator[None]:
        left[0] -= 1
        with real(connection):
            yield
            if left[0] < 0 and when == "before":
                die()
        if left[0] < 0:
            die()

    setattr(rewrapping, "_transaction", dying)  # noqa: B010 - for the process that dies alone


# --- wrapping anew --------------------------------------------------------------------------------

STEPS: dict[str, tuple[object, str]] = {
    "the successor's file": (Succession, "begin"),
    "the views": (Generations, "rewrap"),
    "leaving no old wrapping": (rewrapping, "_settle"),
    "the record": (HubEvents, "append"),
    "putting it in use": (Succession, "finish"),
    "the name among the former": (succession, "sync_folder"),
}
COMMITS = ("the mirror's index key", "the index key", "the mirror's rows", "the rows")


def rewrap_and_die(folder: Path, step: str, when: str) -> None:
    """Wrap anew, and be killed at a step."""
    disks = Disks(folder)
    os.environ[MIRROR_VARIABLE] = str(disks.mirror)
    if step in COMMITS:
        dies_at_commit(COMMITS.index(step), when)
    else:
        dies(0, when, STEPS[step])
    rewrap(disks.home, PASSPHRASE, disks.recovery, "compromised", cost=CHEAP)


def opens(disks: Disks) -> bool:
    """Say whether everything that was recorded opens to an auditor, who changes nothing."""
    with open_audit(Opener(disks.home, PASSPHRASE)) as room:
        entries = room.ledgers["havering"].read(0, 100)
        found = [room.openings["havering"].event(entry) for entry in entries]
    return len(found) == 2 and all(isinstance(one, OpenedEvent) for one in found)


def is_rewrapped(disks: Disks, before: str) -> None:
    """Check that another key is in use, that it is recorded once, and that everything opens."""
    keys = Succession(disks.home.key_files, "key-encryption")
    assert not keys.successor.exists()
    assert [read_key_file(one).fingerprint for one in keys.former()] == [before]
    with open_hub(disks.home, PASSPHRASE) as rooms:
        opened = rooms.rules.open_entries(PARTNERSHIP, rooms.ledgers[PARTNERSHIP].read(0, 100))
        facts = [one.facts for one in opened if isinstance(one, OpenedEvent)]
    (rotated,) = (one for one in facts if isinstance(one, KeyRotated.Facts))
    assert (rotated.key, rotated.replaces, rotated.reason) == (
        read_key_file(keys.in_use).fingerprint, before, "compromised",
    )  # fmt: skip
    assert all_open(disks.home)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", [*STEPS, *COMMITS])
def test_killed_while_keys_are_wrapped_anew(disks: Disks, step: str, when: str) -> None:
    """Wherever it died everything opens to an auditor at once, and the next start ends it."""
    before = read_key_file(disks.home.key_file("key-encryption")).fingerprint
    disks.killed(rewrap_and_die, step, when)
    assert opens(disks)
    with open_hub(disks.home, PASSPHRASE):
        pass
    if (step, when) == ("the successor's file", "before"):
        assert read_key_file(disks.home.key_file("key-encryption")).fingerprint == before
        rewrap(disks.home, PASSPHRASE, disks.recovery, "compromised", cost=CHEAP)
    is_rewrapped(disks, before)


def test_killed_again_and_again(disks: Disks) -> None:
    """Deaths one after another, each at a later step, leave a home that a quiet start finishes."""
    before = read_key_file(disks.home.key_file("key-encryption")).fingerprint
    deaths: list[tuple[Callable[..., None], tuple[object, ...]]] = [
        (rewrap_and_die, ("the views", "after")),
        (finish_and_die, (0,)),
        (finish_and_die, (0,)),
        (rewrap_and_die, ("the record", "after")),
        (rewrap_and_die, ("the name among the former", "after")),
    ]
    for part, arguments in deaths:
        disks.killed(part, *arguments)
        assert opens(disks)
    with open_hub(disks.home, PASSPHRASE):
        pass
    is_rewrapped(disks, before)


def finish_and_die(folder: Path, number: int) -> None:
    """Open the home, which goes on with what was begun, and be killed after the n-th commit."""
    disks = Disks(folder)
    os.environ[MIRROR_VARIABLE] = str(disks.mirror)
    dies_at_commit(number, "after")
    with open_hub(disks.home, PASSPHRASE):
        pass


# --- putting backups back -------------------------------------------------------------------------

LAST_SYNC = 5
"""Three of each of two ledgers: the copy, the copy as it is written to, its name."""


def restore_ledgers_and_die(folder: Path, number: int) -> None:
    """Put the ledgers back, and be killed before something is put on the disk."""
    disks = Disks(folder)
    dies(number, "before", (copying, "sync"), (restoring, "sync"))
    restoring.restore_ledgers(
        disks.home, backup_of(disks.backups, "ledgers"), without_witnesses=True
    )


@pytest.mark.parametrize("number", range(LAST_SYNC + 1))
def test_killed_while_ledgers_are_put_back(disks: Disks, number: int) -> None:
    """Dead at any step there is no half ledger; the same command again ends with all of them."""
    backing_up.back_up_ledgers(disks.home, disks.backups)
    lose(disks.home, disks.home.ledgers)
    disks.killed(restore_ledgers_and_die, number)
    backup = backup_of(disks.backups, "ledgers")
    restored = restoring.restore_ledgers(disks.home, backup, without_witnesses=True)
    assert [(one.name, one.entries) for one in restored] == [("bhr", 0), ("havering", 2)]
    assert opens(disks)
    assert sorted(path.name for path in disks.home.ledgers.glob("*.sqlite")) == [
        "bhr.sqlite", "havering.sqlite",
    ]  # fmt: skip
    beat(disks.home, FIRST)


KEY_STEPS: dict[str, tuple[object, str, str]] = {
    "before it is wrapped anew": (restoring, "rewrap_store", "before"),
    "once it is wrapped anew": (restoring, "rewrap_store", "after"),
    "before keys are destroyed in it": (SqliteKeyStore, "destroy", "before"),
    "once keys are destroyed in it": (SqliteKeyStore, "destroy", "after"),
    "before it has its name": (restoring, "unopened", "after"),
    "once it has its name": (key_stores, "sync", "before"),
}


def restore_keys_and_die(folder: Path, step: str) -> None:
    """Put the key store back, and be killed at a step."""
    disks = Disks(folder)
    os.environ[MIRROR_VARIABLE] = str(disks.mirror)
    owner, name, when = KEY_STEPS[step]
    dies(0, when, (owner, name))
    restoring.restore_keys(disks.home, PASSPHRASE, backup_of(disks.backups, "keys"))


@pytest.mark.parametrize("step", KEY_STEPS)
def test_killed_while_keys_are_put_back(disks: Disks, step: str) -> None:
    """No store ever stands that opens what was destroyed after the copy; done again it is whole."""
    key_id, _ = destroy(disks.home, FIRST)
    lose(disks.home, disks.home.key_store)
    disks.killed(restore_keys_and_die, step)
    assert disks.home.key_store.exists() == (step == "once it has its name")
    if not disks.home.key_store.exists():
        found = restoring.restore_keys(disks.home, PASSPHRASE, backup_of(disks.backups, "keys"))
        assert found.destroyed == 1
    with open_hub(disks.home, PASSPHRASE) as rooms:
        assert rooms.custody.held([key_id]) == {}
        entries = rooms.ledgers["havering"].read(0, 2)
        gone, stays = rooms.rules.open_entries("havering", entries)
    assert (isinstance(gone, OpenedEvent), isinstance(stays, OpenedEvent)) == (False, True)
