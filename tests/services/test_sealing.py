"""The hub's own sealing: fixed bytes, and nothing that opens where it was not sealed."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.cipher import AesGcmCipher
from adapters.keys.key_encryption import KeyEncryptionFile
from domain.errors import CommitmentDiffers, KeyMissing, NotOpened, RecordMalformed
from domain.record import (
    Attestation,
    Leaf,
    Record,
    RingEntry,
    decode_record,
    encode_keyring,
    encode_record,
    key_tag,
)
from domain.statement import PartClass, commit
from services.custody import DataKey, KeyCustody, KeyName
from services.ports import Cipher
from services.preparing import PreparedEvent, PreparedPart
from services.sealing import Sealed, Sealing, associated
from tests.fakes_keys import MemoryKeyStore

EVENT = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057")
OTHER = uuid.UUID("01890a5d-ac96-7000-8000-000000000001")
LEDGER_KEY = DataKey(bytes([0xE0]) * 32, bytes([0xE1]) * 32)
STREAM_KEY = DataKey(bytes([0xF0]) * 32, bytes([0xF1]) * 32)
CHILD_KEY = DataKey(bytes([0xC0]) * 32, bytes([0xC1]) * 32)
NONCE = bytes(range(12))
SALT = bytes([0x5A]) * 32
CONTENTS = (b'{"facts":1}', b'{"shared":1}', b"an envelope that somebody else sealed")
HEADER = b'{"header":1}'
HEADER_SALT = bytes([0x5B]) * 32


class FixedNonce:
    """AES-256-GCM with one nonce for all, so that its bytes can be written down."""

    def seal(self, key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Seal under the nonce that everybody knows."""
        return NONCE + AESGCM(key).encrypt(NONCE, plaintext, associated)

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Open as the real one does."""
        return AesGcmCipher().open(key, sealed, associated)


@dataclass
class SecondMeaning:
    """A cipher under which a ciphertext opens to something else than was sealed.

    AES-GCM allows it: one ciphertext can be made that opens under two keys to two plaintexts.
    """

    body: bytes

    def seal(self, key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Seal honestly."""
        return FixedNonce().seal(key, plaintext, associated)

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Open to the other meaning."""
        return self.body


def a_custody() -> KeyCustody:
    """Give a custody that holds the three fixed keys, for any ledger."""
    custody = KeyCustody(MemoryKeyStore(), KeyEncryptionFile(bytes(32)))
    custody._by_id.update({key.key_id: key for key in (LEDGER_KEY, STREAM_KEY, CHILD_KEY)})
    return custody


def a_sealing(cipher: Cipher | None = None, ledger: str = "havering") -> Sealing:
    """Give the sealing of a ledger."""
    return Sealing(ledger, cipher or FixedNonce(), a_custody())


def parts() -> tuple[PreparedPart, ...]:
    """Give facts, a shared and a restricted part."""
    facts, shared, envelope = CONTENTS
    return (
        PreparedPart(0, PartClass.FACTS, "stream", "s", facts, commit(SALT, facts), SALT),
        PreparedPart(1, PartClass.SHARED, "subject", "c", shared, commit(SALT, shared), SALT),
        PreparedPart(
            2, PartClass.RESTRICTED, "subject", "c", envelope, bytes([0xDD]) * 32,
            envelope_digest=hashlib.sha256(envelope).digest(),
        ),
    )  # fmt: skip


def an_event(event: uuid.UUID = EVENT) -> PreparedEvent:
    """Give an event of the header and the three parts."""
    return PreparedEvent(
        event, "/participants/havering/cms", 7, "s", Attestation.SIGNED,
        HEADER, HEADER_SALT, commit(HEADER_SALT, HEADER), parts(),
    )  # fmt: skip


def a_sealed(event: PreparedEvent) -> Sealed:
    """Seal an event under the three keys."""
    return a_sealing().seal(event, LEDGER_KEY, (STREAM_KEY, CHILD_KEY, CHILD_KEY))


def a_record(sealed: Sealed, event: uuid.UUID = EVENT) -> Record:
    """Give the record that was stored."""
    leaf = Leaf(
        event, "/participants/havering/cms", 7, Attestation.SIGNED, OTHER, 0,
        sealed.header_digest, commit(HEADER_SALT, HEADER), sealed.parts,
    )  # fmt: skip
    return decode_record(encode_record(leaf.encode(5), sealed.pieces))


def a_stored_record(event: uuid.UUID = EVENT) -> Record:
    """Seal the three parts and give the record."""
    return a_record(a_sealed(an_event(event)), event)


def opened(record: Record, index: int, sealing: Sealing | None = None) -> bytes:
    """Open one part of a record under the key that it is sealed under."""
    key = (STREAM_KEY, CHILD_KEY, CHILD_KEY)[index]
    sealing = sealing or a_sealing()
    return sealing.open_part(record.leaf, index, record.sealed_parts[index], key)


def test_associated_data_is_byte_for_byte_as_documented() -> None:
    """Format, ledger, event, part number, class and key id, so that nothing can be moved."""
    found = associated("havering", EVENT, 2, 3, CHILD_KEY.key_id)
    assert found == b"bhr-record/v1\nhavering\n" + EVENT.bytes + b"\x02\x03" + b"\xc0" * 32


def test_sealed_bytes_are_as_documented() -> None:
    """With key, nonce and salt known, header and parts are these very bytes."""
    sealed = a_sealed(an_event())
    head = b"bhr-record/v1\nhavering\n" + EVENT.bytes
    ring = (
        b"\x03\x00" + STREAM_KEY.key_id + bytes(32)
        + b"\x01" + CHILD_KEY.key_id + bytes(32)
        + b"\x02" + CHILD_KEY.key_id + hashlib.sha256(CONTENTS[2]).digest()
    )  # fmt: skip
    body = HEADER_SALT + ring + HEADER
    assert sealed.pieces == (
        LEDGER_KEY.key_id
        + NONCE
        + AESGCM(LEDGER_KEY.secret).encrypt(NONCE, body, head + b"\xff\x00" + LEDGER_KEY.key_id),
        NONCE
        + AESGCM(STREAM_KEY.secret).encrypt(
            NONCE, SALT + CONTENTS[0], head + b"\x00\x01" + STREAM_KEY.key_id
        ),
        NONCE
        + AESGCM(CHILD_KEY.secret).encrypt(
            NONCE, SALT + CONTENTS[1], head + b"\x01\x02" + CHILD_KEY.key_id
        ),
        NONCE
        + AESGCM(CHILD_KEY.secret).encrypt(
            NONCE, CONTENTS[2], head + b"\x02\x03" + CHILD_KEY.key_id
        ),
    )
    whole = hashlib.sha256(b"".join(sealed.pieces)).hexdigest()
    assert whole == "0e6925857d964e6d3c47047928275b19e7b4a721c16d9dd3c6545f02dafd2f2f"


def test_the_leaf_says_of_each_part_what_was_sealed() -> None:
    """Digest, commitment and key tag; two parts under one key do not show that they share it."""
    sealed = a_sealed(an_event())
    assert [part.commitment for part in sealed.parts] == [part.commitment for part in parts()]
    assert [part.key_tag for part in sealed.parts] == [
        key_tag(key.key_id, EVENT, number)
        for number, key in enumerate((STREAM_KEY, CHILD_KEY, CHILD_KEY))
    ]
    assert len({part.key_tag for part in sealed.parts}) == 3
    digests = [sealed.header_digest, *(part.sealed_digest for part in sealed.parts)]
    assert digests == [hashlib.sha256(piece).digest() for piece in sealed.pieces]


def test_everything_opens_where_it_stands() -> None:
    """Header with its keyring, facts and shared part; of the restricted one the envelope."""
    record = a_stored_record()
    header = a_sealing().open_header(record)
    assert header.content == HEADER
    assert [entry.number for entry in header.ring] == [0, 1, 2]
    assert tuple(opened(record, index) for index in range(3)) == CONTENTS


def test_what_is_moved_to_another_event_ledger_or_place_does_not_open() -> None:
    """Each sealing is bound to its ledger, event, number and class; each is refused by name."""
    record, other = a_stored_record(), a_stored_record(OTHER)
    with pytest.raises(NotOpened, match=r"^header does not open"):
        a_sealing(ledger="redbridge").open_header(record)
    with pytest.raises(NotOpened, match=r"^header does not open"):
        a_sealing().open_header(record._replace(sealed_header=other.sealed_header))
    for index in range(3):
        with pytest.raises(NotOpened, match=f"^part {index} does not open"):
            opened(record, index, a_sealing(ledger="redbridge"))
        moved = record._replace(sealed_parts=other.sealed_parts)
        with pytest.raises(NotOpened, match=f"^part {index} does not open"):
            opened(moved, index)
    exchanged = record._replace(sealed_parts=(record.sealed_parts[0], *record.sealed_parts[:0:-1]))
    for index in (1, 2):
        with pytest.raises(NotOpened, match=f"^part {index} does not open"):
            opened(exchanged, index)
    reclassed = record.leaf.parts[1]._replace(part_class=PartClass.FACTS)
    leaf = replace(record.leaf, parts=(record.leaf.parts[0], reclassed, record.leaf.parts[2]))
    with pytest.raises(NotOpened, match=r"^part 1 does not open"):
        opened(record._replace(leaf=leaf), 1)


def test_another_version_of_the_same_event_is_refused_by_the_commitment() -> None:
    """What was sealed to the very same place, but says something else, is not what is stated."""
    record = a_stored_record()
    said = tuple(part._replace(content=b'{"other":1}') for part in parts())
    version = a_sealed(replace(an_event(), header=b'{"other":1}', parts=said))
    with pytest.raises(CommitmentDiffers, match=r"^header"):
        a_sealing().open_header(record._replace(sealed_header=version.pieces[0]))
    swapped = record._replace(sealed_parts=version.pieces[1:])
    for index in (0, 1):
        with pytest.raises(CommitmentDiffers, match=f"^part {index}"):
            opened(swapped, index)


@pytest.mark.parametrize("body", [b"", SALT, SALT + b"{}", bytes(200)])
def test_a_ciphertext_with_a_second_meaning_is_refused(body: bytes) -> None:
    """That it opens is not enough: only what the leaf commits to is taken."""
    record, sealing = a_stored_record(), a_sealing(SecondMeaning(body))
    for index in (0, 1):
        with pytest.raises(CommitmentDiffers, match=f"^part {index}"):
            opened(record, index, sealing)
    with pytest.raises((CommitmentDiffers, RecordMalformed)):
        a_sealing(SecondMeaning(body)).open_header(record)


def ringed(*ring: RingEntry) -> SecondMeaning:
    """Give a cipher under which the header opens to its own content behind another keyring."""
    return SecondMeaning(HEADER_SALT + encode_keyring(ring) + HEADER)


def test_the_keyring_is_held_against_the_leaf() -> None:
    """A keyring that names other parts, or another key for one of them, is refused by name."""
    record = a_stored_record()
    mine = a_sealing().open_header(record).ring
    with pytest.raises(RecordMalformed, match="keyring"):
        a_sealing(ringed(*mine[:2])).open_header(record)
    for index in range(3):
        other = [*mine]
        other[index] = mine[index]._replace(key_id=LEDGER_KEY.key_id)
        with pytest.raises(CommitmentDiffers, match=f"^key of part {index}"):
            a_sealing(ringed(*other)).open_header(record)


def test_a_header_without_its_key_is_not_opened() -> None:
    """A ledger's key that is not in the key store is missed, and nothing is guessed."""
    custody = KeyCustody(MemoryKeyStore(), KeyEncryptionFile(bytes(32)))
    custody.keys_for([KeyName("havering", "ledger", "another")])
    with pytest.raises(KeyMissing):
        Sealing("havering", FixedNonce(), custody).open_header(a_stored_record())
