"""Reads one child of the CIN Census, with all its records, from its element.

The smallest record that cannot stand without a value falls with it, and nothing more: a bad factor
refuses that factor, a bad start date that assessment, a bad referral date that referral with all it
holds, and only a child whom nobody could tell from another is refused as a child.
"""

from __future__ import annotations

from typing import Final

from adapters.returns import cin_shapes
from adapters.returns.cin_branch import Branch, Context, Need
from adapters.returns.cin_child import (
    Assessment,
    Child,
    CinPlan,
    FaultCode,
    Place,
    Plan,
    Referral,
    RefusedChild,
    Review,
    Section47,
    Sex,
)
from adapters.returns.cin_codes import (
    ABUSE_CATEGORIES,
    CLOSURE_REASONS,
    DISABILITIES,
    ETHNICITIES,
    FACTORS,
    PRIMARY_NEEDS,
    REFERRAL_SOURCES,
    SEXES,
    UPN_UNKNOWN,
)
from adapters.returns.cin_values import read_count, read_upn, read_words, read_yes_no
from adapters.returns.xml_pieces import Element

_SEXES: Final[dict[str, Sex]] = {"female": "female", "male": "male", "unknown": "unknown"}


def read_child(element: Element, context: Context) -> Child | RefusedChild:
    """Read a child; its ordinal is that of the context's fault log."""
    log = context.log
    place = Place(f"Child[{log.child}]", element.line)
    branch = Branch(context, place, shape=cin_shapes.CHILD, elements=(element,))
    identifiers = branch.inner("ChildIdentifiers", cin_shapes.IDENTIFIERS, need=Need.KEY)
    child_id = identifiers.value("LAchildID", read_words, need=Need.KEY) if identifiers else None
    if identifiers is None or child_id is None:
        return RefusedChild(
            ordinal=log.child, place=place, faults=log.faults, faults_left_out=log.left_out
        )
    birth = identifiers.day("PersonBirthDate")
    death = identifiers.day("PersonDeathDate")
    identifiers.in_order(birth, death, field="PersonDeathDate")
    upn = identifiers.value("UPN", read_upn)
    former_upn = identifiers.value("FormerUPN", read_upn)
    upn_unknown = identifiers.code("UPNunknown", UPN_UNKNOWN)
    expected = identifiers.day("ExpectedPersonBirthDate")
    sex = _read_sex(identifiers)
    ethnicity, disabilities = _read_characteristics(branch)
    referrals = branch.records("CINdetails", cin_shapes.REFERRAL, read=_read_referral)
    if not branch.has("CINdetails"):
        branch.note(FaultCode.MISSING, "CINdetails")
    return Child(
        ordinal=log.child,
        la_child_id=child_id,
        upn=upn,
        former_upn=former_upn,
        upn_unknown=upn_unknown,
        birth_date=birth,
        expected_birth_date=expected,
        death_date=death,
        sex=sex,
        ethnicity=ethnicity,
        disabilities=disabilities,
        referrals=referrals,
        not_understood=branch.all_not_understood(),
        place=place,
        faults=log.faults,
        faults_left_out=log.left_out,
    )


def _read_sex(identifiers: Branch) -> Sex | None:
    """Read both spellings; when both stand, they have to mean the same."""
    meanings = []
    for name in ("GenderCurrent", "Sex"):
        identifiers.check_year(name)
        code = identifiers.code(name, SEXES)
        if code is not None:
            meanings.append(_SEXES[SEXES[code].meaning])
    if not (identifiers.has("Sex") or identifiers.has("GenderCurrent")):
        identifiers.note(FaultCode.MISSING, "Sex")
    if not meanings:
        return None
    if len(set(meanings)) > 1:
        identifiers.refuse(FaultCode.REPEATED_DIFFERENTLY, "Sex")
        return None
    if len(meanings) > 1:
        identifiers.note(FaultCode.REPEATED, "Sex")
    return meanings[0]


def _read_characteristics(child: Branch) -> tuple[str | None, tuple[str, ...]]:
    """Read ethnicity and disabilities."""
    branch = child.inner("ChildCharacteristics", cin_shapes.CHARACTERISTICS, need=Need.EXPECTED)
    if branch is None:
        return None, ()
    ethnicity = branch.code("Ethnicity", ETHNICITIES, need=Need.EXPECTED)
    disabilities = branch.inner("Disabilities", cin_shapes.DISABILITIES)
    codes = disabilities.codes("Disability", DISABILITIES) if disabilities else ()
    return ethnicity, tuple(dict.fromkeys(codes))


