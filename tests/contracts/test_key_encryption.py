"""What every custody of the key-encryption key promises."""

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.keys.elsewhere import key_at
from adapters.keys.key_encryption import KeyEncryptionFile, KeyEncryptionRing
from domain.errors import HomeNotReady, NotOpened
from services.key_ports import KeyEncryption
from tests.key_servers import bao, token_place

KEY = bytes(range(32))

Both = tuple[KeyEncryption, KeyEncryption]
CUSTODIES: dict[str, Callable[[], Both]] = {
    "file": lambda: (KeyEncryptionFile(b"k" * 32), KeyEncryptionFile(b"l" * 32)),
    "ring": lambda: (
        KeyEncryptionRing([KeyEncryptionFile(b"k" * 32), KeyEncryptionFile(b"K" * 32)]),
        KeyEncryptionRing([KeyEncryptionFile(b"l" * 32), KeyEncryptionFile(b"L" * 32)]),
    ),
    "transit": lambda: (key_at(bao().key("ours")), key_at(bao().key("theirs"))),
    "token": lambda: (key_at(token_place("ours")), key_at(token_place("theirs"))),
}
"""Each gives a custody, and a second one that holds another key."""
NAMES = [
    pytest.param(name, marks=pytest.mark.softhsm) if name == "token" else name for name in CUSTODIES
]


@cache
def both(name: str) -> Both:
    """Give a custody and one that holds another key."""
    return CUSTODIES[name]()


@pytest.fixture(params=NAMES)
def custodies(request: pytest.FixtureRequest) -> Both:
    """Give a custody and one that holds another key, of each kind."""
    return both(request.param)


@pytest.fixture
def custody(custodies: Both) -> KeyEncryption:
    """Give a custody of each kind."""
    return custodies[0]


@settings(max_examples=30)
@given(key=st.binary(min_size=32, max_size=32), context=st.binary(max_size=300))
@pytest.mark.parametrize("name", NAMES)
def test_unwraps_what_it_wrapped(name: str, key: bytes, context: bytes) -> None:
    """Every key comes back under the context it was wrapped in."""
    custody, _ = both(name)
    assert custody.unwrap(custody.wrap(key, context), context) == key


def test_refuses_another_context(custody: KeyEncryption) -> None:
    """A wrapped key that was moved to another row does not unwrap there."""
    with pytest.raises(NotOpened, match="wrapped key"):
        custody.unwrap(custody.wrap(KEY, b"row 1"), b"row 2")


def test_refuses_another_key(custodies: Both) -> None:
    """A key that was wrapped elsewhere does not unwrap here."""
    ours, theirs = custodies
    with pytest.raises(NotOpened, match="wrapped key"):
        ours.unwrap(theirs.wrap(KEY, b"row"), b"row")


def test_refuses_every_altered_byte(custody: KeyEncryption) -> None:
    """No byte of a wrapped key can be altered, taken away or added."""
    wrapped = custody.wrap(KEY, b"row")
    altered = [
        wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :] for at in range(len(wrapped))
    ]
    for wrong in (*altered, wrapped[:-1], wrapped + b"\0", b"", b"x"):
        with pytest.raises(NotOpened, match="wrapped key"):
            custody.unwrap(wrong, b"row")


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_wraps_keys_of_32_bytes_alone(custody: KeyEncryption, length: int) -> None:
    """What is no key of ours is not wrapped as one."""
    with pytest.raises(HomeNotReady):
        custody.wrap(bytes(length), b"row")


def test_never_the_same_bytes_twice(custody: KeyEncryption) -> None:
    """Equal keys cannot be told from their wrapped bytes."""
    assert len({custody.wrap(KEY, b"row") for _ in range(50)}) == 50


def test_shows_no_key(custody: KeyEncryption) -> None:
    """Neither a custody's repr nor its refusals hold a key, a context or what was wrapped."""
    marker = b"MARKER-of-32-bytes-that-is-a-key"
    with pytest.raises(NotOpened) as refused:
        custody.unwrap(custody.wrap(marker, b"MARKER context")[:-1], b"MARKER context")
    with pytest.raises(HomeNotReady) as too_long:
        custody.wrap(marker + b"!", b"MARKER context")
    assert "MARKER" not in f"{refused.value!r}{too_long.value!r}{custody!r}"


def test_many_at_once_are_as_many_one_by_one(custody: KeyEncryption) -> None:
    """Many keys are wrapped and unwrapped in order, each under its own context."""
    keys = [(bytes([at % 256]) * 32, b"row %d" % at) for at in range(1_001)]
    wrapped = custody.wrap_all(keys)
    asked = [(one, of) for one, (_, of) in zip(wrapped, keys, strict=True)]
    assert custody.unwrap_all(asked) == [key for key, _ in keys]
    assert custody.unwrap(wrapped[7], b"row 7") == keys[7][0]
    assert custody.unwrap_all([]) == custody.wrap_all([]) == []


def test_of_many_each_that_does_not_unwrap_is_named(custody: KeyEncryption) -> None:
    """Among many, those that were moved or altered give nothing, and the others open."""
    wrapped = custody.wrap(KEY, b"row")
    asked = [(wrapped, b"row"), (wrapped, b"moved"), (wrapped[:-1], b"row"), (wrapped, b"row")]
    assert custody.unwrap_all(asked) == [KEY, None, None, KEY]
    assert custody.unwrap_all(asked[1:3]) == [None, None]
