"""Opening many entries at once: each as it opens alone, whatever is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.keys.key_encryption import KeyEncryptionFile
from domain.errors import NotOpened, StoredBytesDiffer
from services.custody import KeyCustody, KeyName
from services.opening import Opening
from services.ports import StoredEntry
from services.sealing import Sealing
from tests.fakes_keys import MemoryKeyStore
from tests.hub_rig import KEY_ENCRYPTION_KEY, MODELS, HubRig, open_rig

ENTRIES = 5


@pytest.fixture
def store() -> MemoryKeyStore:
    """Give the hub's key store."""
    return MemoryKeyStore()


@pytest.fixture
def rig(store: MemoryKeyStore) -> Iterator[HubRig]:
    """Give a hub with five events of five children on Havering's ledger."""
    with open_rig(HubRig(key_store=store)) as opened:
        publisher = opened.publisher()
        publisher.publish(*(publisher.event() for _ in range(ENTRIES)))
        yield opened


def entries(rig: HubRig) -> list[StoredEntry]:
    """Give what stands on Havering's ledger."""
    return list(rig.havering.ledger.read(0, ENTRIES))


def another_opening(rig: HubRig) -> Opening:
    """Give an opening that holds no key yet: another process's."""
    custody = KeyCustody(rig.key_store, KeyEncryptionFile(KEY_ENCRYPTION_KEY))
    return Opening("havering", Sealing("havering", rig.cipher, custody), custody, MODELS)


def test_each_is_what_it_is_alone(rig: HubRig) -> None:
    """Opened together or one by one, entries are the same events, in their order."""
    together = another_opening(rig).events(entries(rig))
    assert together == [rig.havering.opening.event(entry) for entry in entries(rig)]
    assert another_opening(rig).events([]) == []


def test_what_does_not_open_stands_in_its_place(rig: HubRig) -> None:
    """An altered record is told where it stands, and hides none of its neighbours."""
    rows = entries(rig)
    altered = bytes([*rows[2].record[:-1], rows[2].record[-1] ^ 1])
    rows[2] = replace(rows[2], record=altered)
    opened = another_opening(rig).events(rows)
    assert [isinstance(one, NotOpened) for one in opened] == [at == 2 for at in range(ENTRIES)]
    assert isinstance(opened[2], StoredBytesDiffer)


def test_a_damaged_key_is_the_fault_of_its_own_entry_alone(
    rig: HubRig, store: MemoryKeyStore
) -> None:
    """Keys are asked for together; one that does not unwrap keeps no other event closed."""
    event = rig.havering.opening.event(entries(rig)[3])
    tag = rig.custody.tag(KeyName("havering", "subject", str(event.subjects[0].pseudonym)))
    row = store._rows[tag]
    store._rows[tag] = replace(row, wrapped=row.wrapped[:-1] + bytes([row.wrapped[-1] ^ 1]))
    opened = another_opening(rig).events(entries(rig))
    assert [isinstance(one, NotOpened) for one in opened] == [at == 3 for at in range(ENTRIES)]
