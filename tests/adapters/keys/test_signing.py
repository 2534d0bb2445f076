"""Ed25519: published vectors, what does not hold, and keys under which too much would."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from adapters.keys import signing
from adapters.keys.signing import Ed25519Signer, generate, verify
from domain.errors import HomeNotReady

# RFC 8032, section 7.1, tests 1 to 3.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("private", "public", "message", "signature"), VECTORS)
def test_published_vectors(private: str, public: str, message: str, signature: str) -> None:
    """Keys and signatures are those of RFC 8032, so that anyone can check them."""
    signer = Ed25519Signer(bytes.fromhex(private))
    assert signer.public == bytes.fromhex(public)
    assert signer.sign(bytes.fromhex(message)) == bytes.fromhex(signature)
    assert verify(signer.public, bytes.fromhex(signature), bytes.fromhex(message))


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_holds_for_its_message_alone(message: bytes, other: bytes) -> None:
    """A signature holds for what was signed, by who signed it, and for nothing else."""
    private, public = generate()
    signature = Ed25519Signer(private).sign(message)
    assert verify(public, signature, message)
    assert verify(public, signature, other) == (message == other)
    assert not verify(generate()[1], signature, message)


def test_no_byte_of_a_signature_can_be_altered() -> None:
    """An altered byte, or a length that is not 64, and it does not hold."""
    private, public = generate()
    signature = Ed25519Signer(private).sign(b"message")
    for at in range(64):
        altered = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
        assert not verify(public, altered, b"message")
        assert not verify(public, signature[:at], b"message")
    assert not verify(public, signature + b"\0", b"message")


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=10))
def test_never_raises(public: bytes, signature: bytes, message: bytes) -> None:
    """Whatever is handed over as key and signature, the answer is no."""
    assert not verify(public, signature, message)


def test_refuses_points_of_small_order() -> None:
    """A key under which a signature that nobody made holds is no key.

    The signature R = a point of small order, S = 0 is tried on messages until the library takes
    it; that it is found for every such key shows what the list is there against.
    """
    neutral = (1).to_bytes(32, "little")
    taken = 0
    for point in sorted(signing._SMALL_ORDER):
        for sign in (0, 1 << 255):
            public = (point | sign).to_bytes(32, "little")
            for message in (str(number).encode() for number in range(64)):
                assert not verify(public, neutral + bytes(32), message)
                taken += _library_takes(public, neutral + bytes(32), message)
    assert taken > 64


def _library_takes(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except Exception:  # noqa: BLE001 - whatever the library says of such a key
        return False
    return True


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_private_keys_have_32_bytes(length: int) -> None:
    """A private key of another length is refused without showing it."""
    with pytest.raises(HomeNotReady) as refused:
        Ed25519Signer(b"M" * length)
    assert "MM" not in repr(refused.value)


def test_shows_no_key() -> None:
    """A signer's repr does not hold its key."""
    private, _ = generate()
    shown = repr(Ed25519Signer(private))
    assert private.hex() not in shown
    assert repr(private) not in shown


def test_fingerprint_is_documented() -> None:
    """Anyone can compute a fingerprint: SHA-256 of a domain string and the public key."""
    public = bytes.fromhex(VECTORS[0][1])
    expected = hashlib.sha256(b"bhr-signing-key/v1\n" + public).digest()
    assert signing.fingerprint(public) == expected
    assert expected.hex() == "30a7712f877ad185d5d2187fa9a607548c5926d5a3f6717bbc70b2bab2fec423"
