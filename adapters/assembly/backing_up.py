"""Backups of a hub's home: the ledgers, which may be kept for ever, and the keys, which may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly.key_stores import copy_of_keys
from adapters.assembly.ledgers import places_of
from adapters.backups import dated
from adapters.backups.copying import copy_online
from adapters.backups.dated import CopiedLedger, KeyManifest, LedgerManifest, Writing
from adapters.keys.ceremony import read_label
from adapters.ledger.sqlite import SqliteLedger
from adapters.settings import HubHome
from domain.errors import HomeNotReady
from domain.values import to_text

KEYS = "keys.sqlite"


def back_up_ledgers(home: HubHome, destination: Path) -> LedgerManifest:
    """Copy every ledger that is a file, as it stands; a hub may go on serving.

    Raises HomeNotReady, Unavailable.
    """
    names = [name for name, place in places_of(home).items() if place is None]
    if not names:
        raise HomeNotReady("no ledger is a file here: their server's own backups have them")
    with dated.written(destination, "ledgers") as writing:
        manifest = LedgerManifest(
            format="bhr-ledger-backup/v1",
            ledgers=tuple(_copied(home, name, writing) for name in names),
            made=dated.spelt(writing.made),
        )
        writing.finish(manifest)
    return manifest


def on_servers(home: HubHome) -> list[str]:
    """Name the ledgers that are on servers: to be backed up there."""
    return [name for name, place in places_of(home).items() if place is not None]


def _copied(home: HubHome, name: str, writing: Writing) -> CopiedLedger:
    """Copy one ledger, and say of the copy, not of what goes on meanwhile, what is in it."""
    target = writing.folder / f"{name}.sqlite"
    copy_online(home.ledger(name), target)
    copy = SqliteLedger(target, name)
    try:
        head = copy.head()
        root = copy.tiles.root(head.size)
    finally:
        copy.close()
    said = writing.copied(target.name)
    return CopiedLedger(
        **said.model_dump(), entries=head.size, fences=head.fences, name=name, root=to_text(root)
    )


@dataclass(frozen=True, slots=True)
class KeysBackedUp:
    """A copy of the key store, and which older ones were deleted."""

    manifest: KeyManifest
    lapsed: tuple[str, ...]


def back_up_keys(
    home: HubHome, destination: Path, copy: Callable[[HubHome, Path], None] = copy_of_keys
) -> KeysBackedUp:
    """Copy the key store as it stands, and delete copies that have lapsed.

    Raises HomeNotReady, Unavailable.
    """
    with dated.written(destination, "keys") as writing:
        copy(home, writing.folder / KEYS)
        manifest = KeyManifest(
            format="bhr-key-backup/v1",
            key_encryption=read_label(home.key_file("key-encryption")).fingerprint,
            lapses=dated.spelt(dated.lapse_of(writing.made)),
            made=dated.spelt(writing.made),
            store=writing.copied(KEYS),
        )
        writing.finish(manifest)
    return KeysBackedUp(manifest, tuple(dated.prune_keys(destination, dated.now())))
