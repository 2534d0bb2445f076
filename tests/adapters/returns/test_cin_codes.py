"""The code lists, and what each year holds of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from adapters.returns import cin_codes
from adapters.returns.cin_codes import Code

YEARS = range(cin_codes.FIRST_YEAR, cin_codes.LAST_YEAR + 1)


def held(codes: Mapping[str, Code], year: int) -> set[str]:
    """Give the codes that a year holds."""
    return {
        name
        for name, code in codes.items()
        if code.first <= year and (code.last is None or year <= code.last)
    }


@pytest.mark.parametrize(
    ("codes", "sizes"),
    [
        (cin_codes.FACTORS, {2017: 39, 2020: 39, 2021: 41, 2022: 42, 2026: 42}),
        (cin_codes.REFERRAL_SOURCES, {2017: 21, 2022: 21, 2023: 22, 2026: 22}),
        (cin_codes.CLOSURE_REASONS, {2017: 8, 2022: 8, 2023: 9, 2026: 9}),
        (cin_codes.PRIMARY_NEEDS, dict.fromkeys(YEARS, 10)),
        (cin_codes.ABUSE_CATEGORIES, dict.fromkeys(YEARS, 5)),
        (cin_codes.DISABILITIES, dict.fromkeys(YEARS, 13)),
        (cin_codes.ETHNICITIES, dict.fromkeys(YEARS, 20)),
        (cin_codes.UPN_UNKNOWN, dict.fromkeys(YEARS, 7)),
        (cin_codes.SEXES, {2017: 4, 2024: 4, 2025: 3, 2026: 3}),
    ],
)
def test_each_year_holds_as_many_codes_as_its_schema(
    codes: Mapping[str, Code], sizes: Mapping[int, int]
) -> None:
    """The lists grow and shrink in the years in which the census changed."""
    assert {year: len(held(codes, year)) for year in sizes} == dict(sizes)


def test_what_changed_from_year_to_year() -> None:
    """Each change of the factor list is in the year that made it."""
    changes = {
        year: held(cin_codes.FACTORS, year) ^ held(cin_codes.FACTORS, year - 1)
        for year in YEARS[1:]
    }
    assert {year: codes for year, codes in changes.items() if codes} == {
        2021: {"18A", "18B", "18C", "19A", "19B", "19C"},
        2022: {"24A"},
    }


def test_every_code_has_a_meaning() -> None:
    """No code stands without words."""
    lists = [value for value in vars(cin_codes).values() if isinstance(value, Mapping)]
    found = [code for codes in lists for code in codes.values() if isinstance(code, Code)]
    assert len(found) > 100
    assert all(code.meaning for code in found)
