"""The one place that names concrete adapters: settings in, services out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from adapters.identity.tokens import EmbeddedIssuer, TokenVerifier
from adapters.identity.trust_file import TrustFile
from adapters.keys import encapsulation, signing
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation
from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.keys.sealed_file import (
    KeyLabel,
    OpenedBy,
    Purpose,
    open_sealed,
    secret_length,
    write_sealed,
)
from adapters.keys.signing import Ed25519Signer
from adapters.keys.store import SqliteKeyStore
from adapters.ledger.clock_watch import ClockWatch
from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_schema import create_ledger
from adapters.settings import HubHome
from domain.errors import HomeNotReady
from domain.reference.body_keys import fingerprint
from domain.reference.participants import PARTNERSHIP
from domain.stored import StoredModels
from domain.vocabulary.catalogue import STANDARD
from domain.wire import Wire
from services.committing import Committer
from services.custody import KeyCustody
from services.fetching import Fetching, Shelf
from services.hub import Hub
from services.hub_events import HubEvents
from services.opening import Opening
from services.ports import Clock, Ledger
from services.publishing import Books, Desk, Publishing
from services.reading import ReadingDesk
from services.registering import Registering
from services.registry import Registry
from services.sealing import Sealing
from services.sessions import StoredSessions

ISSUER = "urn:bhr:embedded-issuer"
AUDIENCE = "urn:bhr:hub"
HUB_PURPOSES: tuple[Purpose, ...] = ("key-encryption", "hub-signing", "token-issuer")


class WallClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Give the wall-clock time."""
        return time.time_ns() // 1_000_000


@cache
def wire() -> Wire:
    """Give the wire models of the standard catalogue; building them takes a second."""
    return Wire(STANDARD)


@cache
def stored_models() -> StoredModels:
    """Give the readers of stored parts of the standard catalogue."""
    return StoredModels(STANDARD)


def key_file(folder: Path, purpose: Purpose) -> Path:
    """Give where the key file of a purpose stands."""
    return folder / f"{purpose}.json"


def make_key(folder: Path, label: KeyLabel, opened_by: OpenedBy, secret: bytes | None = None) -> bytes:
    """Make a key file with a fresh secret; gives the fingerprint."""
    made = secret if secret is not None else _fresh(label.purpose)
    return write_sealed(key_file(folder, label.purpose), made, label=label, opened_by=opened_by)


def _fresh(purpose: Purpose) -> bytes:
    if secret_length(purpose) == encapsulation.PRIVATE_BYTES:
        return encapsulation.generate()[0]
    return signing.generate()[0]


@dataclass(frozen=True, slots=True)
class HubKeys:
    """The hub's opened secrets."""

    key_encryption: bytes
    signing: bytes
    token_issuer: bytes

    def __repr__(self) -> str:
        """Never show them."""
        return "HubKeys(…)"


def open_hub_keys(home: HubHome, passphrase: str) -> HubKeys:
    """Open the hub's key files; raises HomeNotReady or NotOpened."""
    opened = [
        open_sealed(key_file(home.key_files, purpose), passphrase, purpose=purpose, owner=PARTNERSHIP)
        for purpose in HUB_PURPOSES
    ]
    return HubKeys(*opened)


@dataclass(frozen=True, slots=True)
class Rooms:
    """An open hub: its services, and what commands and workers need beside them."""

    hub: Hub
    registry: Registry
    registering: Registering
    hub_events: HubEvents
    issuer: EmbeddedIssuer
    ledgers: Mapping[str, Ledger]
    openings: Mapping[str, Opening]
    custody: KeyCustody
    hub_key: bytes
    close: Callable[[], None]


def ledger_path(home: HubHome, name: str) -> Path:
    """Give where a ledger stands."""
    return home.ledgers / f"{name}.sqlite"


def init_ledger(home: HubHome, name: str, *, demo: bool = False) -> bool:
    """Make a ledger that is not there yet; gives whether it was made."""
    path = ledger_path(home, name)
    if path.exists():
        return False
    home.ledgers.mkdir(mode=0o700, parents=True, exist_ok=True)
    create_ledger(path, name, origin="demo" if demo else "hub")
    return True


def open_ledgers(home: HubHome, *, demo: bool = False, watch: ClockWatch | None = None) -> dict[str, SqliteLedger]:
    """Open every ledger of the home; raises HomeNotReady when there is none for the partnership."""
    names = sorted(path.stem for path in home.ledgers.glob("*.sqlite"))
    if PARTNERSHIP not in names:
        raise HomeNotReady("no ledgers here yet: run `bhr ledger init`")
    origin = "demo" if demo else "hub"
    return {
        name: SqliteLedger(ledger_path(home, name), name, origin=origin, watch=watch)
        for name in names
    }
