"""The keyed digest of commitments and tags: the standard's, whatever the lengths."""

from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from domain.keyed import Keyed, hmac_sha256, packed


@given(st.binary(max_size=130), st.binary(max_size=300))
def test_it_is_the_hmac_of_the_standard_library(key: bytes, message: bytes) -> None:
    """Anyone can check a commitment with the HMAC-SHA-256 that their tools come with."""
    assert hmac_sha256(key, message) == hmac.digest(key, message, "sha256")


@given(st.binary(max_size=130), st.lists(st.binary(max_size=300), max_size=3))
def test_under_one_key_again_and_again_it_is_the_same(key: bytes, messages: list[bytes]) -> None:
    """What was keyed before leaves no trace in what is keyed next."""
    keyed = Keyed(key)
    assert [keyed.of(one) for one in messages] == [hmac_sha256(key, one) for one in messages]


def test_it_gives_the_vectors_of_rfc_4231() -> None:
    """Keys as long as ours, and longer than a block of SHA-256, give what RFC 4231 prints."""
    short = hmac_sha256(b"\x0b" * 20, b"Hi There").hex()
    assert short == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    message = b"Test Using Larger Than Block-Size Key - Hash Key First"
    long = hmac_sha256(b"\xaa" * 131, message).hex()
    assert long == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"


def test_packed_segments_stand_behind_their_lengths() -> None:
    """Four bytes, the greatest first; so where one ends and the next begins is never in doubt."""
    assert packed(b"", b"ab", bytes(300)) == bytes(4) + b"\0\0\0\x02ab\0\0\x01\x2c" + bytes(300)
    assert packed(b"a", b"b") != packed(b"ab", b"") != packed(b"", b"ab")
