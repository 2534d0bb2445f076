"""The smallest record that cannot stand without a value falls with it, and nothing more."""

from __future__ import annotations

from datetime import date

import pytest

from adapters.returns.cin_child import Fault, FaultCode, Kind, Place
from tests.adapters.returns.cin_files import (
    CHARACTERISTICS,
    REFERRAL,
    assessment,
    child_file,
    counted_child,
    identified,
    identifiers,
    only_child,
    only_refused,
    plan,
    referral_file,
)

FACTORS = "Child[1]/CINdetails[1]/Assessments[1]/FactorsIdentifiedAtAssessment"


def test_a_plain_child_has_no_faults() -> None:
    """A child as the census of its year describes it is read without a remark."""
    assert only_child(referral_file(assessment("16A") + plan())).faults == ()


def test_a_bad_factor_refuses_that_factor() -> None:
    """The assessment stands with its other factors, and says that they are not all."""
    child, counts = counted_child(referral_file(assessment("16A", "RB", "3B")))
    (found,) = child.referrals[0].assessments
    assert found.factors == ("16A", "3B")
    assert not found.factors_complete
    place = Place(f"{FACTORS}/AssessmentFactors[2]", 1)
    assert child.faults == (
        Fault(
            FaultCode.NOT_IN_LIST,
            "refused",
            place,
            1,
            field="AssessmentFactors",
            refuses=Kind.FACTOR,
        ),
    )
    assert counts[Kind.FACTOR] == (3, 2)


KEYS = {
    "AssessmentActualStartDate": ("Assessments", Kind.ASSESSMENT),
    "CINPlanStartDate": ("CINPlanDates", Kind.CIN_PLAN),
    "S47ActualStartDate": ("Section47", Kind.SECTION47),
    "CPPstartDate": ("ChildProtectionPlans", Kind.PLAN),
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("soon", FaultCode.NOT_A_DATE),
        ("1066-10-14", FaultCode.DATE_NOT_CREDIBLE),
        ("2023-05-01<b/>", FaultCode.ELEMENT_IN_VALUE),
        ("2023-05-01" + " " * 5000 + "x", FaultCode.TOO_LONG),
        (" ", FaultCode.MISSING),
        (None, FaultCode.MISSING),
    ],
)
def test_a_bad_key_refuses_its_record(key: str, value: str | None, code: FaultCode) -> None:
    """A record without its start falls, the referral stands and says that it is not all."""
    name, kind = KEYS[key]
    bad = "" if value is None else f"<{key}>{value}</{key}>"
    good = f"<{key}>2023-05-02</{key}>"
    child, counts = counted_child(
        referral_file(f"<{name}>{bad}</{name}><{name}>{good}</{name}>"),
    )
    assert child.referrals[0].not_understood == (name,)
    (fault,) = (fault for fault in child.faults if fault.severity == "refused")
    assert (fault.code, fault.field, fault.refuses) == (code, key, kind)
    assert fault.place.path.startswith(f"Child[1]/CINdetails[1]/{name}[1]")
    assert counts[kind] == (2, 1)


def test_a_refused_assessment_takes_its_factors_with_it() -> None:
    """What stood in a refused record is counted as refused."""
    bad = assessment("16A", "3B", start="")
    child, counts = counted_child(referral_file(assessment("1A") + bad))
    assert [each.factors for each in child.referrals[0].assessments] == [("1A",)]
    assert counts[Kind.ASSESSMENT] == (2, 1)
    assert counts[Kind.FACTOR] == (3, 1)


