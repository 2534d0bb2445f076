"""Dated backups in one folder: each is a folder of its own with a manifest, whole or not there.

    DEST/ledgers-20261127T101112Z/manifest.json, havering.sqlite, …
    DEST/keys-20261127T101112Z/manifest.json, keys.sqlite

A folder that is being written begins with a dot and is given its name last; one that a crash left
behind may be deleted. A copy of the key store lives for 35 days: whatever was destroyed since is in
it, and certificates of erasure promise a last day.
"""

from __future__ import annotations

import datetime
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from adapters.backups.copying import digest_of, sync
from domain.canonical import strict_json
from domain.errors import HomeNotReady
from domain.values import Bytes32, Instant, LedgerName, Strict, instant_of, to_text

KEYS_LIVE_DAYS = 35
MANIFEST = "manifest.json"
_NAME = re.compile(r"(?:keys|ledgers)-([0-9]{8}T[0-9]{6}Z)(?:-[0-9a-f]{8})?\Z")
_STAMP = "%Y%m%dT%H%M%SZ"
Count = Annotated[int, Field(ge=0)]


class CopiedFile(Strict):
    """One file of a backup."""

    bytes: Count
    file: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.sqlite$")]
    sha256: Bytes32


class CopiedLedger(CopiedFile):
    """One ledger: how far it goes, and the root of what is in it."""

    entries: Count
    fences: Count
    name: LedgerName
    root: Bytes32


class LedgerManifest(Strict):
    """What a backup of ledgers says of itself. There is no key in it."""

    format: Literal["bhr-ledger-backup/v1"]
    ledgers: tuple[CopiedLedger, ...]
    made: Instant

    def files(self) -> tuple[CopiedFile, ...]:
        """Give what it says of each file."""
        return self.ledgers


class KeyManifest(Strict):
    """What a backup of the key store says of itself; its keys are wrapped, and it has an end."""

    format: Literal["bhr-key-backup/v1"]
    key_encryption: Bytes32
    """Fingerprint of the key-encryption key in use when it was made."""
    lapses: Instant
    made: Instant
    store: CopiedFile

    def files(self) -> tuple[CopiedFile, ...]:
        """Give what it says of each file."""
        return (self.store,)


M = TypeVar("M", LedgerManifest, KeyManifest)


def now() -> datetime.datetime:
    """Give the wall-clock time, to the second."""
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def spelt(moment: datetime.datetime) -> str:
    """Spell an instant as documents have it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def lapse_of(made: datetime.datetime) -> datetime.datetime:
    """Give when a copy of the key store may be used no longer."""
    return made + datetime.timedelta(days=KEYS_LIVE_DAYS)


@dataclass(frozen=True, slots=True)
class Writing:
    """A backup that is being written."""

    folder: Path
    made: datetime.datetime

    def copied(self, name: str) -> CopiedFile:
        """Say of a file that was written what the manifest says."""
        size, digest = digest_of(self.folder / name)
        return CopiedFile(bytes=size, file=name, sha256=to_text(digest))

    def finish(self, manifest: LedgerManifest | KeyManifest) -> None:
        """Write the manifest."""
        (self.folder / MANIFEST).write_bytes(manifest.canonical() + b"\n")
        sync(self.folder / MANIFEST)


@contextmanager
def written(destination: Path, kind: Literal["keys", "ledgers"]) -> Iterator[Writing]:
    """Write a backup, named when it is whole; what is left of a failed one goes.

    Raises HomeNotReady.
    """
    made = now()
    named = destination / f"{kind}-{made.strftime(_STAMP)}"
    if named.exists():
        named = named.with_name(f"{named.name}-{secrets.token_hex(4)}")
    hidden = destination / f".{named.name}-{secrets.token_hex(4)}"
    try:
        hidden.mkdir(mode=0o700, parents=True)
        try:
            yield Writing(hidden, made)
            sync(hidden)
            hidden.rename(named)
            sync(destination)
        except BaseException:
            shutil.rmtree(hidden, ignore_errors=True)
            raise
    except OSError:
        raise HomeNotReady(f"{destination}: cannot be written; check rights and space") from None


def read(folder: Path, model: type[M]) -> M:
    """Read a backup's manifest, and hold each of its files against it; raises HomeNotReady."""
    try:
        raw = (folder / MANIFEST).read_bytes()
        strict_json(raw)
        manifest = model.model_validate_json(raw)
    except (OSError, ValueError):
        raise HomeNotReady(
            f"{folder}: no backup of this kind, or its manifest is damaged"
        ) from None
    for one in manifest.files():
        size, digest = digest_of(folder / one.file)
        if (size, to_text(digest)) != (one.bytes, one.sha256):
            raise HomeNotReady(f"{folder / one.file}: not as its manifest says: another copy")
    return manifest


def is_lapsed(manifest: KeyManifest, at: datetime.datetime) -> bool:
    """Say whether a copy of the key store is too old, whatever it says of its own end."""
    return at > lapse_of(instant_of(manifest.made))


def prune_keys(destination: Path, at: datetime.datetime) -> list[str]:
    """Delete copies of the key store that have lapsed, by their names' dates; names them."""
    gone = []
    for folder in sorted(destination.glob("keys-*")):
        found = _NAME.match(folder.name)
        if found is None:
            continue
        made = datetime.datetime.strptime(found.group(1), _STAMP).replace(tzinfo=datetime.UTC)
        if at > lapse_of(made):
            try:
                shutil.rmtree(folder)
            except OSError:
                raise HomeNotReady(f"{folder}: lapsed, and cannot be deleted: do it") from None
            gone.append(folder.name)
    return gone
