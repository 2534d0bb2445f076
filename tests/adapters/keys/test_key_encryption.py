"""The key-encryption key in a sealed file: the documented bytes; the rest is its contract."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.key_encryption import KeyEncryptionFile, KeyEncryptionRing
from domain.errors import HomeNotReady

SECRET, KEY, CONTEXT = bytes(range(32)), bytes(range(32, 64)), b"bhr-index-key/v1"
WRAPPED = bytes.fromhex(
    "000102030405060708090a0b6723f438e1c0e43ca568bda09dc45642b3e7"
    "b507c44e694b005edfbe21543e8d75aae31543f2bd61bda277dc027e1964"
)


def test_vector() -> None:
    """A key wrapped on the first day unwraps for ever."""
    assert KeyEncryptionFile(SECRET).unwrap(WRAPPED, CONTEXT) == KEY


def test_documented_bytes() -> None:
    """Wrapped is nonce, ciphertext and tag, bound to a domain string and the context."""
    wrapped = KeyEncryptionFile(SECRET).wrap(KEY, CONTEXT)
    assert len(wrapped) == 60
    bound = b"bhr-key-wrap/v1\n" + CONTEXT
    assert AESGCM(SECRET).decrypt(wrapped[:12], wrapped[12:], bound) == KEY


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_secret_has_32_bytes(length: int) -> None:
    """A secret of another length is refused without being shown."""
    with pytest.raises(HomeNotReady) as refused:
        KeyEncryptionFile(b"M" * length)
    assert "MM" not in repr(refused.value)


def test_a_ring_opens_what_any_of_its_keys_wrapped() -> None:
    """While a key is replaced both are known, and what is new is wrapped under the first alone."""
    old, new = KeyEncryptionFile(b"o" * 32), KeyEncryptionFile(b"n" * 32)
    ring = KeyEncryptionRing([new, old])
    assert ring.unwrap(old.wrap(KEY, CONTEXT), CONTEXT) == KEY
    assert new.unwrap(ring.wrap(KEY, CONTEXT), CONTEXT) == KEY
