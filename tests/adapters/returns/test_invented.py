"""What invented returns promise: published totals, and children as real returns have them.

The files are read here by a small counter of its own, so that nothing of the project's reader is
taken for granted.
"""

from __future__ import annotations

import io
import re
import tracemalloc
import xml.etree.ElementTree as ElementTree  # noqa: S405 - reads what this test has just written
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.returns.invented import InventedCounts, write_invented_return
from adapters.returns.published_figures import (
    Authority,
    PublishedTable,
    factor_columns,
    read_published,
    shipped_table,
)
from domain.errors import NotFound

HEADER = "year,la_code,gss_code,la_name,factor,value_as_published"
EPISODES = factor_columns().episodes
CODES = factor_columns().codes
BOROUGHS = shipped_table().authorities(2023)
ELEMENTS = {  # in the order of the schema; ! must stand, * may stand more than once
    "Message": "Header Children!",
    "Header": "CollectionDetails Source*",
    "CollectionDetails": "Collection Year ReferenceDate",
    "Source": "SourceLevel LEA! SoftwareCode Release SerialNo DateTime",
    "Children": "Child!*",
    "Child": "ChildIdentifiers! ChildCharacteristics! CINdetails!*",
    "ChildIdentifiers": "LAchildID! UPN FormerUPN UPNunknown PersonBirthDate "
    "ExpectedPersonBirthDate SEX! PersonDeathDate",
    "ChildCharacteristics": "Ethnicity! Disabilities",
    "Disabilities": "Disability!*",
    "CINdetails": "CINreferralDate! ReferralSource! PrimaryNeedCode CINclosureDate "
    "ReasonForClosure DateOfInitialCPC Assessments* PLANS* Section47* ReferralNFA! "
    "ChildProtectionPlans*",
    "Assessments": "AssessmentActualStartDate! AssessmentInternalReviewDate "
    "AssessmentAuthorisationDate FactorsIdentifiedAtAssessment",
    "FactorsIdentifiedAtAssessment": "AssessmentFactors!*",
    "CINPlanDates": "CINPlanStartDate! CINPlanEndDate",
    "Section47": "S47ActualStartDate! InitialCPCtarget DateOfInitialCPC ICPCnotRequired!",
    "ChildProtectionPlans": "CPPstartDate! CPPendDate InitialCategoryOfAbuse! "
    "LatestCategoryOfAbuse! NumberOfPreviousCPP! Reviews",
    "Reviews": "CPPreviewDate!*",
}


def written(
    figures: PublishedTable, *, year: int, authority: Authority, seed: int = 1
) -> tuple[bytes, InventedCounts]:
    """Write one return into memory."""
    target = io.BytesIO()
    counts = write_invented_return(target, figures, year=year, authority=authority, seed=seed)
    return target.getvalue(), counts


@cache
def shipped_return(year: int, code: str) -> tuple[bytes, InventedCounts]:
    """Write one return of the shipped figures, once for all tests."""
    (authority,) = (each for each in BOROUGHS if each.code == code)
    return written(shipped_table(), year=year, authority=authority)


def children_of(document: bytes) -> Iterator[ElementTree.Element]:
    """Give each Child; fails where the document is not well formed."""
    for _, element in ElementTree.iterparse(io.BytesIO(document)):  # noqa: S314 - our own document
        if element.tag == "Child":
            yield element
            element.clear()


def texts(element: ElementTree.Element, name: str) -> list[str]:
    """Give the texts of all elements of a name, however deep."""
    return [each.text or "" for each in element.iter(name)]


def factors_in_year(episode: ElementTree.Element, year: int) -> list[set[str]]:
    """Give the codes of each assessment authorised in the year to 31 March."""
    return [
        set(texts(assessment, "AssessmentFactors"))
        for assessment in episode.iter("Assessments")
        if f"{year - 1}-04-01"
        <= (assessment.findtext("AssessmentAuthorisationDate") or "")
        <= f"{year}-03-31"
        and assessment.find("FactorsIdentifiedAtAssessment") is not None
    ]


@dataclass
class Recount:
    """Episodes, and assessments, in which a column is recorded."""

    episodes: Counter[str] = field(default_factory=Counter)
    assessments: Counter[str] = field(default_factory=Counter)


def recount(document: bytes, year: int) -> Recount:
    """Count again, straight from the file, what the published table counts."""
    result = Recount()
    for child in children_of(document):
        for episode in child.iter("CINdetails"):
            found = factors_in_year(episode, year)
            result.episodes.update(columns_of(set().union(*found)))
            for codes in found:
                result.assessments.update(columns_of(codes))
    return result


def columns_of(codes: set[str]) -> list[str]:
    """Give the published columns that a set of codes counts in."""
    if not codes:
        return []
    return [EPISODES, *(column for column, named in CODES.items() if codes.intersection(named))]


