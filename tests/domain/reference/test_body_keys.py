"""Lists of public keys: what a chain has to be, and what a later list may not leave out."""

from __future__ import annotations

import json

import pytest

from domain.canonical import JsonValue, canonical
from domain.errors import Fault, ReferenceRefused
from domain.reference.body_keys import BodyKeys, successor_bytes
from domain.reference.documents import read_as
from tests.key_chains import Body

BODY = Body()
FIRST = BODY.first()
SECOND = BODY.rotated(FIRST, 1)


def faults(document: BodyKeys, keys: list[JsonValue]) -> set[tuple[str, str]]:
    """Give place and code of what is wrong with a list of other keys."""
    said = {**json.loads(document.canonical()), "keys": keys}
    with pytest.raises(ReferenceRefused) as refused:
        read_as(BodyKeys, canonical(said))
    return {(one.place, one.code) for one in refused.value.faults}


def listed(document: BodyKeys) -> list[JsonValue]:
    """Give the keys of a list as they stand in it."""
    found: list[JsonValue] = json.loads(document.canonical())["keys"]
    return found


def test_what_is_signed_for_a_successor() -> None:
    """A domain, the body, the purpose, the reason, and both fingerprints, in this order."""
    signed = successor_bytes(
        "havering", "signing", "due", replaces=bytes([1]) * 32, successor=bytes([2]) * 32
    )
    assert signed == (
        b"bhr-key-successor/v1\nhavering\nsigning\ndue\n" + bytes([1]) * 32 + bytes([2]) * 32
    )


def test_a_predecessor_stands_before_its_successor() -> None:
    """One that is left out, or comes later, is told by place and code."""
    keys = listed(SECOND)
    assert faults(SECOND, keys[1:]) == {("keys.1.follows.replaces", "unknown")}
    assert faults(SECOND, [*keys[2:], *keys[:2]]) == {
        ("keys.0.follows.replaces", "unknown"),
        ("keys.0.follows.signed_by", "unknown"),
        ("keys.1.follows.replaces", "unknown"),
        ("keys.1.follows.signed_by", "unknown"),
    }


def test_a_key_has_one_successor() -> None:
    """Two keys that both take the place of one are a fork, and refused."""
    keys = listed(SECOND)
    third = listed(BODY.rotated(SECOND, 2))[-1]
    assert isinstance(third, dict)
    assert isinstance(keys[-1], dict)
    fork: JsonValue = {**third, "follows": keys[-1]["follows"]}
    assert ("keys.4.follows.replaces", "doubled") in faults(SECOND, [*keys, fork])


def test_what_a_later_list_leaves_out_is_told() -> None:
    """Every key stays as it was; that it is withdrawn may be said once, and not taken back."""
    assert list(SECOND.drops(FIRST)) == []
    assert list(FIRST.drops(SECOND)) == [
        Fault(-1, "keys.2", "dropped"),
        Fault(-1, "keys.3", "dropped"),
    ]
    withdrawn = BODY.rotated(FIRST, 1, "compromised")
    assert [key.withdrawn for key in withdrawn.keys] == [True, True, False, False]
    assert list(withdrawn.drops(FIRST)) == []
    assert [one.place for one in FIRST.drops(withdrawn)] == ["keys.0", "keys.1", "keys.2", "keys.3"]
    assert {one.place for one in SECOND.drops(withdrawn)} == {
        "keys.0",
        "keys.1",
        "keys.2",
        "keys.3",
    }


def test_a_list_of_before_reads_as_it_did() -> None:
    """A list without successors has not a byte more than it had."""
    assert all(
        set(key) == {"fingerprint", "public", "purpose"}
        for key in json.loads(FIRST.canonical())["keys"]
    )
