"""Turning a ledger's key: new entries under the new key, old ones as they were, both recorded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.keys.cipher import AesGcmCipher
from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.ledger.memory import MemoryLedger
from domain.errors import HomeNotReady, NotFound
from domain.record import decode_record
from domain.values import to_text
from domain.vocabulary.custody import KeyCreated, KeyRotated
from domain.vocabulary.hub import Canary
from services import rotating
from services.committing import Committer
from services.custody import TURNS_MAX, KeyCustody
from services.destroyed_keys import DestroyedKeys
from services.hub_events import HubEvents
from services.opening import Opening
from services.rotating import LedgerKeys
from services.sealing import Sealing
from tests.fakes_keys import MemoryKeyStore
from tests.hub_rig import MODELS, SteppedClock
from tests.rig_faults import Broken
from tests.rig_writing import Writing

YEAR_MS = 31_556_952_000


@pytest.fixture
def writing() -> Iterator[Writing]:
    """Give a writer of one ledger, stopped at the end."""
    made = Writing()
    yield made
    made.committer.close()
    made.pool.shutdown()


def keys_of(writing: Writing) -> LedgerKeys:
    """Give what turns the keys of a writer's ledger."""
    ledgers = {"havering": writing.ledger}
    return LedgerKeys(writing.custody, ledgers, writing.events, writing.clock)


def header_keys(writing: Writing) -> list[bytes]:
    """Give the id of the key that each header is sealed under."""
    entries = writing.ledger.read(0, 1_000)
    return [decode_record(entry.record).sealed_header[:32] for entry in entries]


def test_a_turned_key_seals_what_comes_after(writing: Writing) -> None:
    """Headers before a turn stay under the old key, those after it are under the new one."""
    writing.committer.commit(writing.batch(writing.event()))
    turned = keys_of(writing).turn("havering", "due")
    writing.committer.commit(writing.batch(writing.event()))
    assert header_keys(writing) == [turned.replaces, *[turned.key] * 3]
    kinds = [event.kind.name for event in writing.opened()]
    assert kinds == ["canary", "key-created", "key-rotated", "canary"]


def test_a_turn_is_recorded(writing: Writing) -> None:
    """The ledger says which key came into use, which it replaces, and why."""
    turned = keys_of(writing).turn("havering", "compromised")
    created, rotated = (event.facts for event in writing.opened())
    assert isinstance(created, KeyCreated.Facts)
    assert isinstance(rotated, KeyRotated.Facts)
    assert (created.key, created.generation, created.ledger) == (to_text(turned.key), 1, "havering")
    assert (rotated.key, rotated.replaces) == (to_text(turned.key), to_text(turned.replaces))
    assert rotated.reason == "compromised"


def test_turns_count_up_within_a_year(writing: Writing) -> None:
    """Each command turns once; the next year begins with a key of its own, unturned."""
    keys = keys_of(writing)
    found = [keys.turn("havering", "due") for _ in range(3)]
    assert [one.turn for one in found] == [1, 2, 3]
    assert [one.replaces for one in found[1:]] == [one.key for one in found[:-1]]
    writing.clock.at_ms += YEAR_MS
    writing.committer.commit(writing.batch(writing.event()))
    following = header_keys(writing)[-1]
    assert following not in {key for one in found for key in (one.key, one.replaces)}
    assert keys.turn("havering", "due").replaces == following


def unfenced(ledger: MemoryLedger, custody: KeyCustody) -> DestroyedKeys:
    """Give the fences of a ledger in which nothing is destroyed."""
    sealing = Sealing(ledger.name, AesGcmCipher(), custody)
    return DestroyedKeys(ledger, custody, Opening(ledger.name, sealing, custody, MODELS))


def test_another_process_follows_at_once() -> None:
    """A writer that had cached the key before seals nothing more under it once the turn stands."""
    keys, ledger, clock = MemoryKeyStore(), MemoryLedger("havering"), SteppedClock()
    custodies = [KeyCustody(keys, KeyEncryptionFile(bytes(32))) for _ in range(2)]
    cipher = AesGcmCipher()
    ours, theirs = (
        Committer(ledger, custody, unfenced(ledger, custody), cipher, clock)
        for custody in custodies
    )
    events = [HubEvents({"havering": one}, clock) for one in (ours, theirs)]
    facts = Canary.Facts(beat=1, sent_at="2024-05-01T00:00:00Z")
    for one in (*events, *events):
        one.append("havering", one.made(Canary, facts))
    turned = LedgerKeys(custodies[0], {"havering": ledger}, events[0], clock).turn(
        "havering", "due"
    )
    events[1].append("havering", events[1].made(Canary, facts))
    headers = [decode_record(entry.record).sealed_header[:32] for entry in ledger.read(0, 100)]
    assert headers == [turned.replaces] * 4 + [turned.key] * 3
    ours.close()
    theirs.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_interrupted_before_it_is_recorded(writing: Writing, when: str) -> None:
    """A turn whose recording failed is in use; the next command records it and turns no further."""
    writing.ledger.plan.fail("append", "before" if when == "before" else "after")
    with pytest.raises(Exception, match="not available"):
        keys_of(writing).turn("havering", "due")
    writing.committer.commit(writing.batch(writing.event()))
    in_use = header_keys(writing)[-1]
    turned = keys_of(writing).turn("havering", "due")
    assert turned.turn == (1 if when == "before" else 2)
    assert in_use == (turned.key if when == "before" else turned.replaces)
    rotated = [one.facts for one in writing.opened() if isinstance(one.facts, KeyRotated.Facts)]
    assert [to_text(turned.key)] == [one.key for one in rotated][-1:]
    assert len(rotated) == turned.turn


@pytest.mark.parametrize("when", ["before", "after"])
def test_key_store_fails_while_a_key_is_turned(writing: Writing, when: str) -> None:
    """A key store that fails leaves a ledger that goes on, and the command can be given again."""
    writing.committer.commit(writing.batch(writing.event()))
    writing.store.plan.fail("add", "before" if when == "before" else "after")
    with pytest.raises(Broken):
        keys_of(writing).turn("havering", "due")
    writing.committer.commit(writing.batch(writing.event()))
    turned = keys_of(writing).turn("havering", "due")
    assert turned.turn == 1
    assert len(writing.opened()) == 4


def test_refuses_what_cannot_be_turned(writing: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such ledger, or a key that was turned as often as may be: refused, and nothing made."""
    keys = keys_of(writing)
    with pytest.raises(NotFound, match="ledger"):
        keys.turn("elsewhere", "due")
    monkeypatch.setattr(rotating, "TURNS_MAX", 1)
    keys.turn("havering", "due")
    with pytest.raises(HomeNotReady, match="turned 1 times"):
        keys.turn("havering", "due")
    assert len(writing.opened()) == 2
    assert TURNS_MAX == 64
