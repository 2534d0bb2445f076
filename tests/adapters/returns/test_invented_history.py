"""What successive invented returns promise: children go on, and every published year stands."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.returns.invented import InventedHistory
from adapters.returns.published_figures import PublishedTable, read_published, shipped_table
from tests.adapters.returns.recounting import (
    BOROUGHS,
    CODES,
    EPISODES,
    HEADER,
    children_of,
    columns_of,
    recount,
    texts,
)

YEARS = range(2019, 2024)
SENT_AGAIN = 2021
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Sent:
    """One return as it was written."""

    year: int
    document: bytes
    again: bool = False


def history_of(
    figures: PublishedTable, code: str, years: Sequence[int], again: int = 0
) -> list[Sent]:
    """Write successive returns of one authority; one of them may be sent again."""
    history = InventedHistory(figures, code)
    returns = []
    for year in years:
        target = io.BytesIO()
        history.write(target, year)
        returns.append(Sent(year, target.getvalue()))
        if year == again:
            target = io.BytesIO()
            history.write_again(target)
            returns.append(Sent(year, target.getvalue(), again=True))
    return returns


@cache
def shipped_history(code: str) -> list[Sent]:
    """Write five returns of the shipped figures and an amended one, once for all tests."""
    return history_of(shipped_table(), code, YEARS, SENT_AGAIN)


class Told:
    """What a ledger would know: of each assessment the last that was told, by what it is known by.

    A key that is gone from a return of its own year, while its child is there, has changed.
    """

    def __init__(self) -> None:
        """Begin with nothing told."""
        self.known: dict[Key, tuple[str, frozenset[str]]] = {}
        self.changes: Counter[str] = Counter()

    def take(self, sent: Sent) -> None:
        """Take one return."""
        told = dict(assessments_of(sent.document))
        here = {key[0] for key in told}
        for key, (day, codes) in told.items():
            before = self.known.get(key)
            if before is not None:
                self.changes["day"] += before[0] != day
                self.changes["factors"] += before[1] != codes
        for key, (day, _) in list(self.known.items()):
            if key not in told and key[0] in here and sent.year == year_of(day):
                self.changes["key"] += 1
                del self.known[key]
        self.known |= told

    def episodes(self) -> Mapping[int, Counter[str]]:
        """Count episodes with each column by the year in which it was authorised."""
        found: dict[tuple[int, str, str], frozenset[str]] = defaultdict(frozenset)
        for (child, referred, _), (day, codes) in self.known.items():
            found[year_of(day), child, referred] |= codes
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        for (year, _, _), codes in found.items():
            counts[year].update(columns_of({*codes}))
        return counts


def year_of(day: str) -> int:
    """Give the year to 31 March in which a day lies."""
    return int(day[:4]) + (day[5:7] >= "04")


def assessments_of(document: bytes) -> Iterator[tuple[Key, tuple[str, frozenset[str]]]]:
    """Give every authorised assessment: by child, referral and start, its day and codes."""
    for child in children_of(document):
        (name,) = texts(child, "LAchildID")
        for episode in child.iter("CINdetails"):
            (referred,) = texts(episode, "CINreferralDate")
            for each in episode.iter("Assessments"):
                for day in texts(each, "AssessmentAuthorisationDate"):
                    (start,) = texts(each, "AssessmentActualStartDate")
                    codes = frozenset(texts(each, "AssessmentFactors"))
                    yield (name, referred, start), (day, codes)


def assert_every_year_stands(figures: PublishedTable, code: str, returns: list[Sent]) -> Told:
    """Hold each return, and what is known after all of them, against every published cell."""
    told = Told()
    for sent in returns:
        told.take(sent)
        now = recount(sent.document, sent.year).episodes
        for found in (now, told.episodes()[sent.year]):
            assert_agrees(figures, sent.year, code, found)
    for year in {sent.year for sent in returns}:
        assert_agrees(figures, year, code, told.episodes()[year])
    return told


def assert_agrees(figures: PublishedTable, year: int, code: str, found: Counter[str]) -> None:
    """Hold counts against the cells that are published as numbers."""
    for column in (EPISODES, *CODES):
        value = figures.cell(year, code, column=column).value
        assert value in {None, found[column]}, (year, column)


@pytest.mark.parametrize("code", [borough.code for borough in BOROUGHS])
def test_every_published_year_stands_after_five_returns(code: str) -> None:
    """No later return moves an earlier year's cell, though days, factors and keys are corrected."""
    told = assert_every_year_stands(shipped_table(), code, shipped_history(code))
    assert min(told.changes[what] for what in ("day", "factors", "key")) > 10


