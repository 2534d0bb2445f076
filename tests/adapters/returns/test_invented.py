"""What invented returns promise: totals as published, the same again from the same seed."""

from __future__ import annotations

import io
import tracemalloc
from collections import Counter
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.returns.invented import write_invented_return
from adapters.returns.invented_counts import InventedCounts
from adapters.returns.published_figures import (
    Authority,
    PublishedTable,
    read_published,
    shipped_table,
)
from domain.errors import NotFound
from tests.adapters.returns.recounting import (
    BOROUGHS,
    CODES,
    EPISODES,
    HEADER,
    children_of,
    factors_in_year,
    recount,
    shipped_return,
    small_table,
    texts,
    written,
)


def assert_agrees(figures: PublishedTable, year: int, authority: Authority) -> None:
    """Hold a written return against every cell of the table."""
    document, _ = (
        shipped_return(year, authority.code)
        if figures is shipped_table()
        else written(figures, year=year, authority=authority)
    )
    found = recount(document, year).episodes
    whole = figures.cell(year, authority.code, column=EPISODES).value
    for column in (EPISODES, *CODES):
        cell = figures.cell(year, authority.code, column=column)
        if cell.value is not None:
            assert found[column] == cell.value, column
        elif column == EPISODES:
            assert found[EPISODES] >= max(found[each] for each in CODES)
        elif cell.mark == "c":
            assert min(1, found[EPISODES]) <= found[column] <= 5
            assert whole is None or found[column] <= whole
        else:
            assert found[column] == 0


@pytest.mark.parametrize("authority", BOROUGHS, ids=lambda each: each.slug)
def test_a_whole_year_of_three_boroughs_equals_the_published_table(authority: Authority) -> None:
    """Recounted from the files, 2023 comes to the published number in every cell that has one."""
    assert_agrees(shipped_table(), 2023, authority)


@pytest.mark.parametrize("year", [2018, 2019, 2020, 2021, 2022])
def test_each_earlier_year_equals_the_published_table(year: int) -> None:
    """Every published year can be made; another borough stands for each."""
    assert_agrees(shipped_table(), year, BOROUGHS[year % 3])


@st.composite
def tables(draw: st.DrawFn) -> PublishedTable:
    """Draw figures of one to four authorities that nobody has seen before."""
    year = draw(st.integers(2010, 2035))
    mark = st.sampled_from(["c", "x", "z", "u", "k", "low", ":", ""])
    rows = [HEADER]
    for code in draw(st.lists(st.integers(0, 999), min_size=1, max_size=4, unique=True)):
        whole = draw(st.one_of(st.integers(0, 70), mark))
        count = st.integers(0, whole if isinstance(whole, int) else 70)
        cells = draw(st.dictionaries(st.sampled_from([*CODES]), st.one_of(count, mark)))
        beginning = f"{year},{code:03},E{code:08},Authority {code}"
        rows += [f"{beginning},{column},{value}" for column, value in cells.items()]
        rows.append(f"{beginning},{EPISODES},{whole}")
    return read_published(io.StringIO("\n".join(rows)))


@settings(max_examples=40, deadline=None)
@given(tables())
def test_any_table_that_holds_together_can_be_made(figures: PublishedTable) -> None:
    """Whatever the authorities, year and figures: each number is met, each mark is respected."""
    (year,) = figures.years
    for authority in figures.authorities(year):
        assert_agrees(figures, year, authority)


def test_code_21_stands_alone_and_no_code_twice() -> None:
    """An assessment names a factor once, and 'no factors' beside no other."""
    nothing_found = 0
    for child in children_of(shipped_return(2023, "311")[0]):
        for assessment in child.iter("FactorsIdentifiedAtAssessment"):
            codes = texts(assessment, "AssessmentFactors")
            assert len(codes) == len(set(codes))
            assert codes == ["21"] or "21" not in codes
            nothing_found += codes == ["21"]
    assert nothing_found > 0


