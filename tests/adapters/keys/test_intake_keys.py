"""Intake keys: made, published under the hub's signature, and destroyed once nothing needs them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.assembly.intake_keys import LOOK_S, keep_turning
from adapters.keys import encapsulation, intake_keys, signing
from adapters.keys.intake_keys import (
    RETENTION_MS,
    SLACK_MS,
    USED_MS,
    IntakeKeyFolder,
    OpenedIntakeKeys,
    published,
)
from adapters.keys.signing import Ed25519Signer
from domain.errors import HomeNotReady, NotFound, NotOpened, NotProven
from domain.queued import intake_fingerprint, public_of, read_published
from domain.reference.body_keys import fingerprint
from domain.values import to_bytes
from services.ports import Signer

NOON = 1_772_366_400_000
SIGNER = Ed25519Signer(bytes(range(32)))
INFO = b"what it is bound to"


@dataclass
class Clock:
    """A clock that stands until it is set."""

    ms: int

    def now_ms(self) -> int:
        """Give the time."""
        return self.ms


@dataclass(frozen=True)
class Keys:
    """A folder of intake keys, cheaply sealed."""

    folder: IntakeKeyFolder

    def make(self, now_ms: int = NOON) -> tuple[bytes, bytes]:
        """Make a key; gives its fingerprint and its public half, as published."""
        mark = self.folder.make(SIGNER, now_ms=now_ms)
        raw = published(self.folder.folder)
        assert raw is not None
        return mark, public_of(read_published(raw).intake_key)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """No keys yet."""
    return Keys(IntakeKeyFolder(tmp_path / "intake-keys", "a passphrase of tests", 2**10))


def test_nothing_is_published_before_there_is_a_key(keys: Keys) -> None:
    """A hub that takes nothing in by queues publishes no key."""
    assert published(keys.folder.folder) is None


def test_what_is_published_is_signed_by_the_hub(keys: Keys) -> None:
    """The newest key is published, under the key that signs acknowledgements."""
    keys.make()
    mark, public = keys.make(NOON + 1)
    raw = published(keys.folder.folder)
    assert raw is not None
    found = read_published(raw)
    assert intake_fingerprint(public) == mark
    assert to_bytes(found.intake_key.hub_key) == fingerprint("hub", SIGNER.public)
    signature = to_bytes(found.signature)
    assert signing.verify(SIGNER.public, signature, found.intake_key.signed_bytes())
    other = found.intake_key.model_copy(update={"made": "2026-01-01T00:00:00Z"})
    assert not signing.verify(SIGNER.public, signature, other.signed_bytes())


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"a":1,"a":1}', b"\xff"])
def test_what_is_no_published_key_is_refused(raw: bytes) -> None:
    """Whatever else comes in its place is not read as one."""
    with pytest.raises(NotProven):
        read_published(raw)


def test_every_key_that_stands_opens_what_was_sealed_to_it(keys: Keys) -> None:
    """After a rotation what was under way opens still, and under no other key."""
    (old, old_public), (new, _) = keys.make(), keys.make(NOON + 1)
    opened = OpenedIntakeKeys(keys.folder)
    sealed = encapsulation.seal_to(old_public, b"document", INFO)
    assert opened.opened(old, sealed, INFO) == b"document"
    assert opened.opened(new, sealed, INFO) is None
    assert opened.opened(old, sealed, b"another") is None
    for unknown in (bytes(32), b"", b"../../hub-signing"):
        with pytest.raises(NotFound):
            opened.opened(unknown, sealed, INFO)


def test_a_key_is_destroyed_once_nothing_lies_under_it(keys: Keys) -> None:
    """It goes retention and slack after it was replaced; the newest stays, however old."""
    (old, old_public), (new, _) = keys.make(), keys.make(NOON + 5)
    opened = OpenedIntakeKeys(keys.folder)
    sealed = encapsulation.seal_to(old_public, b"document", INFO)
    assert opened.opened(old, sealed, INFO) == b"document"
    due = NOON + 5 + RETENTION_MS + SLACK_MS
    assert keys.folder.destroy_due(now_ms=due - 1) == []
    assert len(keys.folder.destroy_due(now_ms=due)) == 1
    assert keys.folder.destroy_due(now_ms=due + 10 * RETENTION_MS) == []
    assert [len(keys.folder.standing()), keys.folder.has(old), keys.folder.has(new)] == [
        *(1, False, True),
    ]
    with pytest.raises(NotFound):  # by a process that had it open, too
        opened.opened(old, sealed, INFO)


def test_a_worker_destroys_keys_when_they_are_due(keys: Keys) -> None:
    """Whoever takes in looks as it begins and each hour, also where it cannot make the next."""
    (old, _), (new, _) = keys.make(), keys.make(NOON + 5)
    clock = Clock(NOON + 5 + RETENTION_MS + SLACK_MS - 1)
    found: list[bool] = []

    def wait(seconds: float) -> bool:
        assert seconds == LOOK_S
        found.append(keys.folder.has(old))
        clock.ms += 1
        return len(found) == 2

    def no_signer() -> Signer:
        raise HomeNotReady("no signing key")

    keep_turning(keys.folder, no_signer, clock, wait)
    assert (found, keys.folder.has(new)) == ([True, False], True)


def test_a_worker_makes_the_next_key_each_week(keys: Keys) -> None:
    """Without a timer: the newest is published, and after a month no more stand than are needed."""
    keys.make()
    clock = Clock(NOON)
    marks: list[bytes] = []

    def wait(seconds: float) -> bool:
        raw = published(keys.folder.folder)
        assert raw is not None
        marks.append(intake_fingerprint(public_of(read_published(raw).intake_key)))
        clock.ms += int(seconds * 1000)
        return clock.ms > NOON + 4 * USED_MS

    keep_turning(keys.folder, lambda: SIGNER, clock, wait)
    hours = USED_MS // int(LOOK_S * 1000)
    assert [marks.count(one) for one in dict.fromkeys(marks)] == [hours, hours, hours, hours, 1]
    assert [keys.folder.has(one) for one in dict.fromkeys(marks)] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_workers_that_look_at_once_make_one_key(keys: Keys) -> None:
    """Several take in: the first makes the key, and the others find it."""
    keys.make()
    workers = 4
    together = threading.Barrier(workers)

    def look(_: int) -> list[str]:
        together.wait(30)
        return keys.folder.make_due(lambda: SIGNER, now_ms=NOON + USED_MS)

    with ThreadPoolExecutor(workers) as pool:
        made = [mark for marks in pool.map(look, range(workers)) for mark in marks]
    assert len(made) == 1
    assert [mark for _, mark in keys.folder.standing()][1:] == made


def test_a_key_that_was_never_published_is_followed_by_one_that_is(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever made it ended in between: the one before is not used on until it is destroyed."""
    keys.make()
    with monkeypatch.context() as ending:
        ending.setattr(intake_keys, "replace_private", _ends)
        with pytest.raises(HomeNotReady):
            keys.make(NOON + 1)
    [made] = keys.folder.make_due(lambda: SIGNER, now_ms=NOON + 2)
    raw = published(keys.folder.folder)
    assert raw is not None
    assert to_bytes(made) == intake_fingerprint(public_of(read_published(raw).intake_key))
    assert keys.folder.make_due(lambda: SIGNER, now_ms=NOON + 3) == []


def _ends(_path: Path, _content: bytes) -> None:
    raise HomeNotReady("ended")


def test_no_first_key_is_made_unasked(keys: Keys) -> None:
    """`bhr kafka init` makes it: a hub without queues publishes none."""
    assert keys.folder.make_due(lambda: SIGNER, now_ms=NOON) == []
    assert published(keys.folder.folder) is None


def test_another_passphrase_opens_none(keys: Keys) -> None:
    """A thief of the folder has nothing without the passphrase."""
    mark, public = keys.make()
    thief = OpenedIntakeKeys(IntakeKeyFolder(keys.folder.folder, "another passphrase"))
    with pytest.raises(NotOpened):
        thief.opened(mark, encapsulation.seal_to(public, b"document", INFO), INFO)