def _read_referral(branch: Branch) -> Referral | None:
    referred = branch.day("CINreferralDate", need=Need.KEY)
    if referred is None:
        return None
    closed = branch.day("CINclosureDate")
    branch.in_order(referred, closed, field="CINclosureDate")
    source = branch.code("ReferralSource", REFERRAL_SOURCES, need=Need.EXPECTED)
    primary_need = branch.code("PrimaryNeedCode", PRIMARY_NEEDS)
    closure_reason = branch.code("ReasonForClosure", CLOSURE_REASONS)
    conference = branch.day("DateOfInitialCPC")
    no_further_action = branch.value("ReferralNFA", read_yes_no, need=Need.EXPECTED)
    branch.check_year("CINPlanDates")
    assessments = branch.records("Assessments", cin_shapes.ASSESSMENT, read=_read_assessment)
    cin_plans = branch.records("CINPlanDates", cin_shapes.CIN_PLAN, read=_read_cin_plan)
    section47s = branch.records("Section47", cin_shapes.SECTION47, read=_read_section47)
    plans = branch.records("ChildProtectionPlans", cin_shapes.PLAN, read=_read_plan)
    return Referral(
        referred=referred,
        source=source,
        primary_need=primary_need,
        closed=closed,
        closure_reason=closure_reason,
        initial_conference=conference,
        no_further_action=no_further_action,
        assessments=assessments,
        cin_plans=cin_plans,
        section47s=section47s,
        plans=plans,
        not_understood=branch.all_not_understood(),
        place=branch.place,
    )


def _read_assessment(branch: Branch) -> Assessment | None:
    start = branch.day("AssessmentActualStartDate", need=Need.KEY)
    if start is None:
        return None
    internal_review = branch.day("AssessmentInternalReviewDate")
    authorised = branch.day("AssessmentAuthorisationDate")
    branch.in_order(start, authorised, field="AssessmentAuthorisationDate")
    found = branch.inner("FactorsIdentifiedAtAssessment", cin_shapes.FACTORS)
    factors = found.codes("AssessmentFactors", FACTORS) if found else ()
    if found and found.strange:  # it may have been a factor, so the factors are not complete
        found.not_understood.append("AssessmentFactors")
    once = tuple(dict.fromkeys(factors))
    return Assessment(
        start=start,
        internal_review=internal_review,
        authorised=authorised,
        factors=once,
        not_understood=branch.all_not_understood(),
        place=branch.place,
        repeated_factors=len(factors) - len(once),
    )


def _read_cin_plan(branch: Branch) -> CinPlan | None:
    start = branch.day("CINPlanStartDate", need=Need.KEY)
    if start is None:
        return None
    end = branch.day("CINPlanEndDate")
    branch.in_order(start, end, field="CINPlanEndDate")
    return CinPlan(
        start=start, end=end, not_understood=branch.all_not_understood(), place=branch.place
    )


def _read_section47(branch: Branch) -> Section47 | None:
    start = branch.day("S47ActualStartDate", need=Need.KEY)
    if start is None:
        return None
    target = branch.day("InitialCPCtarget")
    conference = branch.day("DateOfInitialCPC")
    branch.in_order(start, conference, field="DateOfInitialCPC")
    not_required = branch.value("ICPCnotRequired", read_yes_no, need=Need.EXPECTED)
    return Section47(
        start=start,
        conference_target=target,
        initial_conference=conference,
        conference_not_required=not_required,
        not_understood=branch.all_not_understood(),
        place=branch.place,
    )


def _read_plan(branch: Branch) -> Plan | None:
    start = branch.day("CPPstartDate", need=Need.KEY)
    if start is None:
        return None
    end = branch.day("CPPendDate")
    branch.in_order(start, end, field="CPPendDate")
    initial = branch.code("InitialCategoryOfAbuse", ABUSE_CATEGORIES, need=Need.EXPECTED)
    latest = branch.code("LatestCategoryOfAbuse", ABUSE_CATEGORIES, need=Need.EXPECTED)
    previous = branch.value("NumberOfPreviousCPP", read_count, need=Need.EXPECTED)
    held = branch.inner("Reviews", cin_shapes.REVIEWS)
    reviews = tuple(Review(*each) for each in held.days("CPPreviewDate")) if held else ()
    for review in reviews:
        branch.in_order(start, review.held, field="CPPreviewDate")
    return Plan(
        start=start,
        end=end,
        initial_category=initial,
        latest_category=latest,
        previous_plans=previous,
        reviews=reviews,
        not_understood=branch.all_not_understood(),
        place=branch.place,
    )
