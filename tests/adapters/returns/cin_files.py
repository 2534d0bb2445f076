"""Small CIN Census files as text, and how tests read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO

from adapters.returns.cin_child import Child, Fault, FaultCode, Kind, RefusedChild
from adapters.returns.cin_reader import CinReturn, read_cin_census
from adapters.returns.xml_pieces import Limits
from domain.errors import Severity

SMALL = Limits(children=1000)
"""Limits for tests of small files: the table of ids already met is made for so many children."""


class Drip(BytesIO):
    """A source that hands over at most a few bytes at a time, as a pipe may."""

    def __init__(self, content: bytes, most: int) -> None:
        super().__init__(content)
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        """Hand over the next bytes, fewer than were asked for."""
        return super().read(self._most)


def read(file: bytes | str, limits: Limits = SMALL, *, chunk: int | None = None) -> CinReturn:
    """Begin to read a file held in memory, `chunk` bytes at a time."""
    content = file if isinstance(file, bytes) else file.encode()
    source = BytesIO(content) if chunk is None else Drip(content, chunk)
    return read_cin_census(source, limits=limits)


def child_file(parts: str, *, year: int | None = 2024) -> str:
    """Give a file of one child with these parts, in the year of a collection (None: no header)."""
    header = "" if year is None else f"<Header>{details(year)}</Header>"
    return f"<Message>{header}<Children><Child>{parts}</Child></Children></Message>"


def details(year: int) -> str:
    """Give the part of a header that names the year."""
    return f"<CollectionDetails><Collection>CIN</Collection><Year>{year}</Year></CollectionDetails>"


CHARACTERISTICS = "<ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics>"
REFERRAL_FIELDS = (
    "<CINreferralDate>2023-05-01</CINreferralDate><ReferralSource>6</ReferralSource>"
    "<ReferralNFA>0</ReferralNFA>"
)


REFERRAL = f"<CINdetails>{REFERRAL_FIELDS}</CINdetails>"


def identifiers(year: int | None = None) -> str:
    """Give the identifiers of a girl as a year writes them."""
    sex = "Sex>F</Sex" if year is not None and year >= 2025 else "GenderCurrent>2</GenderCurrent"
    return f"<ChildIdentifiers><LAchildID>A-1</LAchildID><{sex}></ChildIdentifiers>"


def referral_file(parts: str, *, year: int | None = 2024) -> str:
    """Give a file of one child with one referral that has these parts beside its own."""
    referral = f"<CINdetails>{REFERRAL_FIELDS}{parts}</CINdetails>"
    return child_file(identifiers(year) + CHARACTERISTICS + referral, year=year)


def only_child(file: bytes | str) -> Child:
    """Read the one child of a file, who has to be understood."""
    return counted_child(file)[0]


def counted_child(file: bytes | str) -> tuple[Child, dict[Kind, tuple[int, int]]]:
    """Read the one child of a file, with how many records of each kind were in it and understood.

    Kinds of which there are none are left out.
    """
    read_return = read(file)
    (child,) = read_return
    assert isinstance(child, Child)
    counts = read_return.counts.items()
    return child, {kind: (c.in_file, c.understood) for kind, c in counts if c.in_file}


def only_refused(file: bytes | str) -> RefusedChild:
    """Read the one child of a file, who has to be refused."""
    (child,) = read(file)
    assert isinstance(child, RefusedChild)
    return child


def codes(faults: Iterable[Fault]) -> list[FaultCode]:
    """Give the codes of faults, in order."""
    return [fault.code for fault in faults]


def bare(children: Iterable[Child | RefusedChild]) -> Iterator[Child]:
    """Give children without what was said of them, to be compared with what was written."""
    for child in children:
        assert isinstance(child, Child)
        yield replace(child, faults=(), faults_left_out=0)


START = "<AssessmentActualStartDate>2023-05-02</AssessmentActualStartDate>"


def assessment(*values: str, start: str = START) -> str:
    """Give an assessment with these factors."""
    inside = "".join(f"<AssessmentFactors>{value}</AssessmentFactors>" for value in values)
    wrapped = f"<FactorsIdentifiedAtAssessment>{inside}</FactorsIdentifiedAtAssessment>"
    return f"<Assessments>{start}{wrapped}</Assessments>"


def plan(*parts: str) -> str:
    """Give a child protection plan with these parts beside what the census asks for."""
    return (
        "<ChildProtectionPlans><CPPstartDate>2023-06-01</CPPstartDate>"
        "<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>"
        "<LatestCategoryOfAbuse>EMO</LatestCategoryOfAbuse>"
        f"<NumberOfPreviousCPP>0</NumberOfPreviousCPP>{''.join(parts)}</ChildProtectionPlans>"
    )


def identified(parts: str, *, year: int | None = 2024) -> str:
    """Give a file of one child with these identifiers beside an id."""
    inside = f"<ChildIdentifiers><LAchildID>A-1</LAchildID>{parts}</ChildIdentifiers>"
    return child_file(inside + CHARACTERISTICS + REFERRAL, year=year)


def brief(fault: Fault) -> tuple[FaultCode, Severity, str]:
    """Give what most tests ask of a fault."""
    return fault.code, fault.severity, fault.place.path
