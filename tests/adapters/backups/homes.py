"""A hub's home that is backed up, loses its disks, and is restored: what tests do to it."""

from __future__ import annotations

import datetime
from pathlib import Path

from adapters.assembly.hub import Rooms, open_hub
from adapters.assembly.key_stores import open_key_store
from adapters.settings import HubHome
from domain.errors import NotOpened
from domain.opened import OpenedEvent
from domain.values import to_text
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.hub import Canary
from services.custody import KeyName
from tests.journeys.machines import free_port
from tests.note_rig import WITNESSES

PASSPHRASE = "the passphrase of a hub"
CHEAP = 2**10
FIRST, SECOND, THIRD = (to_text(bytes([number]) * 32) for number in (1, 2, 3))
DAY = datetime.timedelta(days=1)


def beat(home: HubHome, *streams: str) -> None:
    """Record a canary in each of these streams of Havering's ledger."""
    with open_hub(home, PASSPHRASE) as rooms:
        for number, stream in enumerate(streams):
            facts = Canary.Facts(beat=number + 1, sent_at="2024-05-01T00:00:00Z")
            rooms.events.append("havering", rooms.events.made(Canary, facts, stream))


def opened(rooms: Rooms) -> list[OpenedEvent | NotOpened]:
    """Open everything in Havering's ledger."""
    entries = rooms.ledgers["havering"].read(0, 1_000)
    return list(rooms.rules.open_entries("havering", entries))


def all_open(home: HubHome) -> bool:
    """Say whether everything in Havering's ledger opens."""
    with open_hub(home, PASSPHRASE) as rooms:
        return all(isinstance(one, OpenedEvent) for one in opened(rooms))


def destroy(home: HubHome, stream: str) -> tuple[bytes, bytes]:
    """Destroy a stream's key as an erasure does: said first, then gone; gives its id and tag."""
    name = KeyName("havering", "stream", stream)
    with open_hub(home, PASSPHRASE) as rooms:
        key_id, tag = rooms.custody.keys_for([name])[name].key_id, rooms.custody.tag(name)
        facts = KeyDestroyed.Facts(
            fence=1,
            fenced=(to_text(tag),),
            key_class="stream",
            keys=(to_text(key_id),),
            lapses="2026-12-31",
        )
        event = rooms.events.made(KeyDestroyed, facts)
        rooms.events.append("havering", event, fence=True)
    store = open_key_store(home)
    store.destroy([key_id], [tag])
    store.close()
    return key_id, tag


def lose(home: HubHome, *what: Path) -> None:
    """Lose some of a home, as a disk is lost."""
    for path in what:
        path.rename(path.with_name(f"lost-{path.name}"))
    for left in home.folder.glob("keys.sqlite-*"):
        left.unlink()


def silent_policy() -> str:
    """Give a policy of one witness that nobody runs."""
    return f"witness w {WITNESSES[0].key.vkey()} http://127.0.0.1:{free_port()}\nquorum w\n"


def backup_of(kept: Path, kind: str) -> Path:
    """Give the one backup of a kind."""
    (found,) = kept.glob(f"{kind}-*")
    return found
