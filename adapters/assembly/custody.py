"""The key-encryption key of a hub's home, wherever it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from adapters.keys.elsewhere import open_elsewhere, read_elsewhere
from adapters.keys.key_encryption import KeyEncryptionFile, KeyEncryptionRing
from adapters.keys.sealed_file import open_sealed
from domain.reference.participants import PARTNERSHIP
from services.key_ports import KeyEncryption


def open_key_encryption(path: Path, passphrase: str) -> KeyEncryption:
    """Open what stands at the place of a key file.

    Raises HomeNotReady, NotOpened, and Unavailable where whoever keeps the key does not answer.
    """
    elsewhere = read_elsewhere(path)
    if elsewhere is not None:
        return open_elsewhere(elsewhere, PARTNERSHIP)
    secret = open_sealed(path, passphrase, purpose="key-encryption", owner=PARTNERSHIP)
    return KeyEncryptionFile(secret)


def open_ring(paths: Iterable[Path], passphrase: str) -> KeyEncryptionRing:
    """Open several, of which the first wraps."""
    return KeyEncryptionRing([open_key_encryption(path, passphrase) for path in paths])
