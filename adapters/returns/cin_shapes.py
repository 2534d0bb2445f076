"""The structure of the CIN Census over all its years: what may stand in which element.

Order is not part of it: real exports differ in it, and no meaning hangs on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.returns.cin_child import Kind

SHELLS: Final = ("Message", "Children")
"""The elements that hold the whole file; they are never read as one."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand in an element, and which kind of record falls when its key is refused."""

    parts: frozenset[str]
    kind: Kind | None = None


def _shape(parts: str, kind: Kind | None = None) -> Shape:
    return Shape(frozenset(parts.split()), kind)


NOTHING: Final = _shape("")
HEADER: Final = _shape("CollectionDetails Source")
COLLECTION: Final = _shape("Collection Year ReferenceDate")
SOURCE: Final = _shape("SourceLevel LEA SoftwareCode Release SerialNo DateTime")
CHILD: Final = _shape("ChildIdentifiers ChildCharacteristics CINdetails", Kind.CHILD)
IDENTIFIERS: Final = _shape(
    "LAchildID UPN FormerUPN UPNunknown PersonBirthDate ExpectedPersonBirthDate GenderCurrent Sex"
    " PersonDeathDate",
    Kind.CHILD,
)
CHARACTERISTICS: Final = _shape("Ethnicity Disabilities")
DISABILITIES: Final = _shape("Disability")
REFERRAL: Final = _shape(
    "CINreferralDate ReferralSource PrimaryNeedCode CINclosureDate ReasonForClosure"
    " DateOfInitialCPC Assessments CINPlanDates Section47 ReferralNFA ChildProtectionPlans",
    Kind.REFERRAL,
)
ASSESSMENT: Final = _shape(
    "AssessmentActualStartDate AssessmentInternalReviewDate AssessmentAuthorisationDate"
    " FactorsIdentifiedAtAssessment",
    Kind.ASSESSMENT,
)
FACTORS: Final = _shape("AssessmentFactors")
CIN_PLAN: Final = _shape("CINPlanStartDate CINPlanEndDate", Kind.CIN_PLAN)
SECTION47: Final = _shape(
    "S47ActualStartDate InitialCPCtarget DateOfInitialCPC ICPCnotRequired", Kind.SECTION47
)
PLAN: Final = _shape(
    "CPPstartDate CPPendDate InitialCategoryOfAbuse LatestCategoryOfAbuse NumberOfPreviousCPP"
    " Reviews",
    Kind.PLAN,
)
REVIEWS: Final = _shape("CPPreviewDate")

_SHAPES: Final = (
    *(HEADER, COLLECTION, SOURCE, CHILD, IDENTIFIERS, CHARACTERISTICS, DISABILITIES),
    *(REFERRAL, ASSESSMENT, FACTORS, CIN_PLAN, SECTION47, PLAN, REVIEWS),
)
VOCABULARY: Final = frozenset({*SHELLS, "Header", "Child"}).union(
    *(shape.parts for shape in _SHAPES)
)
"""Every name that the census has: the only names that a fault may repeat."""

RECORD_KINDS: Final[Mapping[str, Kind]] = {
    "Child": Kind.CHILD,
    "CINdetails": Kind.REFERRAL,
    "Assessments": Kind.ASSESSMENT,
    "AssessmentFactors": Kind.FACTOR,
    "Section47": Kind.SECTION47,
    "CINPlanDates": Kind.CIN_PLAN,
    "ChildProtectionPlans": Kind.PLAN,
    "CPPreviewDate": Kind.REVIEW,
}
"""The elements that are records, and so counted."""
