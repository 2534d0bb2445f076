r"""Keys that are kept elsewhere, by a transit service or on a token: found there, and known again.

    key-encryption.json    says where the key is, with a proof of which key that is

The proof is 32 random bytes, wrapped by the key when the file was made; the fingerprint is a digest
of them. Another key in the same place does not open it and is refused before anything is wrapped.
Where the key is may be written anew by hand, since the proof speaks for it: a server moves.

Other key files stand here, and open by their passphrase and by a secret that is wrapped elsewhere
(`Held`), both: who copies the disk and the passphrase still has to ask there.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from pathlib import Path
from typing import Literal, Protocol

from pydantic import Field, ValidationError

from adapters.custody_settings import Place
from adapters.keys.private_file import read_private, write_private
from domain.canonical import strict_json
from domain.errors import HomeNotReady, NotOpened
from domain.values import Bytes32, Instant, ParticipantCode, Sealed, Strict, to_bytes, to_text
from services.key_ports import KeyEncryption

_FILE_BYTES_MAX = 16 * 1024
_PROOF = b"bhr-key-elsewhere/v1"
_HELD = b"bhr-key-file/v1\n"


class KeyElsewhere(Strict):
    """What stands in the place of a key file where the key itself does not."""

    created: Instant
    fingerprint: Bytes32
    format: Literal["bhr-key-elsewhere/v1"]
    owner: ParticipantCode
    proof: Sealed
    purpose: Literal["key-encryption"]
    where: Place = Field(repr=False)


class KeptKey(KeyEncryption, Protocol):
    """A key that is kept elsewhere."""

    def refuse_weak(self) -> None:
        """Raise HomeNotReady where there is none, or one that could be taken out."""
        ...


def key_at(place: Place) -> KeptKey:
    """Give the key of a place, loading only what speaks to it: most homes have neither."""
    if place.pkcs11 is not None:
        from adapters.keys.pkcs11_token import TokenKey  # noqa: PLC0415 - loaded by who has it

        return TokenKey(place.pkcs11)
    if place.transit is not None:
        from adapters.keys.transit import TransitKey  # noqa: PLC0415 - loaded by who has it

        return TransitKey(place.transit)
    raise HomeNotReady("it is not said where a key is kept")


class Held(Strict):
    """Of a key file: a second secret that opens it beside the passphrase, wrapped elsewhere.

    Where is not sealed in: a server moves, and another one's key unwraps nothing.
    """

    place: Place = Field(repr=False)
    wrapped: Sealed

    def opened(self, salt: bytes) -> bytes:
        """Have it unwrapped; raises NotOpened, HomeNotReady, Unavailable."""
        return key_at(self.place).unwrap(to_bytes(self.wrapped), _HELD + salt)


def held_at(place: Place, salt: bytes) -> Held:
    """Make a second secret for one key file; raises HomeNotReady, Unavailable."""
    key = key_at(place)
    key.refuse_weak()
    wrapped = key.wrap(secrets.token_bytes(32), _HELD + salt)
    return Held(place=place, wrapped=to_text(wrapped))


def write_elsewhere(path: Path, owner: str, place: Place) -> bytes:
    """Write where a key is kept, of which no key file was made; gives its fingerprint.

    Raises HomeNotReady for a key that is not there or could be taken out, Unavailable.
    """
    key = key_at(place)
    key.refuse_weak()
    secret = secrets.token_bytes(32)
    mark = _mark(secret)
    file = KeyElsewhere(
        created=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        fingerprint=to_text(mark),
        format="bhr-key-elsewhere/v1",
        owner=owner,
        proof=to_text(key.wrap(secret, _PROOF)),
        purpose="key-encryption",
        where=place,
    )
    write_private(path, file.model_dump_json(indent=2, exclude_none=True).encode() + b"\n")
    return mark


def read_elsewhere(path: Path) -> KeyElsewhere | None:
    """Read where a key is kept; None for what is a key file or nothing. Raises HomeNotReady."""
    if not path.exists():
        return None
    try:
        return KeyElsewhere.model_validate(
            strict_json(read_private(path, bytes_max=_FILE_BYTES_MAX))
        )
    except (ValidationError, ValueError):
        return None


def open_elsewhere(file: KeyElsewhere, owner: str) -> KeyEncryption:
    """Give the key, known again by its proof; raises HomeNotReady, Unavailable."""
    if file.owner != owner:
        raise HomeNotReady("the key-encryption key belongs to another body")
    key = key_at(file.where)
    try:
        secret = key.unwrap(to_bytes(file.proof), _PROOF)
    except NotOpened:
        secret = b""
    if to_text(_mark(secret)) != file.fingerprint:
        raise HomeNotReady("another key stands where the key-encryption key was kept")
    return key


def _mark(secret: bytes) -> bytes:
    return hashlib.sha256(b"bhr-secret/v1\nkey-encryption\n" + secret).digest()
