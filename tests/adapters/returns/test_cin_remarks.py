"""What is merely strange is read all the same, and noted once, at its place."""

from __future__ import annotations

import pytest

from adapters.returns.cin_child import FaultCode
from tests.adapters.returns.cin_files import (
    CHARACTERISTICS,
    REFERRAL,
    assessment,
    brief,
    child_file,
    codes,
    counted_child,
    identified,
    identifiers,
    only_child,
    plan,
    referral_file,
)

FACTORS = "Child[1]/CINdetails[1]/Assessments[1]/FactorsIdentifiedAtAssessment"


@pytest.mark.parametrize(
    ("file", "code", "path"),
    [
        (
            referral_file("").replace("</LAchildID>", "</LAchildID>words"),
            FaultCode.STRAY_TEXT,
            "Child[1]/ChildIdentifiers",
        ),
        (
            referral_file("<PreProceedings><PPStartDate>2023-09-09</PPStartDate></PreProceedings>"),
            FaultCode.UNKNOWN,
            "Child[1]/CINdetails[1]/(unknown element)",
        ),
        (
            referral_file("<CINclosureDate>2023-04-30</CINclosureDate>"),
            FaultCode.DATE_ORDER,
            "Child[1]/CINdetails[1]/CINclosureDate",
        ),
        (
            referral_file("<CINclosureDate>2023-05-30Z</CINclosureDate>"),
            FaultCode.DATE_WITH_TIME,
            "Child[1]/CINdetails[1]/CINclosureDate",
        ),
        (
            referral_file("<CINclosureDate> </CINclosureDate>"),
            FaultCode.EMPTY,
            "Child[1]/CINdetails[1]/CINclosureDate",
        ),
        (
            referral_file("<ReferralSource> 6 </ReferralSource>"),
            FaultCode.REPEATED,
            "Child[1]/CINdetails[1]/ReferralSource",
        ),
        (
            referral_file("").replace(">WBRI<", ">wbri<"),
            FaultCode.OTHER_CASE,
            "Child[1]/ChildCharacteristics/Ethnicity",
        ),
        (
            referral_file("").replace("<ReferralNFA>0</ReferralNFA>", ""),
            FaultCode.MISSING,
            "Child[1]/CINdetails[1]",
        ),
        (
            referral_file(assessment("16A", "16A")),
            FaultCode.REPEATED,
            FACTORS + "/AssessmentFactors",
        ),
        (referral_file(assessment()), FaultCode.EMPTY, FACTORS),
        (referral_file(assessment("")), FaultCode.EMPTY, FACTORS + "/AssessmentFactors[1]"),
        (referral_file(assessment("18A")), FaultCode.RETIRED, FACTORS + "/AssessmentFactors[1]"),
        (
            referral_file(assessment("24A"), year=2021),
            FaultCode.BEFORE_THIS_YEAR,
            FACTORS + "/AssessmentFactors[1]",
        ),
        (
            referral_file(
                "<CINPlanDates><CINPlanStartDate>2020-06-01</CINPlanStartDate></CINPlanDates>",
                year=2021,
            ),
            FaultCode.NAME_NOT_OF_THIS_YEAR,
            "Child[1]/CINdetails[1]/CINPlanDates",
        ),
    ],
)
def test_what_can_be_read_is_read_and_noted(file: str, code: FaultCode, path: str) -> None:
    """What is merely strange leaves one note at its place, and every record standing."""
    child, counts = counted_child(file)
    assert [brief(fault) for fault in child.faults] == [(code, "noted", path)]
    assert all(in_file == understood for in_file, understood in counts.values())


SPELLINGS = [("GenderCurrent", "1"), ("GenderCurrent", "M"), ("Sex", "1"), ("Sex", "M")]


