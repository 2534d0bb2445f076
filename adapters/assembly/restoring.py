"""Putting backups back: ledgers first, then keys, and nothing that was destroyed.

Ledgers come whole or not at all, where none stands, and are marked: until witnesses have said that
nothing is missing, nothing is appended to them. The key store comes last, since the ledgers say
what has to be destroyed in it again: that is done in the copy, before it is put in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from adapters.assembly.custody import open_key_encryption, open_ring
from adapters.assembly.key_stores import put_keys, refuse_where_keys_stand
from adapters.assembly.ledgers import ledgers_of
from adapters.assembly.stands import stored_models
from adapters.backups import dated
from adapters.backups.copying import copy_file, copy_online, sync, write_ahead
from adapters.backups.dated import KeyManifest, LedgerManifest
from adapters.home_lock import home_lock
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.rewrapping import rewrap_store
from adapters.keys.store import SqliteKeyStore
from adapters.keys.succession import Succession
from adapters.ledger.sqlite import SqliteLedger
from adapters.log_settings import witness_policy
from adapters.restored_marker import RestoredMarker
from adapters.settings import MIRROR_VARIABLE, HubHome
from adapters.store_mark import mark_of
from domain.errors import HomeNotReady
from domain.values import to_text
from services.custody import KeyCustody
from services.fences import fences_of
from services.key_ports import KeyEncryption
from services.log_ports import ProvenLedger
from services.opening import Opening
from services.refencing import Unopened, unopened
from services.rewrapping import Change
from services.sealing import Sealing


@dataclass(frozen=True, slots=True)
class RestoredLedger:
    """One ledger that was put back, and how far it goes."""

    name: str
    entries: int


def restore_ledgers(
    home: HubHome, folder: Path, *, without_witnesses: bool = False
) -> list[RestoredLedger]:
    """Put the ledgers of a backup in a home that has none of them.

    Raises HomeNotReady: also without a policy file, unless it is said that nobody shall be asked.
    """
    if witness_policy() is None and not without_witnesses:
        raise HomeNotReady(
            "no witnesses are configured, and nobody else can tell whether this copy is the latest:"
            " set BHR_WITNESS_POLICY, or say --without-witnesses and ask the publishers"
        )
    with home_lock(home.folder) as lock:
        lock.alone()
        manifest = dated.read(folder, LedgerManifest)
        home.ledgers.mkdir(mode=0o700, parents=True, exist_ok=True)
        marker = RestoredMarker(home.folder)
        begun = marker.ledgers()
        standing = {one.name for one in manifest.ledgers if home.ledger(one.name).exists()}
        if not standing <= begun:  # those that an interrupted restore put there may stand
            raise HomeNotReady(f"{home.ledgers}: ledgers stand here already; move them away first")
        marker.add(one.name for one in manifest.ledgers)
        for one in manifest.ledgers:
            if one.name not in standing:
                _put_back(home, folder, one)
        if without_witnesses:  # last, so that one that was interrupted can be given again
            for one in manifest.ledgers:
                marker.clear(one.name)
    return [RestoredLedger(one.name, one.entries) for one in manifest.ledgers]


def _put_back(home: HubHome, folder: Path, said: dated.CopiedLedger) -> None:
    """Copy one ledger beside its place, hold it against the manifest, and give it its name."""
    beside = home.ledgers / f".restoring-{said.name}"
    beside.unlink(missing_ok=True)
    copy_file(folder / said.file, beside)
    write_ahead(beside)
    ledger = SqliteLedger(beside, said.name)
    try:
        found = (ledger.head().size, to_text(ledger.tiles.root(ledger.head().size)))
    finally:
        ledger.close()
    if found != (said.entries, said.root):
        raise HomeNotReady(f"{folder / said.file}: not the entries that its manifest says")
    beside.rename(home.ledger(said.name))
    sync(home.ledgers)


@dataclass(frozen=True, slots=True)
class RestoredKeys:
    """What came of putting a key store back."""

    destroyed: int
    """How many keys of the copy were destroyed again, or were gone already."""
    unopened: Mapping[str, Unopened] = field(default_factory=dict)
    """By ledger, what does not open, since its keys were made after the copy."""


def restore_keys(home: HubHome, passphrase: str, folder: Path | None) -> RestoredKeys:
    """Put a copy of the key store, or of its mirror, in a home that has none.

    Everything that the ledgers say was destroyed is destroyed in it before it is put in its place.
    Raises HomeNotReady: also for a copy that has lapsed, and before the ledgers are there and
    whole; NotOpened, Unavailable.
    """
    with ExitStack() as closing:
        lock = closing.enter_context(home_lock(home.folder))
        lock.alone()
        refuse_where_keys_stand(home)
        doubted = RestoredMarker(home.folder).ledgers()
        if doubted:
            raise HomeNotReady(
                f"first let witnesses find these ledgers whole (`bhr ledger status`): "
                f"{', '.join(sorted(doubted))}; fences may be missing in them"
            )
        ledgers = closing.enter_context(ledgers_of(home))
        beside = home.folder / "keys.restoring.sqlite"
        for old in (*home.folder.glob(f"{beside.name}*"), mark_of(beside)):
            old.unlink(missing_ok=True)
        _copy_store(home, folder, beside)
        encryption = _rewrapped(home, passphrase, beside)
        found = _fenced(beside, encryption, ledgers)
        put_keys(home, beside)
    return found


def _copy_store(home: HubHome, folder: Path | None, beside: Path) -> None:
    if folder is None:
        if home.mirror is None or not home.mirror.exists():
            raise HomeNotReady(f"no mirror to restore from: set {MIRROR_VARIABLE}, or name a copy")
        copy_online(home.mirror, beside)
        return
    manifest = dated.read(folder, KeyManifest)
    if dated.is_lapsed(manifest, dated.now()):
        raise HomeNotReady(
            f"{folder}: made on {manifest.made}, and a copy of the key store lives for "
            f"{dated.KEYS_LIVE_DAYS} days: certificates of erasure promise its end; delete it"
        )
    copy_file(folder / manifest.store.file, beside)


def _rewrapped(home: HubHome, passphrase: str, beside: Path) -> KeyEncryption:
    """Bring a copy under the key-encryption key in use, whichever it was wrapped under."""
    keys = Succession(home.key_files, "key-encryption")
    in_use = open_key_encryption(keys.in_use, passphrase)
    mirror = home.mirror if home.mirror is not None and home.mirror.exists() else None
    rewrap_store(beside, mirror, Change(open_ring(keys.to_open(), passphrase), in_use))
    return in_use


def _fenced(
    beside: Path, encryption: KeyEncryption, ledgers: Mapping[str, ProvenLedger]
) -> RestoredKeys:
    """Destroy in the copy whatever the ledgers say was destroyed; say what else is missing."""
    store = SqliteKeyStore(beside)
    try:
        gone: set[bytes] = set()
        for ledger in ledgers.values():
            fences = fences_of(ledger)
            if fences.keys or fences.tags:
                store.destroy(fences.keys, fences.tags)
            gone |= set(fences.keys)
        custody = KeyCustody(store, encryption)
        found = {
            name: unopened(ledger, _opening(name, custody), custody, gone)
            for name, ledger in ledgers.items()
        }
    finally:
        store.close()
    return RestoredKeys(len(gone), {name: one for name, one in found.items() if one.entries})


def _opening(ledger: str, custody: KeyCustody) -> Opening:
    return Opening(ledger, Sealing(ledger, AesGcmCipher(), custody), custody, stored_models())
