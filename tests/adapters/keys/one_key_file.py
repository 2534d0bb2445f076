"""One key file, the hub's signing key: what it is made of, how it is opened and altered."""

import json
from pathlib import Path

from adapters.keys import encapsulation
from adapters.keys.sealed_file import OpenedBy, open_sealed
from domain.canonical import JsonValue

CREATED = "2026-11-23T09:00:00Z"
PASSPHRASE = "MARKER correct horse"
RECOVERY_PRIVATE = bytes(range(96))
RECOVERY = encapsulation.public_of(RECOVERY_PRIVATE)
CHEAP = 2**10
OPENED_BY = OpenedBy(PASSPHRASE, RECOVERY, CHEAP)
SECRET = b"MARKER-of-32-bytes-that-is-a-key"


def opened(path: Path, passphrase: str = PASSPHRASE) -> bytes:
    """Open the hub's signing key."""
    return open_sealed(path, passphrase, purpose="hub-signing", owner="hub")


def altered(path: Path, *places: str, value: JsonValue) -> Path:
    """Write the key file again with another value at a place."""
    document = json.loads(path.read_text())
    inner = document
    for place in places[:-1]:
        inner = inner[place]
    inner[places[-1]] = value
    path.write_text(json.dumps(document))
    return path
