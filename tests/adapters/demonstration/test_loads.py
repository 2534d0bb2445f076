"""When the demonstration loads what: one return after another, never before the arrangements."""

from __future__ import annotations

import datetime
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.demonstration.loads import Load, one_year, successive
from adapters.returns.published_figures import PublishedTable, read_published, shipped_table
from domain.errors import NotFound

BEGINS = datetime.date(2019, 9, 29)
TODAY = datetime.date(2026, 11, 23)
SATURDAY = 5


def table_of(*years: int) -> PublishedTable:
    """Give a table of one authority that says nothing but its years."""
    rows = [f"{year},901,E06000901,Northmarsh,Neglect,3" for year in years]
    heading = "year,la_code,gss_code,la_name,factor,value_as_published"
    return read_published(io.StringIO("\n".join([heading, *rows])))


def test_the_shipped_table_gives_five_returns_and_an_amended_one() -> None:
    """2019 to 2023, one after another, and one borough's return of the middle year again."""
    loads = successive(shipped_table(), begins=BEGINS, today=TODAY)
    assert [one.year for one in loads] == [2019, 2020, 2021, 2021, 2022, 2023]
    assert [one.again is not None for one in loads] == [at == 3 for at in range(6)]
    assert loads[0].day == datetime.date(2019, 10, 14), "the arrangements began in September"
    assert loads[1].day == datetime.date(2020, 5, 20)


@given(st.sets(st.integers(2010, 2030), min_size=1, max_size=9))
def test_days_follow_each_other(years: set[int]) -> None:
    """Each load comes after the one before, on a working day, and none before its year was over."""
    if min(years) > TODAY.year:
        with pytest.raises(NotFound):
            successive(table_of(*years), begins=BEGINS, today=TODAY)
        return
    loads = successive(table_of(*years), begins=BEGINS, today=TODAY)
    assert [*dict.fromkeys(one.year for one in loads)] == sorted(
        year for year in years if datetime.date(year, 3, 31) < TODAY
    )[-5:]
    days = [one.day or TODAY for one in loads]
    assert all(BEGINS < day <= TODAY for day in days)
    assert all(one.day is None or one.day.weekday() < SATURDAY for one in loads)
    assert all(day > datetime.date(one.year, 3, 31) for one, day in zip(loads, days, strict=True))
    assert all(one < other or other == TODAY for one, other in pairwise(days))


def test_one_year_is_loaded_today_and_must_be_over() -> None:
    """A single year has no day of its own; one not in the table, or not over, is not found."""
    assert one_year(table_of(2026), 2026, today=TODAY) == (Load(2026),)
    for year in (2025, 2027):
        with pytest.raises(NotFound):
            one_year(table_of(2026, 2027), year, today=TODAY)
