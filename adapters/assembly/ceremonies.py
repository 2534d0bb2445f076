"""Making the keys of a home, and rehearsing their recovery."""

from __future__ import annotations

from pathlib import Path

from adapters.keys import ceremony
from adapters.keys.sealed_file import COST, OpenedBy, Purpose, read_key_file
from adapters.keys.store import SqliteKeyStore
from adapters.settings import BoroughHome, HubHome
from domain.reference.participants import PARTNERSHIP
from domain.values import to_text

SHOWN: tuple[Purpose, ...] = ("hub-signing", "recipient", "signing")
"""Keys whose fingerprints other bodies need."""


def make_recovery(path: Path, passphrase: str, *, cost: int = COST) -> str:
    """Make an offline recovery key and its public half; gives the fingerprint."""
    return ceremony.make_recovery(path, passphrase, cost=cost)


def make_hub(home: HubHome, passphrase: str, recovery: Path, *, cost: int = COST) -> dict[str, str]:
    """Make the hub's key files and its empty key store; gives the fingerprints to read out."""
    opened_by = OpenedBy(passphrase, ceremony.read_public_half(recovery), cost)
    made = ceremony.Ceremony(home.key_files, PARTNERSHIP, opened_by).make(ceremony.HUB_PURPOSES)
    SqliteKeyStore.create(home.key_store, home.mirror).close()
    return _shown(made)


def make_borough(
    home: BoroughHome,
    passphrase: str,
    recovery: Path,
    *,
    linkage: bytes | None = None,
    cost: int = COST,
) -> dict[str, str]:
    """Make a borough's key files and `public-keys.json`; gives the fingerprints to read out.

    `linkage` is the boroughs' common key where one is held already; else a fresh one is made.
    """
    opened_by = OpenedBy(passphrase, ceremony.read_public_half(recovery), cost)
    given: dict[Purpose, bytes] = {"linkage": linkage} if linkage else {}
    made = ceremony.Ceremony(home.key_files, home.name, opened_by).make(
        ceremony.BOROUGH_PURPOSES, given
    )
    home.public_keys.write_bytes(ceremony.public_keys(home.key_files, home.name, passphrase))
    return _shown(made)


def hub_keys_document(public: bytes, *, effective_from: str) -> bytes:
    """Give the `body-keys` document of the hub's own signing key."""
    return ceremony.body_keys(PARTNERSHIP, [("hub", public)], effective_from=effective_from)


def rehearse(home: HubHome | BoroughHome, recovery: Path, passphrase: str) -> list[str]:
    """Prove that the recovery key opens every key file; gives the purposes that it opened."""
    return ceremony.rehearse(home.key_files, recovery, passphrase)


def rehearsed_on(home: HubHome | BoroughHome) -> str | None:
    """Give the day of the last rehearsal."""
    return ceremony.rehearsed_on(home.key_files)


def fingerprints(home: HubHome | BoroughHome) -> dict[str, str]:
    """Give the fingerprint of every key file of a home, without opening one."""
    files = (read_key_file(path) for path in sorted(home.key_files.glob("*.json")))
    return {file.purpose: file.fingerprint for file in files}


def _shown(made: dict[Purpose, bytes]) -> dict[str, str]:
    return {purpose: to_text(made[purpose]) for purpose in SHOWN if purpose in made}
