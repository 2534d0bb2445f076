r"""The hub's own sealing: what it stores, and how it opens it again (architecture §5).

Associated data of every sealing, in this order, so that nothing can be moved to another place:

    "bhr-record/v1\n" ‖ ledger ‖ "\n" ‖ event id[16] ‖ u8 part number ‖ u8 class ‖ key id[32]

with number 255 and class 0 for the header. A header opens under the ledger's key of its
generation, facts under the stream's key, everything of a subject under the subject's key.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from domain.errors import CommitmentDiffers, NotOpened, RecordMalformed
from domain.record import (
    RECORD_FORMAT,
    Leaf,
    LeafPart,
    Record,
    RingEntry,
    decode_keyring,
    encode_keyring,
    key_tag,
)
from domain.statement import PartClass, commit
from services.custody import DataKey, KeyCustody
from services.ports import Cipher
from services.preparing import PreparedEvent

HEADER_NUMBER = 255
_KEY_ID = 32
_SALT = 32


class Sealed(NamedTuple):
    """Sealed header and parts, and what the leaf says of them."""

    pieces: tuple[bytes, ...]
    header_digest: bytes
    parts: tuple[LeafPart, ...]


class OpenedHeader(NamedTuple):
    """A header as it was opened and checked, and the keyring that travels with it."""

    content: bytes
    ring: tuple[RingEntry, ...]
    salt: bytes


def associated(ledger: str, event: uuid.UUID, number: int, part_class: int, key_id: bytes) -> bytes:
    """Give the associated data of one sealing."""
    return _in_front(ledger) + event.bytes + bytes((number, part_class)) + key_id


@functools.lru_cache(maxsize=64)  # a hub has a few ledgers
def _in_front(ledger: str) -> bytes:
    return f"{RECORD_FORMAT}\n{ledger}\n".encode()


class Sealing:
    """Seals what a ledger stores and opens it again, every commitment checked."""

    def __init__(self, ledger: str, cipher: Cipher, custody: KeyCustody) -> None:
        """Work for one ledger."""
        self._ledger = ledger
        self._cipher = cipher
        self._custody = custody

    def seal(self, event: PreparedEvent, header_key: DataKey, keys: Sequence[DataKey]) -> Sealed:
        """Seal one event: its header under the ledger's key, each part under its own of `keys`."""
        event_id = event.event_id
        ring: list[RingEntry] = []
        pieces: list[bytes] = []
        stated: list[LeafPart] = []
        for part, key in zip(event.parts, keys, strict=True):
            number, part_class, key_id = part.number, part.part_class, key.key_id
            place = associated(self._ledger, event_id, number, part_class, key_id)
            piece = self._cipher.seal(key.secret, part.salt + part.content, place)
            ring.append(RingEntry(number, key_id, part.envelope_digest))
            pieces.append(piece)
            tag = key_tag(key_id, event_id, number)
            stated.append(
                LeafPart(number, part_class, tag, hashlib.sha256(piece).digest(), part.commitment)
            )
        body = event.header_salt + encode_keyring(ring) + event.header
        place = associated(self._ledger, event_id, HEADER_NUMBER, 0, header_key.key_id)
        sealed_header = header_key.key_id + self._cipher.seal(header_key.secret, body, place)
        return Sealed(
            (sealed_header, *pieces), hashlib.sha256(sealed_header).digest(), tuple(stated)
        )

    def open_header(self, record: Record) -> OpenedHeader:
        """Open a record's header; raises NotOpened or CommitmentDiffers, naming the header."""
        leaf = record.leaf
        key_id, sealed = record.sealed_header[:_KEY_ID], record.sealed_header[_KEY_ID:]
        key = self._custody.key(key_id)
        place = associated(self._ledger, leaf.event_id, HEADER_NUMBER, 0, key_id)
        body = self._cipher.open(key.secret, sealed, place)
        if body is None:
            raise NotOpened("header")
        salt = body[:_SALT]
        ring, content = decode_keyring(body[_SALT:])
        if not hmac.compare_digest(commit(salt, content), leaf.header_commitment):
            raise CommitmentDiffers("header")
        _check_ring(ring, leaf)
        return OpenedHeader(content, ring, salt)

    def open_part(self, leaf: Leaf, index: int, sealed: bytes, key: DataKey) -> bytes:
        """Open the leaf's part at `index`.

        Facts and shared parts give their bytes, checked against the commitment; a restricted part
        gives the publisher's envelope, which stays sealed.
        """
        return self.open_salted(leaf, index, sealed, key)[1]

    def open_salted(
        self, leaf: Leaf, index: int, sealed: bytes, key: DataKey
    ) -> tuple[bytes, bytes]:
        """Open the part at `index` as `open_part` does; gives its salt too, where it has one."""
        part = leaf.parts[index]
        place = associated(self._ledger, leaf.event_id, part.number, part.part_class, key.key_id)
        body = self._cipher.open(key.secret, sealed, place)
        if body is None:
            raise NotOpened(f"part {part.number}")
        if part.part_class is PartClass.RESTRICTED:
            return b"", body
        salt, content = body[:_SALT], body[_SALT:]
        if not hmac.compare_digest(commit(salt, content), part.commitment):
            raise CommitmentDiffers(f"part {part.number}")
        return salt, content


def _check_ring(ring: Sequence[RingEntry], leaf: Leaf) -> None:
    """Hold a keyring against the leaf: the same parts, each under the key that its tag says."""
    if len(ring) != len(leaf.parts):
        raise RecordMalformed("keyring")
    for (number, key_id, _), part in zip(ring, leaf.parts, strict=True):
        if number != part.number:
            raise RecordMalformed("keyring")
        if not hmac.compare_digest(key_tag(key_id, leaf.event_id, number), part.key_tag):
            raise CommitmentDiffers(f"key of part {number}")
