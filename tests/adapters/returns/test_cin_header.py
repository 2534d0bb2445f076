"""What a file says of itself, and whether it is the return that was asked for."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from adapters.returns.cin_child import FaultCode, ReturnHeader
from adapters.returns.cin_header import check_header
from tests.adapters.returns.cin_files import CHARACTERISTICS, REFERRAL, codes, identifiers, read

CHILDREN = f"<Children><Child>{identifiers()}{CHARACTERISTICS}{REFERRAL}</Child></Children>"
DETAILS = (
    "<CollectionDetails><Collection>CIN</Collection><Year>2024</Year>"
    "<ReferenceDate>2024-03-31</ReferenceDate></CollectionDetails>"
)
SOURCE = (
    "<Source><SourceLevel>L</SourceLevel><LEA>311</LEA><SoftwareCode>Invented</SoftwareCode>"
    "<Release>9</Release><SerialNo>001</SerialNo><DateTime>2024-05-01T09:30:00</DateTime></Source>"
)


def header_of(parts: str) -> ReturnHeader:
    """Read the header that has these parts."""
    header = read(f"<Message><Header>{parts}</Header>{CHILDREN}</Message>").header
    assert header is not None
    return header


def asked(header: ReturnHeader | None) -> list[tuple[FaultCode, str | None]]:
    """Hold a header against Havering's return of 2024."""
    faults = check_header(header, authority="311", year=2024)
    assert all(fault.severity == "refused" for fault in faults)
    return [(fault.code, fault.field) for fault in faults]


def test_a_header_is_read_before_the_first_child() -> None:
    """What the file says of itself is known before any child is asked for."""
    header = header_of(DETAILS + SOURCE)
    assert (header.collection, header.year, header.authority) == ("CIN", 2024, "311")
    assert header.reference_date == date(2024, 3, 31)
    assert (header.source_level, header.software) == ("L", "Invented")
    assert (header.release, header.serial_number) == ("9", "001")
    assert header.exported == datetime.fromisoformat("2024-05-01T09:30:00")
    assert (header.faults, header.not_understood) == ((), ())
    assert asked(header) == []


def test_a_file_without_a_header_cannot_be_shown_to_fit() -> None:
    """No header, no year and no authority: refused, since nothing is taken for granted."""
    read_return = read(f"<Message>{CHILDREN}</Message>")
    assert read_return.header is None
    assert asked(None) == [(FaultCode.MISSING, "Header")]
    assert asked(header_of(DETAILS)) == [(FaultCode.MISSING, "LEA")]
    assert asked(header_of(SOURCE)) == [(FaultCode.MISSING, "Year")]
    assert len(list(read_return)) == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (">311<", ">312<", (FaultCode.OTHER_AUTHORITY, "LEA")),
        (">2024<", ">2023<", (FaultCode.OTHER_YEAR, "Year")),
        (">CIN<", ">SSDA903<", (FaultCode.OTHER_COLLECTION, "Collection")),
        (">311<", ">Havering<", (FaultCode.MISSING, "LEA")),
        (">2024<", ">24<", (FaultCode.MISSING, "Year")),
    ],
)
def test_another_return_than_was_asked_for_is_refused(
    old: str, new: str, expected: tuple[FaultCode, str]
) -> None:
    """Another authority, year or collection is another return."""
    assert asked(header_of((DETAILS + SOURCE).replace(old, new))) == [expected]


def test_all_differences_are_told_at_once() -> None:
    """Whoever chose the wrong file learns all of it in one go."""
    header = header_of((DETAILS + SOURCE).replace("311", "312").replace("CIN", "X"))
    faults = check_header(header, authority="311", year=2019)
    assert [fault.field for fault in faults] == ["Collection", "LEA", "Year"]


def test_the_collection_may_be_left_out() -> None:
    """The census lets the collection's name be absent."""
    assert asked(header_of((DETAILS + SOURCE).replace("<Collection>CIN</Collection>", ""))) == []


def test_year_and_reference_date_may_differ_and_that_is_noted() -> None:
    """The year is what counts; a reference date in another year is remarked on."""
    header = header_of((DETAILS + SOURCE).replace("<Year>2024", "<Year>2023"))
    assert (header.year, header.reference_date) == (2023, date(2024, 3, 31))
    assert codes(header.faults) == [FaultCode.YEAR_AND_REFERENCE_DATE]


def test_sources_must_agree_on_the_authority() -> None:
    """Two sources of one authority are fine; of two authorities, neither is taken."""
    assert header_of(DETAILS + SOURCE + SOURCE).authority == "311"
    header = header_of(DETAILS + SOURCE + SOURCE.replace("311", "312"))
    assert header.authority is None
    assert codes(header.faults) == [FaultCode.REPEATED_DIFFERENTLY]
    assert header_of(DETAILS + SOURCE + SOURCE.replace("311", "x")).authority is None


def test_a_header_in_two_pieces_is_read_as_one() -> None:
    """Two headers before the first child say one thing between them."""
    two = f"<Message><Header>{DETAILS}</Header><Header>{SOURCE}</Header>{CHILDREN}</Message>"
    header = read(two).header
    assert header is not None
    assert (header.year, header.authority) == (2024, "311")


def test_a_header_after_the_children_is_told() -> None:
    """It comes too late to be checked before the first child, and the file says so."""
    late = read(f"<Message>{CHILDREN}<Header>{DETAILS}{SOURCE}</Header></Message>")
    before = late.header
    assert len(list(late)) == 1
    assert (before, asked(late.header)) == (None, [])
    assert codes(late.faults) == [FaultCode.HEADER_LATE]


@pytest.mark.parametrize("year", [2024, 2023])
def test_a_second_header_must_say_the_same(year: int) -> None:
    """A later header that differs is refused, and the first one stands."""
    again = f"<Header>{DETAILS.replace('<Year>2024', f'<Year>{year}')}{SOURCE}</Header>"
    first = f"<Header>{DETAILS}{SOURCE}</Header>"
    twice = read(f"<Message>{first}{CHILDREN}{again}</Message>")
    assert len(list(twice)) == 1
    assert twice.header is not None
    assert twice.header.year == 2024
    different = [] if year == 2024 else [FaultCode.REPEATED_DIFFERENTLY]
    assert codes(twice.faults) == [FaultCode.HEADER_LATE, *different]
