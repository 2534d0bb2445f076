"""The openings pack, line by line, and what of it is held against a leaf."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace

import pytest

from domain.openings import (
    EntryOpened,
    EntryShut,
    NotAPack,
    PackEnd,
    PackHead,
    check,
    end_of,
    entry_line,
    entry_of,
    head_of,
    position_of,
)
from domain.record import Attestation, Leaf, LeafPart
from domain.statement import PartClass, commit
from domain.values import to_text

EVENT = "018f0000-0000-7000-8000-000000000001"
SALTS = (bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32)
HEADER, FACTS, SHARED = b'{"id":"x"}', b"{}", b'{"role":"child"}'
ENTRY = entry_line(7, (SALTS[0], HEADER), [(0, SALTS[1], FACTS), (1, SALTS[2], SHARED)])
SPELT = {
    1: "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
    2: "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI",
    3: "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM",
}


def leaf_of(*parts: tuple[int, PartClass, bytes]) -> Leaf:
    """Give a leaf with these parts' commitments."""
    tag = bytes(32)
    return Leaf(
        uuid.UUID(EVENT), "/participants/havering/x", 1, Attestation.SIGNED, uuid.UUID(EVENT), 0,
        tag, commit(SALTS[0], HEADER),
        tuple(LeafPart(number, kind, tag, tag, made) for number, kind, made in parts),
    )  # fmt: skip


LEAF = leaf_of(
    (0, PartClass.FACTS, commit(SALTS[1], FACTS)),
    (1, PartClass.SHARED, commit(SALTS[2], SHARED)),
    (2, PartClass.RESTRICTED, bytes([9]) * 32),
)


def test_the_pack_has_the_documented_bytes() -> None:
    """The test vector: a pack of one entry that opens, one that does not, byte for byte."""
    head = PackHead(
        format="bhr-openings/v1", ledger="havering", of="everybody", size=9, warrant=EVENT
    )
    shut = EntryShut(fault="key-missing", position=8)
    before = head.canonical() + b"\n" + ENTRY + shut.canonical() + b"\n"
    end = PackEnd(
        audit=EVENT, digest=to_text(hashlib.sha256(before).digest()), entries=2, openings=2
    )
    pack = before + end.canonical() + b"\n"
    assert pack.decode() == (
        '{"format":"bhr-openings/v1","ledger":"havering","of":"everybody","size":9,'
        f'"warrant":"{EVENT}"}}\n'
        f'{{"header":{{"bytes":"eyJpZCI6IngifQ","salt":"{SPELT[1]}"}},"parts":['
        f'{{"bytes":"e30","number":0,"salt":"{SPELT[2]}"}},'
        f'{{"bytes":"eyJyb2xlIjoiY2hpbGQifQ","number":1,"salt":"{SPELT[3]}"}}],"position":7}}\n'
        '{"fault":"key-missing","position":8}\n'
        f'{{"audit":"{EVENT}","digest":"9r-UOYxcIL1u1G2ycYG9r4nVR66FMnwCFiNODZFpp3M","entries":2,"openings":2}}\n'
    )
    assert head_of(head.canonical() + b"\n") == head
    assert end_of(end.canonical() + b"\n") == end
    assert entry_of(shut.canonical() + b"\n") == shut
    assert [position_of(line) for line in before.splitlines(keepends=True)[1:]] == [7, 8]


def opened(line: bytes = ENTRY) -> EntryOpened:
    """Read a line that opens an entry."""
    found = entry_of(line)
    assert isinstance(found, EntryOpened)
    return found


def test_openings_are_what_the_leaf_commits_to() -> None:
    """Header, facts and shared parts come out as they went in; nothing restricted does."""
    assert check(LEAF, opened()) == (HEADER, {0: FACTS, 1: SHARED})


def test_a_destroyed_part_is_absent() -> None:
    """A number alone says that there is nothing to open any more."""
    line = entry_line(7, (SALTS[0], HEADER), [(0, SALTS[1], FACTS), 1])
    assert check(LEAF, opened(line)) == (HEADER, {0: FACTS, 1: None})


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (entry_line(7, (SALTS[1], HEADER), [(0, SALTS[1], FACTS), 1]), "header-differs"),
        (entry_line(7, (SALTS[0], HEADER + b" "), [(0, SALTS[1], FACTS), 1]), "header-differs"),
        (entry_line(7, (SALTS[0], HEADER), [(0, SALTS[1], b"[]"), 1]), "part-differs"),
        (entry_line(7, (SALTS[0], HEADER), [(0, SALTS[2], FACTS), 1]), "part-differs"),
        (entry_line(7, (SALTS[0], HEADER), [(0, SALTS[1], FACTS)]), "parts-differ"),
        (entry_line(7, (SALTS[0], HEADER), [1, 0]), "parts-differ"),
        (entry_line(7, (SALTS[0], HEADER), [0, 1, 2]), "parts-differ"),
        (entry_line(7, (SALTS[0], HEADER), [0, 0, 1]), "parts-differ"),
    ],
)
def test_a_forged_opening_is_named(line: bytes, code: str) -> None:
    """Bytes, salts or parts that are not the leaf's are refused by what they are."""
    with pytest.raises(NotAPack) as refused:
        check(LEAF, opened(line))
    assert refused.value.code == code


def test_an_opening_of_another_entry() -> None:
    """What was opened of one entry does not open another."""
    with pytest.raises(NotAPack):
        check(replace(LEAF, header_commitment=commit(SALTS[0], b"{}")), opened())


@pytest.mark.parametrize("at", range(0, len(ENTRY), 7))
def test_one_byte_is_enough(at: int) -> None:
    """A changed byte anywhere in a line is met, in its reading or against the leaf."""
    for other in (ENTRY[at] ^ 1, 0x20):
        forged = ENTRY[:at] + bytes([other]) + ENTRY[at + 1 :]
        if forged == ENTRY:
            continue
        try:
            found = entry_of(forged)
            assert isinstance(found, EntryOpened)
            same = check(LEAF, found) == (HEADER, {0: FACTS, 1: SHARED})
        except NotAPack:
            continue
        assert same
        assert found.position != 7


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"{}\n", ENTRY[:-1], ENTRY.replace(b":", b": ", 1), b" " + ENTRY, b"\xff\n",
     ENTRY.replace(b'"position":7', b'"position":7.0'), b'{"fault":"none","position":1}\n',
     b"[" * 100_000 + b"\n", b"9" * 5_000_000],
)  # fmt: skip
def test_what_is_no_line(line: bytes) -> None:
    """Each line has one spelling, and whatever else comes is refused without a word of it."""
    for read in (entry_of, head_of, end_of):
        with pytest.raises(NotAPack):
            read(line)
