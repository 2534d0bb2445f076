r"""Key files: one secret each, opened by a passphrase or by the offline recovery key.

A JSON document, mode 0600, never overwritten; every field but `sealed` is its associated data:

    {"created": …, "fingerprint": …, "format": "bhr-key-file/v1",
     "kdf": {"n": 131072, "name": "scrypt", "p": 1, "r": 8, "salt": 32 bytes},
     "owner": …, "purpose": …,
     "recovery": {"fingerprint": of the recovery key, "sealed": …} or null, "sealed": …}

    sealed   := nonce[12] ‖ AES-256-GCM(secret) ‖ tag[16], key = scrypt(NFKC(passphrase) in UTF-8),
                associated data = RFC 8785 JSON of the document without `sealed`; where it has
                "custody", key = HMAC-SHA-256(what is held elsewhere, that), see elsewhere.py
    recovery := HPKE (see encapsulation.py) of the secret to the recovery key,
                info = "bhr-key-recovery/v1\n" ‖ purpose ‖ "\n" ‖ owner ‖ "\n" ‖ fingerprint[32]
    fingerprint := where there is a public key, that of the public key (as registered), else
                SHA-256("bhr-secret/v1\n" ‖ purpose ‖ "\n" ‖ secret)

Bytes are base64url without padding. The recovery key is such a file too, alone in having nobody
to recover it: it is carried off-line, under a passphrase of its own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from adapters.custody_settings import Place
from adapters.keys import checkpoint_key, encapsulation, signing
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.derivation import COST, Derivation
from adapters.keys.elsewhere import Held, held_at
from adapters.keys.private_file import read_private, write_private
from domain.canonical import strict_json
from domain.errors import HomeNotReady, NotOpened
from domain.keyed import hmac_sha256
from domain.queued import intake_fingerprint
from domain.reference import body_keys
from domain.reference.body_keys import KeyPurpose
from domain.values import Bytes32, Instant, ParticipantCode, Sealed, Strict, to_bytes, to_text

Purpose = Literal[
    "checkpoint-signing",
    "deciding",
    "hub-signing",
    "intake",
    "key-encryption",
    "linkage",
    "recipient",
    "recovery",
    "signing",
    "tag",
    "token-issuer",
    "witness",
]
"""What a secret is for; each has a file of its own."""

PASSPHRASE_LENGTH_MIN: Final = 12
_FILE_BYTES_MAX = 16 * 1024
_SIGNING: Mapping[Purpose, KeyPurpose] = {
    "deciding": "deciding",
    "hub-signing": "hub",
    "signing": "signing",
    "token-issuer": "signing",
    "witness": "witness",
}
_SEALED_TO = frozenset({"intake", "recipient", "recovery"})
_CIPHER = AesGcmCipher(cached=1)


class Recovery(Strict):
    """The same secret, sealed to the offline recovery key."""

    fingerprint: Bytes32
    sealed: Sealed


class KeyFile(Strict):
    """What can be read of a key file without opening it; believed only once it has opened."""

    created: Instant
    custody: Held | None = None
    fingerprint: Bytes32
    format: Literal["bhr-key-file/v1"]
    kdf: Derivation
    owner: ParticipantCode
    purpose: Purpose
    recovery: Recovery | None
    sealed: Sealed

    def associated(self) -> bytes:
        """Give the canonical bytes of everything but `sealed`, and where it is held."""
        return self.model_dump_json(
            exclude={"custody": {"place"}, "sealed": True}, exclude_unset=True
        ).encode()

    def key(self, passphrase: str) -> bytes:
        """Derive what the file is sealed by; raises NotOpened, HomeNotReady, Unavailable."""
        derived = self.kdf.key(passphrase)
        if self.custody is None:
            return derived
        secret = self.custody.opened(to_bytes(self.kdf.salt))
        return hmac_sha256(secret, derived)

    def recovery_info(self) -> bytes:
        """Give what the recovery sealing is bound to."""
        head = f"bhr-key-recovery/v1\n{self.purpose}\n{self.owner}\n".encode()
        return head + to_bytes(self.fingerprint)


@dataclass(frozen=True, slots=True)
class KeyLabel:
    """What stands on a key file: its purpose, the body whose it is, and the instant it was made."""

    purpose: Purpose
    owner: str
    created: str


@dataclass(frozen=True, slots=True)
class OpenedBy:
    """Who will open new key files: a passphrase, and the recovery key by its public bytes.

    `cost` is scrypt's n, a power of two; less than the default is for tests. Files that are made
    together have one salt: they have one passphrase, a guess at any of them is as dear as it was,
    and whoever opens all of them waits once.
    """

    passphrase: str = field(repr=False)
    recovery: bytes | None
    cost: int = COST
    place: Place | None = None
    """Where a second secret is to be kept that opens it beside the passphrase."""
    salt: bytes = field(default_factory=lambda: os.urandom(32), repr=False)


def secret_length(purpose: Purpose) -> int:
    """Give how many bytes a secret of this purpose has."""
    if purpose == "checkpoint-signing":
        return checkpoint_key.PRIVATE_BYTES
    return encapsulation.PRIVATE_BYTES if purpose in _SEALED_TO else 32


def key_fingerprint(purpose: Purpose, secret: bytes) -> bytes:
    """Give the 32 bytes by which people tell keys apart; a public key's own where there is one."""
    if purpose in _SIGNING:
        return body_keys.fingerprint(_SIGNING[purpose], signing.Ed25519Signer(secret).public)
    if purpose == "checkpoint-signing":
        return body_keys.fingerprint("checkpoint", checkpoint_key.CheckpointKey(secret).public)
    if purpose == "intake":
        return intake_fingerprint(encapsulation.public_of(secret))
    if purpose in _SEALED_TO:
        return encapsulation.fingerprint(encapsulation.public_of(secret))
    return hashlib.sha256(f"bhr-secret/v1\n{purpose}\n".encode() + secret).digest()


