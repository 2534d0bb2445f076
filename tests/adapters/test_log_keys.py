"""The key that signs the logs is replaced at the hub: listed, recorded, and used as it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.assembly import ceremonies, log_keys
from adapters.assembly.bringing_up import init_ledgers
from adapters.assembly.hub import open_hub
from adapters.assembly.proofs import signing_keys
from adapters.assembly.succession import KeyHolder
from adapters.keys.ceremony import public_half
from adapters.keys.sealed_file import read_key_file
from adapters.keys.succession import Succession
from adapters.settings import HubHome
from domain.opened import OpenedEvent
from domain.reference.body_keys import BodyKeys, fingerprint
from domain.reference.documents import read_as
from domain.reference.participants import PARTNERSHIP
from domain.values import to_text
from domain.vocabulary.custody import KeyRotated
from services.audit.verifying.trusted import finished_log_keys

PASSPHRASE = "the passphrase of a hub"
CHEAP = 2**10


@pytest.fixture
def holder(tmp_path: Path) -> KeyHolder:
    """Give a hub's home with its ledger, and who may replace its keys."""
    recovery = tmp_path / "offline" / "recovery.json"
    ceremonies.make_recovery(recovery, "the recovery of a hub", cost=CHEAP)
    home = HubHome(tmp_path / "hub")
    ceremonies.make_hub(home, PASSPHRASE, public_half(recovery), cost=CHEAP)
    init_ledgers(home, PASSPHRASE)
    return KeyHolder(home, PARTNERSHIP, PASSPHRASE, public_half(recovery), CHEAP)


def home_of(holder: KeyHolder) -> HubHome:
    """Give the hub's home."""
    assert isinstance(holder.home, HubHome)
    return holder.home


def signs(holder: KeyHolder) -> list[str]:
    """Give the fingerprints of the keys that sign each checkpoint."""
    keys = signing_keys(home_of(holder), PASSPHRASE)
    return [to_text(fingerprint("checkpoint", one.public)) for one in keys]


def rotated(holder: KeyHolder) -> list[tuple[str, str, str, str]]:
    """Give what is recorded of log keys that were replaced."""
    with open_hub(home_of(holder), PASSPHRASE) as rooms:
        entries = rooms.ledgers[PARTNERSHIP].read(0, 100)
        events = rooms.rules.open_entries(PARTNERSHIP, entries)
    facts = [one.facts for one in events if isinstance(one, OpenedEvent)]
    return [
        (one.key_class, one.reason, one.replaces, one.key)
        for one in facts
        if isinstance(one, KeyRotated.Facts)
    ]


def test_both_sign_until_the_change_is_finished(holder: KeyHolder) -> None:
    """Begun twice it is one change; recorded once; the key before is kept, listed as withdrawn."""
    home = home_of(holder)
    (before,) = signs(holder)
    marks = {log_keys.begin_checkpoint_key(holder, home, "due") for _ in range(2)}
    (mark,) = marks
    assert signs(holder) == [before, mark]
    assert (withdrawn(home), finished(holder)) == (set(), set())
    assert log_keys.finish_checkpoint_key(home, PASSPHRASE) == mark
    assert signs(holder) == [mark]
    assert rotated(holder) == [("checkpoint", "due", before, mark)]
    former = Succession(home.key_files, "checkpoint-signing").former()
    assert [read_key_file(one).fingerprint for one in former] == [before]
    assert withdrawn(home) == finished(holder) == {before}


def test_a_key_that_was_compromised_signs_nothing_more(holder: KeyHolder) -> None:
    """The successor signs alone at once, and the list says that the one before is withdrawn."""
    home = home_of(holder)
    (before,) = signs(holder)
    mark = log_keys.begin_checkpoint_key(holder, home, "compromised")
    assert signs(holder) == [mark]
    assert withdrawn(home) == finished(holder) == {before}
    assert rotated(holder) == [("checkpoint", "compromised", before, mark)]


def test_a_change_that_was_due_can_become_urgent(holder: KeyHolder) -> None:
    """Begun in peace and compromised since: the same successor, at once, the other withdrawn."""
    home = home_of(holder)
    (before,) = signs(holder)
    mark = log_keys.begin_checkpoint_key(holder, home, "due")
    assert log_keys.begin_checkpoint_key(holder, home, "compromised") == mark
    assert (signs(holder), withdrawn(home)) == ([mark], {before})


def finished(holder: KeyHolder) -> set[str]:
    """Give the keys of which the ledger says, to an audit, that they sign no more."""
    with open_hub(home_of(holder), PASSPHRASE) as rooms:
        found = finished_log_keys(rooms.hub.registry)
    return {to_text(fingerprint("checkpoint", public)) for public in found}


def withdrawn(home: HubHome) -> set[str]:
    """Give the keys of the hub's list that nothing new is taken of."""
    listed = read_as(BodyKeys, home.public_keys.read_bytes())
    return {key.fingerprint for key in listed.keys if key.withdrawn}