def test_assessments_and_episodes_must_be_counted_apart() -> None:
    """About one episode in twenty is assessed twice with shared factors: their counts differ."""
    document, counts = shipped_return(2023, "311")
    twice = 0
    for child in children_of(document):
        for episode in child.iter("CINdetails"):
            found = factors_in_year(episode, 2023)
            twice += len(found) > 1
            assert not found or set.intersection(*found)
    assert twice == counts.assessed_twice
    assert 0.03 < twice / counts.assessed_episodes < 0.08
    again = recount(document, 2023)
    more = [column for column in CODES if again.assessments[column] > again.episodes[column]]
    assert len(more) > len(CODES) / 2


def test_most_episodes_hold_two_to_four_factors() -> None:
    """Factors are spread over episodes as real ones are, neither all on few nor one on each."""
    held: Counter[int] = Counter()
    for child in children_of(shipped_return(2023, "311")[0]):
        for episode in child.iter("CINdetails"):
            codes = set().union(*factors_in_year(episode, 2023))
            if codes:
                held[len(codes)] += 1
    assert sum(held[number] for number in (2, 3, 4)) > held.total() / 2
    assert max(held) < 12


def test_the_same_seed_gives_the_same_bytes() -> None:
    """A file is made again, byte by byte, from its seed; another seed makes another one."""
    figures = small_table(2023)
    (authority,) = figures.authorities(2023)
    first = written(figures, year=2023, authority=authority, seed=5)
    assert first == written(figures, year=2023, authority=authority, seed=5)
    assert first != written(figures, year=2023, authority=authority, seed=6)


def test_counts_are_those_of_the_file() -> None:
    """What the writer says it wrote is what stands in the file."""
    document, counts = shipped_return(2023, "311")
    found: Counter[str] = Counter()
    for child in children_of(document):
        found.update(each.tag for each in child.iter())
        found["closed"] += len(texts(child, "ReasonForClosure"))
        found["turned_away"] += texts(child, "ReferralNFA").count("1")
        conferences = texts(child, "DateOfInitialCPC")
        assert len(conferences) == 2 * len(set(conferences)), "once a referral, once an enquiry"
        found["conferences"] += len(conferences) // 2
    assert counts == InventedCounts(
        children=found["Child"],
        continuing=0,
        unborn=found["ExpectedPersonBirthDate"],
        with_upn=found["UPN"],
        shared=counts.shared,
        brothers_and_sisters=counts.brothers_and_sisters,
        episodes=found["CINdetails"],
        assessed_episodes=2998,
        assessed_twice=counts.assessed_twice,
        turned_away=found["turned_away"],
        closed=found["closed"],
        assessments=found["Assessments"],
        enquiries=found["Section47"],
        conferences=found["conferences"],
        child_in_need_plans=found["CINPlanDates"],
        protection_plans=found["ChildProtectionPlans"],
    )
    first_year = {"continuing"}
    assert all(getattr(counts, each.name) > 0 or each.name in first_year for each in fields(counts))


def test_an_authority_outside_the_figures_is_not_found() -> None:
    """Nothing is written for an authority or a year that the table does not speak of."""
    target = io.BytesIO()
    with pytest.raises(NotFound, match="no such authority"):
        write_invented_return(
            target, shipped_table(), year=2023, authority=small_table(2023).authorities(2023)[0]
        )
    with pytest.raises(NotFound, match="no such year"):
        write_invented_return(target, shipped_table(), year=2024, authority=BOROUGHS[0])
    assert target.getvalue() == b""


class Nowhere(io.BytesIO):
    """Counts what is written and keeps none of it."""

    length = 0

    def write(self, written: object) -> int:
        """Count the bytes."""
        assert isinstance(written, bytes)
        self.length += len(written)
        return len(written)


def test_a_file_is_written_as_it_is_made() -> None:
    """What is held at once is a small part of what is written."""
    figures = small_table(2023, episodes=1600)
    (authority,) = figures.authorities(2023)
    target = Nowhere()
    tracemalloc.start()
    write_invented_return(target, figures, year=2023, authority=authority)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < target.length / 8
