"""A whole file: its children one by one, its counts, and what it says beside them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from adapters.returns.cin_child import Child, Count, FaultCode, Kind, RefusedChild
from adapters.returns.cin_reader import read_cin_census
from adapters.returns.xml_pieces import Limits
from domain.errors import ReturnNotReadable
from tests.adapters.returns.cin_files import (
    CHARACTERISTICS,
    REFERRAL,
    assessment,
    brief,
    child_file,
    codes,
    identifiers,
    plan,
    read,
    referral_file,
)

FIXTURES = Path(__file__).parent / "fixtures"
CHILD = f"<Child>{identifiers()}{CHARACTERISTICS}{REFERRAL}</Child>"


FEW_ELEMENTS = Limits(children=10, record_elements=40)


def named(local_id: str) -> str:
    """Give a child with this id."""
    return CHILD.replace("A-1", local_id)


def children(*parts: str) -> str:
    """Give a file with these children."""
    return f"<Message><Children>{''.join(parts)}</Children></Message>"


# --- small whole files ----------------------------------------------------------------------------


def test_an_old_return_is_read_whole() -> None:
    """A return of 2018, with the spellings of its time, is read without a remark."""
    with (FIXTURES / "cin_2018.xml").open("rb") as source:
        read_return = read_cin_census(source)
        found = list(read_return)
    assert [child.faults for child in found] == [(), ()]
    first, unborn = found
    assert isinstance(first, Child)
    assert isinstance(unborn, Child)
    assert first.referrals[0].assessments[0].factors == ("3B", "18A")
    assert (unborn.birth_date, unborn.sex) == (None, "unknown")
    assert unborn.expected_birth_date is not None
    assert read_return.header is not None
    assert (read_return.header.year, read_return.header.authority) == (2018, "301")
    assert read_return.counts == {
        Kind.CHILD: Count(2, 2),
        Kind.REFERRAL: Count(3, 3),
        Kind.ASSESSMENT: Count(2, 2),
        Kind.FACTOR: Count(3, 3),
        Kind.SECTION47: Count(1, 1),
        Kind.CIN_PLAN: Count(),
        Kind.PLAN: Count(1, 1),
        Kind.REVIEW: Count(2, 2),
    }


def test_a_return_as_a_real_system_exports_it_is_read_and_remarked_on() -> None:
    """A prefix, stray words, a module that nobody knows: read, and each noted."""
    with (FIXTURES / "cin_2026_as_exported.xml").open("rb") as source:
        read_return = read_cin_census(source)
        found = list(read_return)
    assert [type(child) for child in found] == [Child, RefusedChild, Child]
    assert [[brief(fault)[:2] for fault in child.faults] for child in found] == [
        [
            (FaultCode.STRAY_TEXT, "noted"),
            (FaultCode.NAME_NOT_OF_THIS_YEAR, "noted"),
            (FaultCode.RETIRED, "noted"),
            (FaultCode.RETIRED, "noted"),
            (FaultCode.UNKNOWN, "noted"),
        ],
        [(FaultCode.MISSING, "refused")],
        [(FaultCode.NOT_A_DATE, "refused")],
    ]
    assert codes(read_return.faults) == [FaultCode.NAMESPACE]
    refused = {kind: count.refused for kind, count in read_return.counts.items() if count.refused}
    assert refused == {Kind.CHILD: 1, Kind.REFERRAL: 1, Kind.ASSESSMENT: 1, Kind.FACTOR: 2}


# --- what a file says beside its children ---------------------------------------------------------


def test_the_same_id_twice_is_noted_and_both_are_read() -> None:
    """The second child of an id is remarked on; nothing of it is thrown away."""
    read_return = read(children(named("A"), named("B"), named(" A ")))
    found = list(read_return)
    assert [codes(child.faults) for child in found] == [[], [], [FaultCode.DUPLICATE_CHILD]]
    assert read_return.counts[Kind.REFERRAL] == Count(3, 3)


def test_what_stands_beside_the_children_is_noted_once_each() -> None:
    """Text and elements outside any child are reported by the file itself."""
    odd = "<Odd><CINdetails/></Odd>"
    file = f"<Message>words{odd}<Child/><Children>{CHILD}words{odd}<Reviews/></Children></Message>"
    read_return = read(file)
    assert len(list(read_return)) == 1
    assert [brief(fault) for fault in read_return.faults] == [
        (FaultCode.STRAY_TEXT, "noted", "Message"),
        (FaultCode.UNKNOWN, "noted", "Message/(unknown element)"),
        (FaultCode.MISPLACED, "refused", "Message/(unknown element)"),
        (FaultCode.MISPLACED, "refused", "Message/Child"),
        (FaultCode.STRAY_TEXT, "noted", "Children"),
        (FaultCode.UNKNOWN, "noted", "Children/(unknown element)"),
        (FaultCode.MISPLACED, "refused", "Children/(unknown element)"),
        (FaultCode.MISPLACED, "refused", "Children/Reviews"),
    ]
    assert read_return.counts[Kind.CHILD] == Count(2, 1)
    assert read_return.counts[Kind.REFERRAL] == Count(3, 1)


def test_children_in_two_lists_are_all_read() -> None:
    """A second list of children is noted and read on."""
    list_of = f"<Children>{CHILD}</Children>"
    read_return = read(f"<Message>{list_of}{list_of.replace('A-1', 'A-2')}</Message>")
    assert [child.ordinal for child in read_return] == [1, 2]
    assert codes(read_return.faults) == [FaultCode.REPEATED]


@pytest.mark.parametrize("file", ["<Message/>", "<Message><Children/></Message>"])
def test_a_file_without_children_is_refused_as_such(file: str) -> None:
    """An empty return is no return, and says so."""
    read_return = read(file)
    assert list(read_return) == []
    assert [(fault.code, fault.severity) for fault in read_return.faults] == [
        (FaultCode.NO_CHILDREN, "refused")
    ]


@pytest.mark.parametrize(
    "file",
    [
        referral_file("").replace("<Message>", "<Message xmlns='urn:invented'>"),
        referral_file("").replace("<", "<c:").replace("<c:/", "</c:"),
    ],
)
def test_names_are_taken_without_their_prefix(file: str) -> None:
    """A namespace changes nothing and is noted once for the file."""
    read_return = read(file)
    assert [child.faults for child in read_return] == [()]
    assert codes(read_return.faults) == [FaultCode.NAMESPACE]


def test_a_file_is_read_once() -> None:
    """A second iteration gives what is still to come, and counts nothing twice."""
    read_return = read(children(named("A"), named("B")))
    assert next(iter(read_return)).ordinal == 1
    assert [child.ordinal for child in read_return] == [2]
    assert list(read_return) == []
    assert read_return.counts[Kind.CHILD] == Count(2, 2)


# --- bounds ---------------------------------------------------------------------------------------


def test_a_child_larger_than_a_child_may_be_is_refused_alone() -> None:
    """Too many elements refuse that child, say how many there were, and let the next be read."""
    large = named("A").replace("</CINdetails>", "<Assessments/>" * 50 + "</CINdetails>")
    read_return = read(children(large, named("B")), FEW_ELEMENTS)
    first, second = read_return
    assert isinstance(first, RefusedChild)
    assert [(fault.code, fault.count) for fault in first.faults] == [(FaultCode.TOO_LARGE, 60)]
    assert isinstance(second, Child)


def test_a_child_with_more_text_than_a_child_may_have_is_refused_alone() -> None:
    """Text without end refuses that child and lets the next be read."""
    large = named("A").replace("</CINdetails>", "<Odd>words</Odd>" * 50 + "</CINdetails>")
    first, second = read(children(large, named("B")), Limits(children=10, record_text=200))
    assert codes(first.faults) == [FaultCode.TOO_LARGE]
    assert isinstance(second, Child)


def test_faults_are_kept_up_to_a_bound_and_counted_beyond() -> None:
    """Many remarks neither fill the memory nor hide a refusal."""
    odd = "<Odd/>" * 30 + assessment("XX")
    (child,) = read(referral_file(odd), Limits(children=10, faults=10))
    assert codes(child.faults) == [FaultCode.UNKNOWN] * 10 + [FaultCode.NOT_IN_LIST]
    assert child.faults_left_out == 20


def test_a_header_larger_than_a_record_may_be_is_refused() -> None:
    """The file then has no header, says so, and is read on."""
    large = f"<Header>{'<Odd/>' * 50}</Header>"
    read_return = read(child_file("").replace("<Header>", large + "<Header>"), FEW_ELEMENTS)
    assert read_return.header is not None
    assert [brief(fault) for fault in read_return.faults] == [
        (FaultCode.TOO_LARGE, "refused", "Header")
    ]


def test_the_faults_of_the_file_itself_are_bounded_too() -> None:
    """Beyond the bound they are counted."""
    read_return = read(children(named("A"), "<Odd/>" * 30), Limits(children=100, faults=10))
    assert len(list(read_return)) == 1
    assert (len(read_return.faults), read_return.faults_left_out) == (10, 20)


def test_more_children_than_a_file_may_hold_end_the_reading() -> None:
    """Those up to the bound are given."""
    reading = iter(read(children(*map(named, "ABCD")), Limits(children=3)))
    assert [next(reading).ordinal for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ReturnNotReadable) as refusal:
        next(reading)
    assert refusal.value.code == "too-many-children"


class Generated(BytesIO):
    """A return of so many children, made while it is read."""

    def __init__(self, count: int) -> None:
        super().__init__()
        records = assessment("16A", "3B", "RB") + plan("<Reviews></Reviews>") + "<Odd>1</Odd>"
        self._child = named("INV-{}").replace("</CINdetails>", records + "</CINdetails>")
        self._parts = self._made(count)
        self._left = b""
        self.size = 0

    def _made(self, count: int) -> Iterator[str]:
        yield "<Message><Header/><Children>"
        yield from (self._child.replace("{}", str(number)) for number in range(count))
        yield "</Children></Message>"

    def read(self, size: int | None = -1, /) -> bytes:
        """Make as much as was asked for."""
        size = size or 0
        while len(self._left) < size and (part := next(self._parts, "")):
            self._left += part.encode()
        chunk, self._left = self._left[:size], self._left[size:]
        self.size += len(chunk)
        return chunk


def understood_in(source: Generated) -> int:
    """Read a generated return, and count its children."""
    read_return = read_cin_census(source, limits=Limits(children=10_000))
    return sum(isinstance(child, Child) for child in read_return)


def peak_of(count: int) -> tuple[int, int]:
    """Read a return of so many children; give its size and the most memory held, in bytes."""
    source = Generated(count)
    tracemalloc.start()
    understood = understood_in(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert understood == count
    return source.size, peak


def test_ten_times_the_file_takes_no_more_memory() -> None:
    """Peak memory at ten times the file is at most 1.2 times that of the file."""
    # Python keeps up to 2000 freed tuples of a size: both files are long enough to fill that.
    small, small_peak = peak_of(1000)
    large, large_peak = peak_of(10_000)
    assert large > 9.5 * small
    assert large_peak <= 1.2 * small_peak
    assert large_peak < large / 4
