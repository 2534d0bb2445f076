"""One value at a time: what is read, what is remarked on, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.returns import cin_values
from adapters.returns.cin_child import FaultCode
from adapters.returns.cin_codes import FACTORS, SEXES
from adapters.returns.cin_values import Reading

FIFTH_OF_MAY = date(2023, 5, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-05Z",
        "2023-05-05+01:00",
        "2023-05-05-14:00",
        "2023-05-05T00:00:00",
        "2023-05-05T00:00:00.000",
        "2023-05-05T00:00:00Z",
    ],
)
def test_midnights_and_zones_are_dropped_and_noted(text: str) -> None:
    """A date written with a midnight or a zone is the day as written."""
    assert cin_values.read_date(text) == (FIFTH_OF_MAY, FaultCode.DATE_WITH_TIME)


@pytest.mark.parametrize(
    "text",
    [
        "2023-5-5",
        "05/05/2023",
        "20230505",
        "2023-W18-5",
        "2023-125",
        "2023-02-29",
        "2023-13-01",
        "2023-05-05T10:00:00",
        "2023-05-05 00:00:00",
        "2023-05-05+15:00",
        "+2023-05-05",
        "12023-05-05",
        "\uff12\uff10\uff12\uff13-05-05",
        "2023-05-05\n2023-05-06",
        "yesterday",
    ],
)
def test_no_other_spelling_of_a_date_is_guessed_at(text: str) -> None:
    """What is not a date as the census writes it is no date."""
    assert cin_values.read_date(text) == (None, FaultCode.NOT_A_DATE)


@pytest.mark.parametrize("text", ["1899-12-31", "2101-01-01", "0001-01-01", "9999-12-31"])
def test_a_date_outside_two_centuries_is_not_credible(text: str) -> None:
    """Before 1900 and after 2100 nobody was referred."""
    assert cin_values.read_date(text) == (None, FaultCode.DATE_NOT_CREDIBLE)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_credible_day_is_read(day: date) -> None:
    """Each day from 1900 to 2100 is read as it is written."""
    assert cin_values.read_date(day.isoformat()) == (day, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", (False, None)),
        ("1", (True, None)),
        ("false", (False, None)),
        ("true", (True, None)),
        ("True", (True, FaultCode.OTHER_CASE)),
        ("FALSE", (False, FaultCode.OTHER_CASE)),
        ("yes", (None, FaultCode.NOT_YES_NO)),
        ("2", (None, FaultCode.NOT_YES_NO)),
        ("01", (None, FaultCode.NOT_YES_NO)),
        ("\ufb00alse", (None, FaultCode.NOT_YES_NO)),  # a ligature
    ],
)
def test_yes_and_no(text: str, expected: Reading[bool]) -> None:
    """Four spellings are read, other letters noted, all else refused."""
    assert cin_values.read_yes_no(text) == expected


@pytest.mark.parametrize(
    ("text", "year", "expected"),
    [
        ("16A", 2017, ("16A", None)),
        ("16a", 2017, ("16A", FaultCode.OTHER_CASE)),
        ("18A", 2020, ("18A", None)),
        ("18A", 2021, ("18A", FaultCode.RETIRED)),
        ("18B", 2020, ("18B", FaultCode.BEFORE_THIS_YEAR)),
        ("18B", 2021, ("18B", None)),
        ("24A", 2021, ("24A", FaultCode.BEFORE_THIS_YEAR)),
        ("24a", 2021, ("24A", FaultCode.BEFORE_THIS_YEAR)),
        ("24A", 2022, ("24A", None)),
        ("24A", None, ("24A", None)),
        ("24A", 2031, ("24A", None)),
        ("18A", 2009, ("18A", None)),
        ("24A", 2009, ("24A", FaultCode.BEFORE_THIS_YEAR)),
        ("8A", 2024, (None, FaultCode.NOT_IN_LIST)),
        ("RB", 2024, (None, FaultCode.NOT_IN_LIST)),
        ("1\uff16A", 2024, (None, FaultCode.NOT_IN_LIST)),  # a wide digit
        ("\u2170A", 2024, (None, FaultCode.NOT_IN_LIST)),  # a Roman one
    ],
)
def test_codes_of_any_year_are_understood(
    text: str, year: int | None, expected: Reading[str]
) -> None:
    """A code of another year is that code and is noted; what no year has is refused."""
    assert cin_values.read_code(text, FACTORS, year=year) == expected


@pytest.mark.parametrize(
    ("text", "year", "remark"),
    [("1", 2024, None), ("M", 2025, None), ("1", 2025, "retired"), ("M", 2024, "early")],
)
def test_sexes_changed_their_spelling_in_2025(text: str, year: int, remark: str | None) -> None:
    """Numbers until 2024 and letters from 2025; the other spelling is understood and noted."""
    codes = {"retired": FaultCode.RETIRED, "early": FaultCode.BEFORE_THIS_YEAR, None: None}
    assert cin_values.read_code(text, SEXES, year=year) == (text, codes[remark])


@pytest.mark.parametrize(
    ("read", "good", "bad", "code"),
    [
        (cin_values.read_count, "0", "-1", FaultCode.NOT_A_COUNT),
        (cin_values.read_count, "9999", "10000", FaultCode.NOT_A_COUNT),
        (cin_values.read_count, "007", "1.0", FaultCode.NOT_A_COUNT),
        (cin_values.read_count, "3", "٣", FaultCode.NOT_A_COUNT),
        (cin_values.read_upn, "A123456789012", "A12345678901", FaultCode.NOT_A_UPN),
        (cin_values.read_upn, "z12345678901B", "1123456789012", FaultCode.NOT_A_UPN),
        (cin_values.read_authority, "311", "E09000016", FaultCode.NOT_AN_AUTHORITY),
        (cin_values.read_authority, "001", "31", FaultCode.NOT_AN_AUTHORITY),
        (cin_values.read_year, "2017", "17", FaultCode.NOT_A_YEAR),
        (cin_values.read_year, "2026", "0000", FaultCode.NOT_A_YEAR),
        (cin_values.read_words, "x" * 64, "x" * 65, FaultCode.TOO_LONG),
        (cin_values.read_time, "2023-05-05T10:00:00", "2023-05-05", FaultCode.NOT_A_TIME),
        (cin_values.read_time, "2023-05-05T10:00:00.1234567", "2023-05-05T25:00:00", "time"),
    ],
)
def test_forms_are_kept_to(
    read: Callable[[str], Reading[object]], good: str, bad: str, code: FaultCode | str
) -> None:
    """Each form takes what the census writes and nothing that only looks like it."""
    assert read(good)[0] is not None
    assert read(good)[1] is None
    assert read(bad) == (None, FaultCode.NOT_A_TIME if code == "time" else code)


def test_a_time_keeps_its_zone() -> None:
    """The time of the export is kept as written, with its zone."""
    expected = datetime(2023, 5, 5, 10, 0, 1, tzinfo=UTC)
    assert cin_values.read_time("2023-05-05T10:00:01Z") == (expected, None)


@pytest.mark.parametrize("year", [2000, 2016, 2027, 2100])
def test_a_year_without_lists_is_read_and_noted(year: int) -> None:
    """A year whose lists are not known here is still that year."""
    assert cin_values.read_year(str(year)) == (year, FaultCode.YEAR_NOT_KNOWN)


@given(st.text(min_size=1))
def test_no_text_breaks_a_reader(text: str) -> None:
    """Whatever is written, each reader answers with a value or a code."""
    for read in (
        cin_values.read_date,
        cin_values.read_time,
        cin_values.read_yes_no,
        cin_values.read_count,
        cin_values.read_upn,
        cin_values.read_words,
        cin_values.read_authority,
        cin_values.read_year,
    ):
        value, code = read(text)
        assert value is not None or code is not None