def assert_agrees(figures: PublishedTable, year: int, authority: Authority) -> None:  # noqa: PLR0917 - one cell's coordinates
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
    found = recount(document, 2023)
    assert 0.03 < counts.assessed_twice / counts.assessed_episodes < 0.08
    more = [column for column in CODES if found.assessments[column] > found.episodes[column]]
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


def test_brothers_and_sisters_share_a_referral_and_the_household() -> None:
    """Some referrals come with two or three children, who share most factors of the household."""
    household = {f"{kind}{who}" for kind in "123456" for who in "BC"}
    before: tuple[str, str] | None = None
    codes_before: set[str] = set()
    families = alike = 0
    for child in children_of(shipped_return(2023, "311")[0]):
        episode = next(child.iter("CINdetails"))
        referral = (texts(episode, "CINreferralDate")[0], texts(episode, "ReferralSource")[0])
        codes = household.intersection(*[set().union(*factors_in_year(episode, 2023))])
        if referral == before:
            families += 1
            alike += codes == codes_before
        before, codes_before = referral, codes
    assert families > 300
    assert alike / families > 0.9


def test_some_children_are_known_to_two_boroughs() -> None:
    """About three in a hundred children have the same number and birth in another borough's file."""
    known: dict[str, dict[str, tuple[str, ...]]] = {}
    for borough in BOROUGHS:
        for child in children_of(shipped_return(2023, borough.code)[0]):
            for upn in texts(child, "UPN"):
                same = ("PersonBirthDate", "GenderCurrent", "Ethnicity", "Disability")
                seen = tuple(text for name in same for text in texts(child, name))
                assert borough.code not in known.setdefault(upn, {})
                known[upn][borough.code] = seen
    shared = [told for told in known.values() if len(told) > 1]
    assert all(len(set(told.values())) == 1 for told in shared)
    for borough in BOROUGHS:
        counts = shipped_return(2023, borough.code)[1]
        assert counts.shared == sum(borough.code in told for told in shared)
        assert 0.015 < counts.shared / counts.children < 0.04


def test_pupil_numbers_stand_where_real_ones_do() -> None:
    """School-age children mostly have one, the unborn never; all could belong to nobody."""
    with_number: Counter[str] = Counter()
    everybody: Counter[str] = Counter()
    for child in children_of(shipped_return(2023, "317")[0]):
        upns, reasons = texts(child, "UPN"), texts(child, "UPNunknown")
        assert len(upns) + len(reasons) == 1
        assert all(re.fullmatch(r"X9[89][0-9]{10}", upn) for upn in upns)
        born = texts(child, "PersonBirthDate")
        group = "unborn" if not born else "school" if born[0] < "2017-04-01" else "younger"
        everybody[group] += 1
        with_number[group] += len(upns)
    assert with_number["unborn"] == 0 < everybody["unborn"]
    assert 0.65 < with_number["school"] / everybody["school"] < 0.8
    assert with_number["younger"] / everybody["younger"] < 0.25


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
    assert all(getattr(counts, each.name) > 0 for each in fields(counts))


def small_table(year: int, episodes: int = 400) -> PublishedTable:
    """Give one authority that has something in every column."""
    rows = [f"{year},900,E06000099,Somewhere,{column},{episodes // 16}" for column in CODES]
    rows.append(f"{year},900,E06000099,Somewhere,{EPISODES},{episodes}")
    return read_published(io.StringIO("\n".join((HEADER, *rows))))


def order_of(year: int) -> dict[str, list[str]]:
    """Give the year's elements under each, with their signs."""
    sex = "Sex" if year >= 2025 else "GenderCurrent"
    plans = "CINPlanDates*" if year >= 2022 else ""
    return {
        parent: names.replace("SEX", sex).replace("PLANS*", plans).split()
        for parent, names in ELEMENTS.items()
    }


@pytest.mark.parametrize("year", [2010, 2017, 2020, 2021, 2022, 2023, 2024, 2025, 2026, 2035])
def test_elements_stand_in_the_order_of_the_years_schema(year: int) -> None:
    """Each element stands where the year's schema has it, as often as it may, and none is empty."""
    figures = small_table(year)
    (authority,) = figures.authorities(year)
    document, _ = written(figures, year=year, authority=authority)
    order = order_of(year)
    root = ElementTree.fromstring(document)  # noqa: S314 - our own document
    assert (root.tag, root.findtext("Header/Source/LEA")) == ("Message", "900")
    assert root.findtext("Header/CollectionDetails/Year") == str(year)
    assert root.findtext("Header/CollectionDetails/ReferenceDate") == f"{year}-03-31"
    for element in root.iter():
        if element.tag not in order:
            assert len(element) == 0
            assert (element.text or "").strip()
            continue
        assert not (element.text or "").strip()
        signs = {name.rstrip("!*"): name for name in order[element.tag]}
        met = [each.tag for each in element]
        assert met == sorted(met, key=[*signs].index)
        assert all("*" in signs[name] or met.count(name) == 1 for name in met)
        assert all(name in met for name, sign in signs.items() if "!" in sign)


