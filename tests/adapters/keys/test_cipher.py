"""AES-256-GCM: what opens, what does not, and that nothing of it is shown."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.keys.cipher import AesGcmCipher
from domain.errors import HomeNotReady

KEY = bytes(range(32))

# Test cases 14 and 16 of the GCM specification (McGrew and Viega): 256-bit keys.
VECTORS = [
    (
        "00" * 32,
        "00" * 12 + "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919",
        "",
        "00" * 16,
    ),
    (
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        (
            "cafebabefacedbaddecaf888"
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            "76fc6ece0f4e1768cddf8853bb2d551b"
        ),
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        (
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        ),
    ),
]


@pytest.mark.parametrize(("key", "sealed", "associated", "plaintext"), VECTORS)
def test_published_vectors(key: str, sealed: str, associated: str, plaintext: str) -> None:
    """Sealed bytes are nonce, ciphertext and tag, as others compute them."""
    opened = AesGcmCipher().open(
        bytes.fromhex(key), bytes.fromhex(sealed), bytes.fromhex(associated)
    )
    assert opened == bytes.fromhex(plaintext)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=2000), st.binary(max_size=200))
def test_opens_what_it_sealed(key: bytes, plaintext: bytes, associated: bytes) -> None:
    """Whatever was sealed opens to the same bytes, 28 shorter."""
    cipher = AesGcmCipher()
    sealed = cipher.seal(key, plaintext, associated)
    assert len(sealed) == 12 + len(plaintext) + 16
    assert cipher.open(key, sealed, associated) == plaintext


def test_opens_nothing_that_was_altered_or_moved() -> None:
    """Another key, another place, or any altered, missing or added byte: it does not open."""
    cipher = AesGcmCipher()
    sealed = cipher.seal(KEY, b"plain", b"place")
    assert cipher.open(bytes(32), sealed, b"place") is None
    assert cipher.open(KEY, sealed, b"another place") is None
    for at in range(len(sealed)):
        altered = sealed[:at] + bytes([sealed[at] ^ 0x80]) + sealed[at + 1 :]
        assert cipher.open(KEY, altered, b"place") is None
        assert cipher.open(KEY, sealed[:at], b"place") is None
    assert cipher.open(KEY, sealed + b"\0", b"place") is None


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33])
def test_keys_have_32_bytes(length: int) -> None:
    """A shorter AES key, which the library would take, is refused."""
    with pytest.raises(HomeNotReady, match="32 bytes"):
        AesGcmCipher().seal(bytes(length), b"plain", b"")
    assert AesGcmCipher().open(bytes(length), bytes(40), b"") is None


def test_every_nonce_is_new() -> None:
    """No two sealings share a nonce, under one cipher or under two."""
    ciphers = AesGcmCipher(), AesGcmCipher()
    assert len({each.seal(KEY, b"", b"")[:12] for each in ciphers for _ in range(500)}) == 1000


def test_keeps_a_bounded_number_of_keys() -> None:
    """However many keys pass through, no more than asked for stay set up."""
    cipher = AesGcmCipher(cached=3)
    sealed = [cipher.seal(bytes([number]) * 32, b"plain", b"") for number in range(20)]
    assert cipher._under.cache_info().currsize == 3
    assert cipher.open(bytes(32), sealed[0], b"") == b"plain"


def test_threads_share_a_key() -> None:
    """Threads that seal and open under one key at once do not disturb each other."""
    cipher = AesGcmCipher()

    def works(number: int) -> bool:
        plaintext = bytes([number]) * 5000
        return all(
            cipher.open(KEY, cipher.seal(KEY, plaintext, b"p"), b"p") == plaintext
            for _ in range(200)
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(works, range(4)))


def test_shows_nothing() -> None:
    """A refusal and a repr hold neither key nor plaintext."""
    cipher = AesGcmCipher()
    with pytest.raises(HomeNotReady) as refused:
        cipher.seal(b"MARKER", b"MARKER", b"MARKER")
    assert "MARKER" not in f"{refused.value!r}{cipher!r}"