@pytest.mark.parametrize("year", range(2017, 2027))
@pytest.mark.parametrize(("element", "value"), SPELLINGS)
def test_sex_is_read_in_either_spelling_in_every_year(element: str, value: str, year: int) -> None:
    """Name and code are understood in every year, and each is noted where it is not the year's."""
    child = only_child(identified(f"<{element}>{value}</{element}>", year=year))
    expected = []
    if (element == "Sex") != (year >= 2025):
        expected.append(FaultCode.NAME_NOT_OF_THIS_YEAR)
    if (value == "M") != (year >= 2025):
        expected.append(FaultCode.RETIRED if value == "1" else FaultCode.BEFORE_THIS_YEAR)
    assert child.sex == "male"
    assert codes(child.faults) == expected


@pytest.mark.parametrize(
    ("value", "sex"),
    [
        *(("0", "unknown"), ("1", "male"), ("2", "female"), ("9", "unknown")),
        *(("M", "male"), ("F", "female"), ("U", "unknown")),
    ],
)
def test_each_code_of_sex_has_its_meaning(value: str, sex: str) -> None:
    """Seven codes stand for three meanings."""
    assert only_child(identified(f"<Sex>{value}</Sex>")).sex == sex


def test_both_spellings_of_one_sex_agree() -> None:
    """The same sex in both spellings is one sex, noted."""
    parts = "<GenderCurrent>0</GenderCurrent><Sex>U</Sex>"
    child = only_child(identified(parts, year=None))
    assert child.sex == "unknown"
    assert codes(child.faults) == [FaultCode.REPEATED]


def test_a_child_without_sex_or_ethnicity_stands() -> None:
    """What the census asks for beside the id may be missing, and that is noted."""
    inside = "<ChildIdentifiers><LAchildID>A-1</LAchildID></ChildIdentifiers>"
    child = only_child(child_file(inside))
    assert (child.sex, child.ethnicity, child.disabilities, child.referrals) == (None, None, (), ())
    assert [(fault.code, fault.field) for fault in child.faults] == [
        (FaultCode.MISSING, "Sex"),
        (FaultCode.MISSING, "ChildCharacteristics"),
        (FaultCode.MISSING, "CINdetails"),
    ]


def test_without_a_year_nothing_is_held_against_one() -> None:
    """A file that does not say its year has no codes of another year."""
    file = referral_file(assessment("18A", "24A"), year=None)
    assert only_child(file).faults == ()


@pytest.mark.parametrize("year", range(2017, 2027))
def test_retired_and_early_codes_are_understood_in_every_year(year: int) -> None:
    """18A and 24A are kept in every year, and noted in those that do not hold them."""
    child = only_child(referral_file(assessment("18A", "24A"), year=year))
    assert child.referrals[0].assessments[0].factors == ("18A", "24A")
    expected = [FaultCode.RETIRED] if year >= 2021 else []
    expected += [FaultCode.BEFORE_THIS_YEAR] if year < 2022 else []
    assert codes(child.faults) == expected


def test_an_unknown_module_is_skipped_whole_and_its_elements_counted() -> None:
    """A module that no year has is passed over with all that is in it, and never named."""
    module = "<PPandFGDM><A>1</A><B><C/></B></PPandFGDM>"
    child = only_child(referral_file(module + assessment("16A") + module))
    assert [(fault.code, fault.count) for fault in child.faults] == [(FaultCode.UNKNOWN, 4)] * 2
    assert len(child.referrals[0].assessments) == 1
    assert child.referrals[0].not_understood == ()


def test_records_in_an_unknown_module_are_not_lost_in_silence() -> None:
    """Known records inside what is not known count as refused, and a fault says how many."""
    child, counts = counted_child(referral_file(f"<Wrapper>{assessment('16A', '3B')}</Wrapper>"))
    refused = [fault for fault in child.faults if fault.severity == "refused"]
    assert [(fault.code, fault.count) for fault in refused] == [(FaultCode.MISPLACED, 3)]
    assert [count for count in counts.values() if count[0] > count[1]] == [(1, 0), (2, 0)]