@st.composite
def histories(draw: st.DrawFn) -> PublishedTable:
    """Draw figures of two authorities for two to four years, small and never seen before."""
    first = draw(st.integers(2015, 2030))
    rows = [HEADER]
    for year in range(first, first + draw(st.integers(2, 4))):
        for code in ("901", "902"):
            whole = draw(st.one_of(st.integers(0, 60), st.just("c")))
            most = whole if isinstance(whole, int) else 40
            cells = draw(st.dictionaries(st.sampled_from([*CODES]), st.integers(0, most)))
            beginning = f"{year},{code},E06000{code},Authority {code}"
            rows += [f"{beginning},{column},{value}" for column, value in cells.items()]
            rows.append(f"{beginning},{EPISODES},{whole}")
    return read_published(io.StringIO("\n".join(rows)))


@settings(max_examples=25, deadline=None)
@given(histories(), st.booleans())
def test_any_table_can_be_made_year_after_year(figures: PublishedTable, again: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """Whatever the figures, every year of them is met by its own return and after all of them."""
    for authority in figures.authorities(figures.years[0]):
        returns = history_of(
            figures, authority.code, figures.years, figures.years[-1] if again else 0
        )
        assert_every_year_stands(figures, authority.code, returns)
        assert_cases_go_on(returns)


@pytest.mark.parametrize("code", [borough.code for borough in BOROUGHS])
def test_children_go_on_and_no_case_overlaps_another(code: str) -> None:
    """A child keeps number and birth; each of its cases is over before its next begins."""
    assert_cases_go_on(shipped_history(code))


def assert_cases_go_on(returns: list[Sent]) -> None:
    """Hold every child's returns against each other."""
    births: dict[str, str] = {}
    numbers: dict[str, str] = {}
    cases: dict[str, dict[str, str]] = defaultdict(dict)
    for sent in returns:
        for name, child in by_name(sent.document).items():
            for kept, field in ((births, "PersonBirthDate"), (numbers, "UPN")):
                for text in texts(child, field):
                    assert kept.setdefault(name, text) == text
            assert not (name in births and texts(child, "ExpectedPersonBirthDate"))
            for case in child.iter("CINdetails"):
                assert_days_fit(case, date(sent.year, 3, 31))
                closed = (*texts(case, "CINclosureDate"), "9999")[0]
                cases[name][texts(case, "CINreferralDate")[0]] = closed
    for of_child in cases.values():
        for (_, closed), (referred, _) in pairwise(sorted(of_child.items())):
            assert closed < referred


def assert_days_fit(case: ElementTree.Element, closes: date) -> None:
    """Nothing of a case comes before its referral, after its closure, or after 31 March."""
    days = sorted(text for name in DAYS for text in texts(case, name))
    assert days[0] == texts(case, "CINreferralDate")[0]
    assert days[-1] <= closes.isoformat()
    assert days[-1] in (texts(case, "CINclosureDate") or [days[-1]])
    for plan in (*case.iter("CINPlanDates"), *case.iter("ChildProtectionPlans")):
        told = [each.text or "" for each in plan if (each.tag or "").endswith("Date")]
        assert told == sorted(told)


DAYS = (
    "CINreferralDate",
    "CINclosureDate",
    "AssessmentActualStartDate",
    "AssessmentInternalReviewDate",
    "AssessmentAuthorisationDate",
    "CINPlanStartDate",
    "CINPlanEndDate",
    "S47ActualStartDate",
    "InitialCPCtarget",
    "DateOfInitialCPC",
    "CPPstartDate",
    "CPPendDate",
    "CPPreviewDate",
)


def test_what_happens_between_two_returns_can_be_seen() -> None:
    """Between two returns the unborn are born, plans end, cases close, and some come back."""
    first, second = shipped_history("301")[:2]
    before, after = (by_name(one.document) for one in (first, second))
    both = before.keys() & after.keys()
    assert len(both) > 300
    unborn = {name for name in both if texts(before[name], "ExpectedPersonBirthDate")}
    assert any(texts(after[name], "PersonBirthDate") for name in unborn)
    new_case = [
        name
        for name in both
        if texts(before[name], "CINreferralDate")[-1] != texts(after[name], "CINreferralDate")[-1]
    ]
    closed = [name for name in both if texts(after[name], "CINclosureDate")]
    ended = [name for name in both if texts(after[name], "CPPendDate")]
    assert min(map(len, (new_case, closed, ended))) > 10
    assert sum(len(texts(child, "LAchildID")) for child in after.values()) > len(both)


def by_name(document: bytes) -> dict[str, ElementTree.Element]:
    """Give every child of a return by its number there."""
    root = ElementTree.fromstring(document)  # noqa: S314 - our own document
    found = {texts(child, "LAchildID")[0]: child for child in root.iter("Child")}
    assert len(found) == len(root.findall("Children/Child")), "no child stands there twice"
    return found


def test_a_history_repeats_from_its_seed() -> None:
    """The same returns are written again, byte by byte."""
    again = history_of(shipped_table(), "311", YEARS[:2])
    assert [one.document for one in again] == [one.document for one in shipped_history("311")[:2]]