def write_sealed(path: Path, secret: bytes, *, label: KeyLabel, opened_by: OpenedBy) -> bytes:
    """Write a key file that was not there; gives the key's fingerprint. Raises HomeNotReady."""
    if len(secret) != secret_length(label.purpose):
        raise HomeNotReady(f"{path}: a secret of this purpose has another length")
    if len(opened_by.passphrase) < PASSPHRASE_LENGTH_MIN:
        raise HomeNotReady(f"a passphrase has at least {PASSPHRASE_LENGTH_MIN} characters")
    if (opened_by.recovery is None) != (label.purpose in {"intake", "recovery"}):
        raise HomeNotReady(f"{path}: this purpose and a recovery key do not go together")
    mark = key_fingerprint(label.purpose, secret)
    try:
        file = _sealed(_unsealed(label, mark, opened_by), secret, opened_by)
    except ValueError:
        raise HomeNotReady(f"{path}: owner, date or cost are not as they should be") from None
    write_private(path, file.model_dump_json(indent=2, exclude_unset=True).encode() + b"\n")
    return mark


def _unsealed(label: KeyLabel, mark: bytes, opened_by: OpenedBy) -> KeyFile:
    file = KeyFile(
        created=label.created,
        fingerprint=to_text(mark),
        format="bhr-key-file/v1",
        kdf=Derivation(n=opened_by.cost, name="scrypt", p=1, r=8, salt=to_text(opened_by.salt)),
        owner=label.owner,
        purpose=label.purpose,
        recovery=None,
        sealed="A" * 38,  # in its place until the rest, which it is bound to, stands
    )
    if opened_by.place is None:
        return file
    return file.model_copy(update={"custody": held_at(opened_by.place, opened_by.salt)})


def _sealed(file: KeyFile, secret: bytes, opened_by: OpenedBy) -> KeyFile:
    if opened_by.recovery is not None:
        recovery = Recovery(
            fingerprint=to_text(encapsulation.fingerprint(opened_by.recovery)),
            sealed=to_text(encapsulation.seal_to(opened_by.recovery, secret, file.recovery_info())),
        )
        file = file.model_copy(update={"recovery": recovery})
    sealed = _CIPHER.seal(file.key(opened_by.passphrase), secret, file.associated())
    return file.model_copy(update={"sealed": to_text(sealed)})


def write_recovery(
    path: Path, *, owner: str, created: str, passphrase: str, cost: int = COST
) -> bytes:
    """Make the recovery key pair and the file of its private part; gives the public part.

    The file is to be carried off-line; the public part is what every other key file is sealed to.
    """
    private, public = encapsulation.generate()
    label = KeyLabel("recovery", owner, created)
    write_sealed(path, private, label=label, opened_by=OpenedBy(passphrase, None, cost))
    return public


def read_key_file(path: Path) -> KeyFile:
    """Read what can be read without opening; raises HomeNotReady, also when others may read it."""
    raw = read_private(path, bytes_max=_FILE_BYTES_MAX)
    try:
        return KeyFile.model_validate(strict_json(raw))
    except ValueError:
        raise HomeNotReady(f"{path}: not a key file of a form known here") from None


def open_sealed(path: Path, passphrase: str, *, purpose: Purpose, owner: str) -> bytes:
    """Open a key file; gives its secret.

    Raises HomeNotReady when it is missing, open to others, or for another purpose or owner;
    NotOpened("key file") when the passphrase is wrong or anything in the file was altered.
    """
    file = read_key_file(path)
    if file.purpose != purpose:
        raise HomeNotReady(f"{path}: this key is for {file.purpose}, not for {purpose}")
    if file.owner != owner:
        raise HomeNotReady(f"{path}: this key belongs to another body")
    sealed = _bytes(file.sealed)
    return _checked(file, _CIPHER.open(file.key(passphrase), sealed, file.associated()))


def open_with_recovery(path: Path, recovery_private: bytes) -> bytes:
    """Open a key file with the recovery key's private part; gives the same secret.

    Its label is then to be believed for purpose, owner and fingerprint, not for its date.
    """
    file = read_key_file(path)
    if file.recovery is None:
        raise HomeNotReady(f"{path}: this key cannot be recovered")
    sealed = _bytes(file.recovery.sealed)
    return _checked(file, encapsulation.open_with(recovery_private, sealed, file.recovery_info()))


def _bytes(sealed: str) -> bytes:
    try:
        return to_bytes(sealed)
    except ValueError:
        raise NotOpened("key file") from None


def _checked(file: KeyFile, secret: bytes | None) -> bytes:
    """Refuse a secret that is not the one named on the file: anyone can seal to a public key."""
    if (
        secret is None
        or len(secret) != secret_length(file.purpose)
        or to_text(key_fingerprint(file.purpose, secret)) != file.fingerprint
    ):
        raise NotOpened("key file")
    return secret
