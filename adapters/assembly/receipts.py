"""Checking a receipt from files alone: no hub, no home, no key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adapters.assembly.witnesses import policy_of
from adapters.keys import signing
from adapters.keys.checkpoint_key import ALGORITHMS
from domain.errors import HomeNotReady
from domain.reference.body_keys import BodyKeys
from domain.reference.documents import read_as
from domain.values import to_bytes
from services.audit.receipt_checking import Believed, Proven, checked

_FILE_BYTES_MAX = 2 * 1024 * 1024


def check_receipt(file: Path, policy: Path, keys: Sequence[Path]) -> Proven:
    """Check a receipt.

    Raises HomeNotReady for files that cannot be read, NotProven for a policy that is none,
    ReferenceRefused for keys that are none.
    """
    listed = [read_as(BodyKeys, _read(one)) for one in keys]

    def publisher_keys(source: str) -> list[bytes]:
        body = source.removeprefix("/participants/").partition("/")[0]
        return [
            to_bytes(key.public)
            for mine in listed
            for key in mine.keys
            if mine.participant == body and key.purpose == "signing"
        ]

    believed = Believed(policy_of(policy), ALGORITHMS, signing.verify, publisher_keys)
    return checked(_read(file), believed)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_FILE_BYTES_MAX)
    except OSError:
        raise HomeNotReady(f"{path} cannot be read") from None
