r"""Sealing between bodies, byte by byte: what the hub cannot open. Integers are big-endian.

A *session* is one random secret of 32 bytes for one recipient set, sealed to each recipient by HPKE
(`mlkem768-x25519+hkdf-sha256+aes-256-gcm`) with

    info := "bhr-session/v1\n" ‖ suite ‖ "\n" ‖ ledger ‖ "\n" ‖ source ‖ "\n"
            ‖ session[32] ‖ recipient set[32] ‖ recipient ‖ "\n"

    session       := 32 random bytes, as base64url the subject of `sealing-session-opened`
    recipient set := domain.statement.recipient_set of all recipients, the controller among them

A restricted part, number n of an event, is sealed under a key of its own:

    key        := HKDF-SHA-256(ikm = session secret, no salt, 32 bytes,
                  info = "bhr-part/v1\n" ‖ event id[16] ‖ u8 n)
    plaintext  := salt[32] ‖ canonical part bytes
    associated := "bhr-part/v1\n" ‖ ledger ‖ "\n" ‖ event id[16] ‖ u8 n
                  ‖ session[32] ‖ recipient set[32]
    envelope   := nonce[12] ‖ AES-256-GCM(plaintext) ‖ tag[16]
    commitment := HMAC-SHA-256(salt, canonical part bytes)

So neither parts nor events, sessions, ledgers, recipient sets or recipients can be exchanged, and
one envelope has one meaning. tests/services/borough/test_sealing.py has test vectors.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.canonical import canonical
from domain.errors import CommitmentDiffers, NotOpened
from domain.keyed import Keyed, hmac_sha256
from domain.statement import commit, recipient_set
from domain.values import to_text
from services.ports import Cipher

SUITE: Final = "mlkem768-x25519+hkdf-sha256+aes-256-gcm"
SECRET_BYTES: Final = 32
SALT_BYTES: Final = 32
_PART = b"bhr-part/v1\n"


@dataclass(frozen=True, slots=True)
class SessionName:
    """Which session it is: everything that its sealings are bound to but the recipient."""

    ledger: str
    source: str
    session: bytes
    recipients: tuple[str, ...]


class PartPlace(NamedTuple):
    """Where a restricted part stands."""

    event: uuid.UUID
    number: int


def session_info(name: SessionName, recipient: str) -> bytes:
    """Give what the encapsulation of a session's secret to one recipient is bound to."""
    head = f"bhr-session/v1\n{SUITE}\n{name.ledger}\n{name.source}\n".encode()
    return head + name.session + recipient_set(name.recipients) + f"{recipient}\n".encode()


class SealedContent(NamedTuple):
    """A sealed restricted part and the commitment to what is in it."""

    envelope: bytes
    commitment: bytes


class SessionSeal:
    """Seals and opens the restricted parts of one session."""

    def __init__(self, name: SessionName, secret: bytes, cipher: Cipher) -> None:
        """Use a session's secret."""
        self.name = name
        self.text = to_text(name.session)
        self._cipher = cipher
        # HKDF's first half is the same for every part of the session (RFC 5869 §2.2, no salt).
        self._extracted = Keyed(hmac_sha256(bytes(32), secret))
        self.recipient_set = recipient_set(name.recipients)
        self.recipients_json = canonical(sorted(name.recipients))
        self._head = _PART + f"{name.ledger}\n".encode()
        self._tail = name.session + self.recipient_set

    def __repr__(self) -> str:
        """Never show a secret."""
        return f"SessionSeal({self.text!r})"

    def seal(self, place: PartPlace, salt: bytes, content: bytes) -> SealedContent:
        """Seal a part's canonical bytes under a fresh salt of 32 bytes."""
        key, associated = self._under(place)
        envelope = self._cipher.seal(key, salt + content, associated)
        return SealedContent(envelope, commit(salt, content))

    def open(self, place: PartPlace, sealed: SealedContent) -> bytes:
        """Open a part; raises NotOpened, or CommitmentDiffers when it is not what was stated."""
        key, associated = self._under(place)
        plaintext = self._cipher.open(key, sealed.envelope, associated)
        if plaintext is None or len(plaintext) < SALT_BYTES:
            raise NotOpened(f"part {place.number}")
        salt, content = plaintext[:SALT_BYTES], plaintext[SALT_BYTES:]
        if not hmac.compare_digest(commit(salt, content), sealed.commitment):
            raise CommitmentDiffers(f"part {place.number}")
        return content

    def _under(self, place: PartPlace) -> tuple[bytes, bytes]:
        """Give key and associated data of a place."""
        spot = place.event.bytes + bytes((place.number,))
        # HKDF's second half: 32 bytes are one block (RFC 5869 §2.3).
        key = self._extracted.of(_PART + spot + b"\x01")
        return key, self._head + spot + self._tail
