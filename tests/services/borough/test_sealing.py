"""The publisher's sealing, byte by byte, and every exchange of two places refused by name."""

import hashlib
import uuid
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.keys import encapsulation
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation
from domain.errors import CommitmentDiffers, NotOpened
from services.borough.sealing import (
    PartPlace,
    SealedContent,
    SessionName,
    SessionSeal,
    session_info,
)

SECRET = bytes(range(64, 96))
SALT = bytes(range(96, 128))
CONTENT = b'{"local_id":"C1"}'
NAME = SessionName(
    "havering",
    "/participants/havering/social-care",
    bytes(range(32, 64)),
    ("havering", "redbridge"),
)
PLACE = PartPlace(uuid.UUID("018bcfe5-6800-7000-8000-000000000001"), 2)

# Made with another implementation of HKDF and AES-GCM, the nonce being 00 01 02 … 0b.
INFO_SHA256 = "01b7a4d5d55cf77673064f0034aaa345fa6b0d2a5c1170be8f72bdb7d873e90e"
PART_KEY = "84a738e93b033d3392fed0153df7b637863ff1c85753b70fe44c1107fd9562cf"
ASSOCIATED = (
    "6268722d706172742f76310a6861766572696e670a018bcfe568007000800000000000000102202122232425262728"
    "292a2b2c2d2e2f303132333435363738393a3b3c3d3e3fde69805204d61c21b7ddc44c2733080b8cf6df0ebb77a8a7"
    "ad99c0067e4d1d85"
)
ENVELOPE = (
    "000102030405060708090a0b43cd114de0cf30f6e3e751fc3169eb13a3841ade04fa689e0b67e6d0fe1fd887aae2b9"
    "06c3e1925420b482f51a29c663ea23d0b511fe4d76bf5c2cc33b1cf67d9a"
)
COMMITMENT = "8522326ffb0ea3739c155935f1ad71f53caed943c2cd384b96982c21c688c8d1"
SEALED = SealedContent(bytes.fromhex(ENVELOPE), bytes.fromhex(COMMITMENT))


def seal_of(name: SessionName = NAME, secret: bytes = SECRET) -> SessionSeal:
    """Give the seal of a session."""
    return SessionSeal(name, secret, AesGcmCipher())


