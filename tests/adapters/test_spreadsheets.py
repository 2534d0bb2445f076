"""Cells: what Excel leaves as it is, and R and pandas read without a rule of their own."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.spreadsheets import cell, line
from domain.canonical import JsonValue
from tests.excel import changed

ALTERED = (
    "2022-04", "1-4", "10-15", "16-17", "1/4", "3 Mar", "MARCH1", "SEPT2", "1-DEC-22", "4.5.2023",
    "1E5", "12e-3", "1.5E+10", "007", "0.50%", "£5", "1,234", "(5)", ".5", "5.", "1 1/2", "12:30",
    "9 p", "10 am", "TRUE", "False", "#N/A", "#DIV/0!", "=1+1", "+44", "-x", "@x", " =1", "\t=1",
    "1234567890123456", "-0", "2022-04-01 10:30",
)  # fmt: skip
"""What each is to Excel, if nothing is done: a date, a number, a time, a truth, an error, a run."""
KEPT = (
    "3A", "1B", "E05014053", "<1", "under-1", "havering", "2022-M04", "10 to 15", "0",
    "-12.5", "2023", "1234.5", "2022-04-01", "2026-11-27T09:30:44.123Z", "bhr-themes@1",
    "a=1, b=2", "May",
    "c", "yes", "018f3c8e-1b9c-7a2e-9f00-0123456789ab",
)  # fmt: skip
LIKELY = st.text("0123456789-/.:, eEmMaApPrR()%£$=+@#'TtRrUuEe", max_size=12)


@pytest.mark.parametrize("text", ALTERED)
def test_what_excel_would_alter_is_written_otherwise(text: str) -> None:
    """The rule sees the text as altered, and its cell as kept."""
    assert changed(text)
    assert changed(cell(text)) is None


@pytest.mark.parametrize("text", KEPT)
def test_what_excel_keeps_is_written_as_it_is(text: str) -> None:
    """Codes, days, instants and numbers are the same text in the file: no apostrophe to strip."""
    assert changed(text) is None
    assert cell(text) == text


@settings(max_examples=300)
@given(text=st.one_of(LIKELY, st.text(max_size=20)))
@example("1e5")
@example("12 -3")
def test_no_text_is_altered(text: str) -> None:
    """Whatever a borough wrote, its cell is none that Excel makes something else of."""
    assert changed(cell(text)) is None


@given(value=st.one_of(st.integers(), st.booleans(), st.none()))
def test_no_value_is_altered(value: JsonValue) -> None:
    """Numbers of up to fifteen digits are numbers, longer ones texts; truths are yes and no."""
    assert changed(cell(value)) is None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
        assert int(cell(value)) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [("2022-04", "2022-M04"), ("10-15", "10 to 15"), ("007", "'007"), ("=A1", "'=A1")],
)
def test_how_what_is_altered_is_written(text: str, told: str) -> None:
    """A month as SDMX has it, a range in words, all else behind an apostrophe."""
    assert cell(text) == told


def test_line_is_quoted_where_it_must_be() -> None:
    """Commas, quotes and lines within a cell stay within it."""
    assert line(["a,b", 'say "c"', "d\ne", "f"]) == b'"a,b","say ""c""","d\ne",f\r\n'
