"""Invented children as CIN Census XML, element by element in the order of the year's schema.

A line holds a child, as in an export that nobody is meant to read.
All text is our own, from code lists, counters and dates, so nothing in it needs escaping.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from adapters.returns.invented_codes import YearOfCensus
from adapters.returns.invented_shapes import (
    Assessment,
    InventedChild,
    InventedEpisode,
    ProtectionPlan,
)

END = "</Children>\n</Message>\n"
_Text = str | date | None


def beginning(year: int, la_code: str) -> str:
    """Give everything that stands before the first child."""
    lines = [
        "<Header><CollectionDetails>",
        _element("Collection", "CIN"),
        _element("Year", str(year)),
        _element("ReferenceDate", date(year, 3, 31)),
        "</CollectionDetails><Source>",
        _element("SourceLevel", "L"),
        _element("LEA", la_code),
        _element("SoftwareCode", "Invented"),
        _element("Release", "1"),
        _element("SerialNo", "001"),
        _element("DateTime", f"{year}-03-31T18:00:00"),
        "</Source></Header><Children>\n",
    ]
    return '<?xml version="1.0" encoding="UTF-8"?>\n<Message>\n' + "".join(lines)


def child_markup(
    child: InventedChild, episodes: Sequence[InventedEpisode], *, census: YearOfCensus
) -> str:
    """Give one whole Child."""
    return "".join(
        (
            "<Child>",
            *_identifiers(child, census),
            *_characteristics(child),
            *(line for each in episodes for line in _details(each)),
            "</Child>\n",
        )
    )


def _element(name: str, text: _Text) -> str:
    """Give one element; nothing where there is nothing to say."""
    return f"<{name}>{text}</{name}>" if text is not None else ""


def _identifiers(child: InventedChild, census: YearOfCensus) -> Iterator[str]:
    who = child.identity
    yield "<ChildIdentifiers>"
    yield _element("LAchildID", child.la_child_id)
    yield _element("UPN", who.upn)
    yield _element("UPNunknown", child.upn_unknown)
    yield _element("PersonBirthDate", who.born)
    yield _element("ExpectedPersonBirthDate", who.expected)
    yield _element(census.sex_element, census.sex_codes[who.sex])
    yield _element("PersonDeathDate", child.died)
    yield "</ChildIdentifiers>"


def _characteristics(child: InventedChild) -> Iterator[str]:
    yield "<ChildCharacteristics>"
    yield _element("Ethnicity", child.identity.ethnicity)
    yield "<Disabilities>"
    for disability in child.identity.disabilities:
        yield _element("Disability", disability)
    yield "</Disabilities></ChildCharacteristics>"


def _details(episode: InventedEpisode) -> Iterator[str]:
    yield "<CINdetails>"
    yield _element("CINreferralDate", episode.referred)
    yield _element("ReferralSource", episode.source)
    yield _element("PrimaryNeedCode", episode.need)
    yield _element("CINclosureDate", episode.closed)
    yield _element("ReasonForClosure", episode.reason)
    yield _element("DateOfInitialCPC", episode.conference)
    for assessment in episode.assessments:
        yield from _assessment(assessment)
    yield from _plans_and_enquiries(episode)
    yield _element("ReferralNFA", "1" if episode.no_further_action else "0")
    if episode.protection:
        yield from _protection(episode.protection)
    yield "</CINdetails>"


def _assessment(assessment: Assessment) -> Iterator[str]:
    yield "<Assessments>"
    yield _element("AssessmentActualStartDate", assessment.started)
    yield _element("AssessmentInternalReviewDate", assessment.reviewed)
    yield _element("AssessmentAuthorisationDate", assessment.authorised)
    if assessment.codes:
        yield "<FactorsIdentifiedAtAssessment>"
        for code in assessment.codes:
            yield _element("AssessmentFactors", code)
        yield "</FactorsIdentifiedAtAssessment>"
    yield "</Assessments>"


def _plans_and_enquiries(episode: InventedEpisode) -> Iterator[str]:
    if episode.plan:
        yield "<CINPlanDates>"
        yield _element("CINPlanStartDate", episode.plan.started)
        yield _element("CINPlanEndDate", episode.plan.ended)
        yield "</CINPlanDates>"
    if episode.enquiry:
        yield "<Section47>"
        yield _element("S47ActualStartDate", episode.enquiry.started)
        yield _element("InitialCPCtarget", episode.enquiry.target)
        yield _element("DateOfInitialCPC", episode.enquiry.conference)
        yield _element("ICPCnotRequired", "0" if episode.conference else "1")
        yield "</Section47>"


def _protection(plan: ProtectionPlan) -> Iterator[str]:
    yield "<ChildProtectionPlans>"
    yield _element("CPPstartDate", plan.started)
    yield _element("CPPendDate", plan.ended)
    yield _element("InitialCategoryOfAbuse", plan.first_category)
    yield _element("LatestCategoryOfAbuse", plan.latest_category)
    yield _element("NumberOfPreviousCPP", plan.previous)
    if plan.reviews:
        yield "<Reviews>"
        for day in plan.reviews:
            yield _element("CPPreviewDate", day)
        yield "</Reviews>"
    yield "</ChildProtectionPlans>"