def test_a_known_element_in_another_place_is_refused_by_name() -> None:
    """What stands where the census has no place for it is not moved to where it might belong."""
    misplaced = "<AssessmentFactors>16A</AssessmentFactors></Assessments>"
    child = only_child(referral_file(assessment("3B").replace("</Assessments>", misplaced)))
    (found,) = child.referrals[0].assessments
    assert found.factors == ("3B",)
    assert not found.factors_complete
    assert [brief(fault) for fault in child.faults] == [
        (
            FaultCode.MISPLACED,
            "refused",
            "Child[1]/CINdetails[1]/Assessments[1]/AssessmentFactors",
        )
    ]


@pytest.mark.parametrize("odd", ["<Factor>16A</Factor>", "16A"])
def test_factors_in_a_form_nobody_knows_leave_the_list_open(odd: str) -> None:
    """Something strange among the factors may have been one, so they are not said to be all."""
    parts = assessment("3B").replace("</AssessmentFactors>", f"</AssessmentFactors>{odd}")
    (found,) = only_child(referral_file(parts)).referrals[0].assessments
    assert found.factors == ("3B",)
    assert not found.factors_complete


def test_a_list_given_twice_is_read_as_one() -> None:
    """Two wrappers of one list hold one list between them."""
    twice = assessment("3B").replace(
        "</Assessments>",
        "<FactorsIdentifiedAtAssessment><AssessmentFactors>16A</AssessmentFactors>"
        "</FactorsIdentifiedAtAssessment></Assessments>",
    )
    child = only_child(referral_file(twice))
    assert child.referrals[0].assessments[0].factors == ("3B", "16A")
    assert codes(child.faults) == [FaultCode.REPEATED]


def test_an_initial_conference_is_kept_in_both_its_places() -> None:
    """The referral's and the enquiry's conference stand as each gives it."""
    enquiry = (
        "<Section47><S47ActualStartDate>2023-05-02</S47ActualStartDate>"
        "<DateOfInitialCPC>2023-05-20</DateOfInitialCPC>"
        "<ICPCnotRequired>false</ICPCnotRequired></Section47>"
    )
    child = only_child(referral_file("<DateOfInitialCPC>2023-05-19</DateOfInitialCPC>" + enquiry))
    (referral,) = child.referrals
    assert referral.initial_conference is not None
    assert referral.initial_conference.day == 19
    (section47,) = referral.section47s
    assert section47.initial_conference is not None
    assert section47.initial_conference.day == 20
    assert section47.conference_not_required is False


def test_reviews_on_one_day_are_all_kept() -> None:
    """Two reviews of one date are two reviews; one before the plan began is noted."""
    held = "".join(
        f"<CPPreviewDate>{day}</CPPreviewDate>"
        for day in ("2023-08-01", "2023-08-01", "2023-05-01")
    )
    child = only_child(referral_file(plan(f"<Reviews>{held}</Reviews>")))
    assert len(child.referrals[0].plans[0].reviews) == 3
    assert [(fault.code, fault.field) for fault in child.faults] == [
        (FaultCode.DATE_ORDER, "CPPreviewDate")
    ]


def test_order_of_elements_does_not_matter() -> None:
    """A child whose parts stand in another order is the same child."""
    parts = [identifiers(), CHARACTERISTICS, REFERRAL]
    assert only_child(child_file("".join(parts))) == only_child(
        child_file("".join(reversed(parts)))
    )


def test_lines_are_those_of_the_file() -> None:
    """A fault says the line on which its element begins, or its text."""
    file = referral_file("\n\n<CINclosureDate>\n</CINclosureDate>\n\n some\n words \n<Odd\n/>")
    child = only_child(file)
    assert [(fault.code, fault.place.line) for fault in child.faults] == [
        (FaultCode.EMPTY, 3),
        (FaultCode.STRAY_TEXT, 6),
        (FaultCode.UNKNOWN, 8),
    ]