def test_a_bad_referral_date_refuses_that_referral() -> None:
    """The child stands with its other referrals; the refused one takes all it holds with it."""
    bad = REFERRAL.replace("2023-05-01", "first of May").replace(
        "</CINdetails>", assessment("16A") + plan() + "</CINdetails>"
    )
    child, counts = counted_child(child_file(identifiers() + CHARACTERISTICS + bad + REFERRAL))
    assert [referral.referred for referral in child.referrals] == [date(2023, 5, 1)]
    assert child.not_understood == ("CINdetails",)
    assert [fault.refuses for fault in child.faults] == [Kind.REFERRAL]
    assert counts == {
        Kind.CHILD: (1, 1),
        Kind.REFERRAL: (2, 1),
        Kind.ASSESSMENT: (1, 0),
        Kind.FACTOR: (1, 0),
        Kind.PLAN: (1, 0),
    }


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ("<ChildIdentifiers/>", FaultCode.MISSING),
        ("<ChildIdentifiers><LAchildID> </LAchildID></ChildIdentifiers>", FaultCode.MISSING),
        ("", FaultCode.MISSING),
        (f"<ChildIdentifiers><LAchildID>{'x' * 65}</LAchildID></ChildIdentifiers>", "long"),
        (identifiers() + identifiers().replace("A-1", "A-2"), FaultCode.REPEATED_DIFFERENTLY),
    ],
)
def test_a_child_whom_nobody_can_tell_is_refused(found: str, code: FaultCode | str) -> None:
    """Without one local id there is nobody to speak of."""
    child = only_refused(child_file(found + CHARACTERISTICS + REFERRAL))
    (fault,) = (fault for fault in child.faults if fault.severity == "refused")
    assert fault.code == (FaultCode.TOO_LONG if code == "long" else code)
    assert fault.refuses is Kind.CHILD
    assert (child.ordinal, child.place) == (1, Place("Child[1]", 1))


def test_a_local_id_may_be_any_text_of_64_characters() -> None:
    """Local ids are the borough's own; only the space around them goes."""
    local = "Ünïque / 7 <&> " + "x" * 49
    written = local.replace("&", "&amp;").replace("<", "&lt;")
    child = only_child(referral_file("").replace("A-1", f"\n {written}\t"))
    assert child.la_child_id == local


@pytest.mark.parametrize(
    ("file", "field", "code"),
    [
        (identified("<UPN>12</UPN>"), "UPN", FaultCode.NOT_A_UPN),
        (identified("<FormerUPN>A1</FormerUPN>"), "FormerUPN", FaultCode.NOT_A_UPN),
        (identified("<UPNunknown>UN8</UPNunknown>"), "UPNunknown", FaultCode.NOT_IN_LIST),
        (identified("<Sex>X</Sex>"), "Sex", FaultCode.NOT_IN_LIST),
        (
            identified("<PersonBirthDate>2011</PersonBirthDate>"),
            "PersonBirthDate",
            FaultCode.NOT_A_DATE,
        ),
        (
            identified("<Sex>F</Sex><GenderCurrent>1</GenderCurrent>"),
            "Sex",
            FaultCode.REPEATED_DIFFERENTLY,
        ),
        (referral_file("").replace("WBRI", "W"), "Ethnicity", FaultCode.NOT_IN_LIST),
    ],
)
def test_a_bad_optional_value_leaves_the_child_standing(
    file: str, field: str, code: FaultCode
) -> None:
    """The value is None, the child says that it was there, and a fault says why."""
    child = only_child(file)
    assert field in child.not_understood
    (fault,) = (fault for fault in child.faults if fault.severity == "refused")
    assert (fault.code, fault.field, fault.refuses) == (code, field, None)
    assert len(child.referrals) == 1


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        (plan("<CPPendDate>never</CPPendDate>"), "CPPendDate"),
        (plan().replace(">NEG<", ">XXX<"), "InitialCategoryOfAbuse"),
        (plan().replace(">0<", ">none<"), "NumberOfPreviousCPP"),
        (plan("<Reviews><CPPreviewDate>x</CPPreviewDate></Reviews>"), "CPPreviewDate"),
    ],
)
def test_a_record_says_what_of_it_was_not_understood(parts: str, field: str) -> None:
    """An end that cannot be read is not taken for a plan without an end."""
    (found,) = only_child(referral_file(parts)).referrals[0].plans
    assert found.not_understood == (field,)
