"""What invented children promise: to stand in a file as real ones do, and to be nobody."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from tests.adapters.returns.recounting import (
    BOROUGHS,
    children_of,
    factors_in_year,
    shipped_return,
    small_table,
    texts,
    written,
)

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
            assert max(days) <= closes
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
    """About three in a hundred children stand with the same number and birth in another file."""
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
