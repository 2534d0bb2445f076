"""HPKE to a body's key: the documented bytes, opened here and by a second hand; the refusals."""

import hashlib
import hmac
import json
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.keys import encapsulation
from adapters.keys.encapsulation import HybridEncapsulation, generate, public_of
from domain.errors import HomeNotReady, NotTrusted
from domain.values import to_bytes

VECTOR = json.loads((Path(__file__).parent / "vectors.json").read_text())["encapsulation"]
PRIVATE, PUBLIC = to_bytes(VECTOR["private"]), to_bytes(VECTOR["public"])
SECRET, SEALED = to_bytes(VECTOR["secret"]), to_bytes(VECTOR["sealed"])
INFO = VECTOR["info"].encode()
HPKE = HybridEncapsulation()


def test_vector() -> None:
    """A key and a sealed secret from the first day are read for ever."""
    assert public_of(PRIVATE) == PUBLIC
    assert len(PUBLIC) == 1216
    assert len(SEALED) == 1168
    assert HPKE.decapsulate(PRIVATE, SEALED, INFO) == SECRET
    assert encapsulation.fingerprint(PUBLIC) == to_bytes(VECTOR["fingerprint"])


def expand(key: bytes, label: bytes, context: bytes, length: int) -> bytes:
    """RFC 9180's LabeledExpand for what fits into one block."""
    info = struct.pack(">H", length) + b"HPKE-v1" + SUITE + label + context + b"\1"
    return hmac.digest(key, info, "sha256")[:length]


def extract(salt: bytes, label: bytes, material: bytes) -> bytes:
    """RFC 9180's LabeledExtract."""
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + SUITE + label + material, "sha256")


SUITE = b"HPKE" + struct.pack(">HHH", 0x647A, 1, 2)


def test_a_second_hand_opens_it() -> None:
    """What the module says of its bytes is enough to open them without its library's HPKE."""
    lattice, ephemeral, ciphertext = SEALED[:1088], SEALED[1088:1120], SEALED[1120:]
    curve = X25519PrivateKey.from_private_bytes(PRIVATE[64:])
    shared = hashlib.sha3_256(
        MLKEM768PrivateKey.from_seed_bytes(PRIVATE[:64]).decapsulate(lattice)
        + curve.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        + ephemeral
        + PUBLIC[1184:]
        + rb"\.//^\ "[:-1]
    ).digest()
    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", INFO)
    secret = extract(shared, b"secret", b"")
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    assert AESGCM(key).decrypt(nonce, ciphertext, b"") == SECRET


@settings(max_examples=25)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=500))
def test_opens_what_was_sealed(secret: bytes, info: bytes) -> None:
    """Every secret reaches the one it was sealed to, and never in the same bytes twice."""
    sealed = HPKE.encapsulate(PUBLIC, secret, info)
    assert HPKE.decapsulate(PRIVATE, sealed, info) == secret
    assert sealed != HPKE.encapsulate(PUBLIC, secret, info)


def test_keys_are_made_whole() -> None:
    """A generated pair belongs together, and no two pairs are alike."""
    (private, public), (another, _) = generate(), generate()
    assert (len(private), len(public)) == (96, 1216)
    assert public_of(private) == public
    assert private[:64] != another[:64]
    assert private[64:] != another[64:]


def test_two_recipients_exchanged() -> None:
    """What was sealed to one body does not open with another body's key."""
    private, public = generate()
    assert HPKE.decapsulate(private, SEALED, INFO) is None
    assert HPKE.decapsulate(PRIVATE, HPKE.encapsulate(public, SECRET, INFO), INFO) is None


def test_half_a_key_is_not_enough() -> None:
    """Whoever has only the lattice key, or only the curve key, opens nothing."""
    private, _ = generate()
    assert HPKE.decapsulate(PRIVATE[:64] + private[64:], SEALED, INFO) is None
    assert HPKE.decapsulate(private[:64] + PRIVATE[64:], SEALED, INFO) is None


def test_bound_to_its_info() -> None:
    """Moved to another session, source or recipient set, it does not open."""
    assert HPKE.decapsulate(PRIVATE, SEALED, INFO + b"!") is None
    assert HPKE.decapsulate(PRIVATE, SEALED, b"") is None


def test_no_byte_can_be_altered() -> None:
    """Altered anywhere, cut anywhere, or longer by a byte: it does not open."""
    for at in [*range(0, 1088, 17), *range(1088, 1168)]:
        altered = SEALED[:at] + bytes([SEALED[at] ^ 0x40]) + SEALED[at + 1 :]
        assert HPKE.decapsulate(PRIVATE, altered, INFO) is None
    for length in (0, 1, 1087, 1119, 1120, 1136, 1167):
        assert HPKE.decapsulate(PRIVATE, SEALED[:length], INFO) is None
    assert HPKE.decapsulate(PRIVATE, SEALED + b"\0", INFO) is None


def test_ephemeral_key_of_small_order() -> None:
    """A sender who chose a point to which every secret is the same is refused as well."""
    hostile = SEALED[:1088] + bytes(32) + SEALED[1120:]
    assert HPKE.decapsulate(PRIVATE, hostile, INFO) is None


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_secrets_have_32_bytes(length: int) -> None:
    """A secret of another length is neither sealed nor, were it sealed, taken."""
    with pytest.raises(HomeNotReady):
        HPKE.encapsulate(PUBLIC, bytes(length), INFO)
    sealed = encapsulation.seal_to(PUBLIC, bytes(length), INFO)
    assert encapsulation.open_with(PRIVATE, sealed, INFO) == bytes(length)
    assert HPKE.decapsulate(PRIVATE, sealed, INFO) is None


@pytest.mark.parametrize(
    "public",
    [b"", PUBLIC[:-1], PUBLIC + b"\0", b"\xff" * 1184 + PUBLIC[1184:], PUBLIC[:1184] + bytes(32)],
    ids=["empty", "short", "long", "coefficients out of range", "point of small order"],
)
def test_public_keys_that_are_none(public: bytes) -> None:
    """Nothing is ever sealed to what is not a whole key."""
    with pytest.raises(NotTrusted, match="recipient key"):
        HPKE.encapsulate(public, SECRET, INFO)


@pytest.mark.parametrize("length", [0, 32, 64, 95, 97])
def test_private_keys_that_are_none(length: int) -> None:
    """A private key of another length is refused, without showing it."""
    for use in (
        lambda key: HPKE.decapsulate(key, SEALED, INFO),
        public_of,
    ):
        with pytest.raises(HomeNotReady, match="96 bytes") as refused:
            use(b"M" * length)
        assert "MM" not in repr(refused.value)
