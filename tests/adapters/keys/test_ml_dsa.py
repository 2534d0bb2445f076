"""ML-DSA-44: lengths, what does not hold, and what is never shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.keys.ml_dsa import PUBLIC_BYTES, SIGNATURE_BYTES, MlDsa44Signer, verify
from domain.errors import HomeNotReady

SIGNER = MlDsa44Signer(bytes(range(32)))


def test_a_seed_is_one_key() -> None:
    """The same seed gives the same key each time, with FIPS 204's lengths."""
    assert MlDsa44Signer(bytes(range(32))).public == SIGNER.public
    assert len(SIGNER.public) == PUBLIC_BYTES
    assert len(SIGNER.sign(b"message")) == SIGNATURE_BYTES


def test_holds_for_its_message_alone() -> None:
    """A signature holds for what was signed, by who signed it, and for nothing else."""
    signature = SIGNER.sign(b"message")
    assert verify(SIGNER.public, signature, b"message")
    assert not verify(SIGNER.public, signature, b"messag")
    assert not verify(MlDsa44Signer(bytes(32)).public, signature, b"message")


@settings(max_examples=30)
@given(st.integers(0, SIGNATURE_BYTES - 1), st.integers(0, 7))
def test_no_bit_of_a_signature_can_be_altered(at: int, bit: int) -> None:
    """An altered bit, or another length, and it does not hold."""
    signature = SIGNER.sign(b"message")
    altered = signature[:at] + bytes([signature[at] ^ (1 << bit)]) + signature[at + 1 :]
    assert not verify(SIGNER.public, altered, b"message")
    assert not verify(SIGNER.public, signature[:at], b"message")
    assert not verify(SIGNER.public, signature + b"\0", b"message")


@settings(max_examples=30)
@given(st.sampled_from([0, 32, PUBLIC_BYTES]), st.sampled_from([0, 64, SIGNATURE_BYTES]), st.data())
def test_never_raises(public: int, signature: int, data: st.DataObject) -> None:
    """Whatever is handed over as key and signature, the answer is no."""
    fill = data.draw(st.binary(min_size=1, max_size=1))
    assert not verify(fill * public, fill * signature, b"message")


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_private_keys_have_32_bytes(length: int) -> None:
    """A seed of another length is refused without showing it."""
    with pytest.raises(HomeNotReady) as refused:
        MlDsa44Signer(b"M" * length)
    assert "MM" not in repr(refused.value)
