"""Invented children as CIN Census XML, element by element in the order of the year's schema.

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

END = "  </Children>\n</Message>\n"
_Text = str | date | None


def beginning(year: int, la_code: str) -> str:
    """Give everything that stands before the first child."""
    lines = [
        "  <Header>\n    <CollectionDetails>\n",
        _element("Collection", "CIN", deep=6),
        _element("Year", str(year), deep=6),
        _element("ReferenceDate", date(year, 3, 31), deep=6),
        "    </CollectionDetails>\n    <Source>\n",
        _element("SourceLevel", "L", deep=6),
        _element("LEA", la_code, deep=6),
        _element("SoftwareCode", "Invented", deep=6),
        _element("Release", "1", deep=6),
        _element("SerialNo", "001", deep=6),
        _element("DateTime", f"{year}-03-31T18:00:00", deep=6),
        "    </Source>\n  </Header>\n  <Children>\n",
    ]
    return '<?xml version="1.0" encoding="UTF-8"?>\n<Message>\n' + "".join(lines)


def child_markup(
    child: InventedChild, episodes: Sequence[InventedEpisode], *, census: YearOfCensus
) -> str:
    """Give one whole Child."""
    return "".join(
        (
            "    <Child>\n",
            *_identifiers(child, census),
            *_characteristics(child),
            *(line for each in episodes for line in _details(each)),
            "    </Child>\n",
        )
    )


def _element(name: str, text: _Text, *, deep: int) -> str:
    """Give one element on a line of its own; nothing where there is nothing to say."""
    return f"{' ' * deep}<{name}>{text}</{name}>\n" if text is not None else ""


def _identifiers(child: InventedChild, census: YearOfCensus) -> Iterator[str]:
    who = child.identity
    yield "      <ChildIdentifiers>\n"
    yield _element("LAchildID", child.la_child_id, deep=8)
    yield _element("UPN", who.upn, deep=8)
    yield _element("UPNunknown", child.upn_unknown, deep=8)
    yield _element("PersonBirthDate", who.born, deep=8)
    yield _element("ExpectedPersonBirthDate", who.expected, deep=8)
    yield _element(census.sex_element, census.sex_codes[who.sex], deep=8)
    yield _element("PersonDeathDate", child.died, deep=8)
    yield "      </ChildIdentifiers>\n"


def _characteristics(child: InventedChild) -> Iterator[str]:
    yield "      <ChildCharacteristics>\n"
    yield _element("Ethnicity", child.identity.ethnicity, deep=8)
    yield "        <Disabilities>\n"
    for disability in child.identity.disabilities:
        yield _element("Disability", disability, deep=10)
    yield "        </Disabilities>\n      </ChildCharacteristics>\n"


def _details(episode: InventedEpisode) -> Iterator[str]:
    yield "      <CINdetails>\n"
    yield _element("CINreferralDate", episode.referred, deep=8)
    yield _element("ReferralSource", episode.source, deep=8)
    yield _element("PrimaryNeedCode", episode.need, deep=8)
    yield _element("CINclosureDate", episode.closed, deep=8)
    yield _element("ReasonForClosure", episode.reason, deep=8)
    yield _element("DateOfInitialCPC", episode.conference, deep=8)
    for assessment in episode.assessments:
        yield from _assessment(assessment)
    yield from _plans_and_enquiries(episode)
    yield _element("ReferralNFA", "1" if episode.no_further_action else "0", deep=8)
    if episode.protection:
        yield from _protection(episode.protection)
    yield "      </CINdetails>\n"


def _assessment(assessment: Assessment) -> Iterator[str]:
    yield "        <Assessments>\n"
    yield _element("AssessmentActualStartDate", assessment.started, deep=10)
    yield _element("AssessmentInternalReviewDate", assessment.reviewed, deep=10)
    yield _element("AssessmentAuthorisationDate", assessment.authorised, deep=10)
    if assessment.codes:
        yield "          <FactorsIdentifiedAtAssessment>\n"
        for code in assessment.codes:
            yield _element("AssessmentFactors", code, deep=12)
        yield "          </FactorsIdentifiedAtAssessment>\n"
    yield "        </Assessments>\n"


def _plans_and_enquiries(episode: InventedEpisode) -> Iterator[str]:
    if episode.plan:
        yield "        <CINPlanDates>\n"
        yield _element("CINPlanStartDate", episode.plan.started, deep=10)
        yield _element("CINPlanEndDate", episode.plan.ended, deep=10)
        yield "        </CINPlanDates>\n"
    if episode.enquiry:
        yield "        <Section47>\n"
        yield _element("S47ActualStartDate", episode.enquiry.started, deep=10)
        yield _element("InitialCPCtarget", episode.enquiry.target, deep=10)
        yield _element("DateOfInitialCPC", episode.enquiry.conference, deep=10)
        yield _element("ICPCnotRequired", "0" if episode.conference else "1", deep=10)
        yield "        </Section47>\n"


def _protection(plan: ProtectionPlan) -> Iterator[str]:
    yield "        <ChildProtectionPlans>\n"
    yield _element("CPPstartDate", plan.started, deep=10)
    yield _element("CPPendDate", plan.ended, deep=10)
    yield _element("InitialCategoryOfAbuse", plan.first_category, deep=10)
    yield _element("LatestCategoryOfAbuse", plan.latest_category, deep=10)
    yield _element("NumberOfPreviousCPP", plan.previous, deep=10)
    if plan.reviews:
        yield "          <Reviews>\n"
        for day in plan.reviews:
            yield _element("CPPreviewDate", day, deep=12)
        yield "          </Reviews>\n"
    yield "        </ChildProtectionPlans>\n"