@dataclass
class SeenCipher:
    """A cipher that shows what it was asked to seal."""

    asked: list[tuple[bytes, bytes, bytes]] = field(default_factory=list)

    def seal(self, key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Keep what was asked."""
        self.asked.append((key, plaintext, associated))
        return b"sealed"

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Open nothing."""
        return None


def test_session_info_vector() -> None:
    """What an encapsulation is bound to is, byte for byte, what the format says."""
    info = session_info(NAME, "redbridge")
    assert hashlib.sha256(info).hexdigest() == INFO_SHA256
    assert info.startswith(b"bhr-session/v1\nmlkem768-x25519+hkdf-sha256+aes-256-gcm\nhavering\n/")
    assert info.endswith(b"redbridge\n")


def test_part_key_and_associated_data_vector() -> None:
    """Key, plaintext and associated data of a part are what the format says."""
    cipher = SeenCipher()
    sealed = SessionSeal(NAME, SECRET, cipher).seal(PLACE, SALT, CONTENT)
    ((key, plaintext, associated),) = cipher.asked
    assert key.hex() == PART_KEY
    assert plaintext == SALT + CONTENT
    assert associated.hex() == ASSOCIATED
    assert sealed.commitment.hex() == COMMITMENT


def test_envelope_vector_opens() -> None:
    """A part that was sealed elsewhere by the same format opens here."""
    assert seal_of().open(PLACE, SEALED) == CONTENT


@given(st.binary(max_size=300))
def test_what_was_sealed_opens(content: bytes) -> None:
    """A recipient reads what the publisher wrote, and nobody reads it off the envelope."""
    sealed = seal_of().seal(PLACE, SALT, content)
    assert seal_of().open(PLACE, sealed) == content
    assert len(sealed.envelope) == 12 + 32 + len(content) + 16


def test_no_two_parts_have_one_key() -> None:
    """Each part of each event has a key of its own, so a nonce never meets another under it."""
    cipher = SeenCipher()
    seal = SessionSeal(NAME, SECRET, cipher)
    for number in range(2, 63, 2):
        seal.seal(PartPlace(PLACE.event, number), SALT, CONTENT)
        seal.seal(PartPlace(uuid.UUID(int=number), 2), SALT, CONTENT)
    assert len({key for key, _, _ in cipher.asked}) == len(cipher.asked)


EXCHANGED = {
    "two parts": (NAME, PartPlace(PLACE.event, 4)),
    "two events": (NAME, PartPlace(uuid.UUID(int=7), 2)),
    "two sessions": (replace(NAME, session=bytes(32)), PLACE),
    "two ledgers": (replace(NAME, ledger="redbridge"), PLACE),
    "two recipient sets": (replace(NAME, recipients=("havering",)), PLACE),
}


@pytest.mark.parametrize("what", EXCHANGED)
def test_exchanged_places_do_not_open(what: str) -> None:
    """An envelope opens at its own place alone, even under the right secret, and is named."""
    name, place = EXCHANGED[what]
    with pytest.raises(NotOpened, match=f"part {place.number} "):
        seal_of(name).open(place, SEALED)


@given(st.integers(0, len(SEALED.envelope) - 1), st.integers(1, 255))
def test_an_altered_envelope_does_not_open(at: int, change: int) -> None:
    """Whoever alters one bit of an envelope has destroyed it, and is found out."""
    altered = bytearray(SEALED.envelope)
    altered[at] ^= change
    with pytest.raises(NotOpened, match="part 2"):
        seal_of().open(PLACE, SEALED._replace(envelope=bytes(altered)))


def test_a_commitment_to_something_else_is_told_apart() -> None:
    """What opens but is not what was stated raises an error of its own: it can be disputed."""
    with pytest.raises(CommitmentDiffers, match="part 2"):
        seal_of().open(PLACE, SEALED._replace(commitment=bytes(32)))


def test_an_envelope_without_room_for_a_salt_does_not_open() -> None:
    """Fewer than 32 bytes under a seal are no part."""
    cipher = AesGcmCipher()
    short = cipher.seal(bytes.fromhex(PART_KEY), SALT[:31], bytes.fromhex(ASSOCIATED))
    with pytest.raises(NotOpened, match="part 2"):
        seal_of().open(PLACE, SEALED._replace(envelope=short))


RECIPIENT_CHANGES = {
    "another recipient": (NAME, "havering"),
    "another session": (replace(NAME, session=bytes(32)), "redbridge"),
    "another ledger": (replace(NAME, ledger="bhr"), "redbridge"),
    "another source": (replace(NAME, source="/participants/havering/police"), "redbridge"),
    "another recipient set": (replace(NAME, recipients=("redbridge",)), "redbridge"),
}


@pytest.mark.parametrize("what", RECIPIENT_CHANGES)
def test_an_encapsulation_opens_for_its_session_alone(what: str) -> None:
    """A secret that was sealed for one session and recipient cannot be passed off as another's."""
    private, public = encapsulation.generate()
    port = HybridEncapsulation()
    sealed = port.encapsulate(public, SECRET, session_info(NAME, "redbridge"))
    assert port.decapsulate(private, sealed, session_info(NAME, "redbridge")) == SECRET
    assert port.decapsulate(private, sealed, session_info(*RECIPIENT_CHANGES[what])) is None


def test_a_seal_never_shows_its_secret() -> None:
    """A seal that ends up in a log shows which session it is, and no more."""
    shown = repr(seal_of())
    assert SECRET.hex() not in shown
    assert seal_of().text in shown