@pytest.mark.parametrize("year", [2020, 2022, 2023, 2024, 2025])
def test_codes_are_those_of_the_year(year: int) -> None:
    """No code is written before the year in which it came in."""
    figures = small_table(year, episodes=1600)
    (authority,) = figures.authorities(year)
    document, counts = written(figures, year=year, authority=authority)
    found = {name: set[str]() for name in ("ReferralSource", "ReasonForClosure", "GenderCurrent")}
    for child in children_of(document):
        for name, codes in found.items():
            codes.update(texts(child, name))
    assert ("5D" in found["ReferralSource"]) is (year >= 2023)
    assert ("RC9" in found["ReasonForClosure"]) is (year >= 2023)
    assert found["GenderCurrent"] <= ({"0", "1", "2", "9"} if year <= 2024 else set())
    assert (counts.child_in_need_plans > 0) is (year >= 2022)


def days_of(episode: ElementTree.Element) -> list[date]:
    """Give every day that stands in an episode."""
    every = [(each.text or "").strip() for each in episode.iter()]
    return [date.fromisoformat(text) for text in every if re.fullmatch(r"\d{4}-\d\d-\d\d", text)]


@pytest.mark.parametrize("code", [borough.code for borough in BOROUGHS])
def test_days_stand_in_an_order_in_which_things_happen(code: str) -> None:
    """Nothing happens before referral, after closure or after 31 March, or before conception."""
    closes = date(2023, 3, 31)
    for child in children_of(shipped_return(2023, code)[0]):
        born, expected = texts(child, "PersonBirthDate"), texts(child, "ExpectedPersonBirthDate")
        assert len(born) + len(expected) == 1
        birth = date.fromisoformat((born or expected)[0])
        over: date | None = None
        for episode in child.iter("CINdetails"):
            days = days_of(episode)
            referred = date.fromisoformat(texts(episode, "CINreferralDate")[0])
            closed = [date.fromisoformat(text) for text in texts(episode, "CINclosureDate")]
            assert referred == min(days)
            assert max(days) == max([*closed, max(days)]) <= closes
            assert not closed or closed[0] == max(days)
            assert birth <= referred if born else birth - timedelta(days=280) < referred
            assert over is None or over < referred
            over = closed[0] if closed else closes
            assert_plans_fit(episode)
        assert birth > closes - timedelta(days=18 * 365.25)
        assert not expected or closes - timedelta(days=30) < birth < closes + timedelta(days=270)


def assert_plans_fit(episode: ElementTree.Element) -> None:
    """Hold conferences, plans and reviews against each other, as the census's own checks do."""
    conferences = set(texts(episode, "DateOfInitialCPC"))
    assert set(texts(episode, "CPPstartDate")) <= conferences
    for plan in episode.iter("ChildProtectionPlans"):
        (started,), ended = texts(plan, "CPPstartDate"), texts(plan, "CPPendDate")
        reviews = texts(plan, "CPPreviewDate")
        assert all(started < day < (*ended, "9999")[0] for day in reviews)
        assert reviews == sorted(reviews)
        assert not texts(episode, "CINPlanStartDate")
    for enquiry in episode.iter("Section47"):
        required = enquiry.findtext("ICPCnotRequired") == "0"
        assert required is (enquiry.find("DateOfInitialCPC") is not None)
    if texts(episode, "ReasonForClosure") in (["RC8"], ["RC9"]):
        assert not conferences
        assert not list(episode.iter("Section47"))


def test_children_are_of_all_ages_and_their_factors_fit() -> None:
    """Ages spread from the unborn to 17, and gangs and exploitation are not recorded of infants."""
    ages: Counter[int] = Counter()
    for child in children_of(shipped_return(2023, "317")[0]):
        for born in texts(child, "PersonBirthDate"):
            ages[2022 - int(born[:4])] += 1
            if {"13A", "11A", "24A"}.intersection(texts(child, "AssessmentFactors")):
                assert born < "2013-04-01"
    assert set(range(17)) <= set(ages)
    assert max(ages.values()) < 2.5 * min(ages[age] for age in range(1, 17))


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
    figures = small_table(2023, episodes=4000)
    (authority,) = figures.authorities(2023)
    target = Nowhere()
    tracemalloc.start()
    write_invented_return(target, figures, year=2023, authority=authority)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < target.length / 8
