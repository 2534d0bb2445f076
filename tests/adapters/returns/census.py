"""A small builder of CIN Census files: records are written as one would tell them."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from adapters.returns.cin_child import Child
from adapters.returns.cin_events import ChildEvents, events_of
from adapters.returns.cin_reader import read_cin_census
from adapters.returns.xml_pieces import Limits
from services.borough.drafting import Draft

TODAY = date(2023, 6, 1)
SMALL = Limits(children=1000)


def element(name: str, *parts: str, **leaves: str | None) -> str:
    """Write an element: its leaves first, then the parts inside it. Leaves of None are left out."""
    inside = [f"<{leaf}>{text}</{leaf}>" for leaf, text in leaves.items() if text is not None]
    return f"<{name}>{''.join((*inside, *parts))}</{name}>"


def child(
    *episodes: str,
    number: str = "A-1",
    born: str | None = "2012-05-01",
    ethnicity: str | None = "WBRI",
    disabilities: tuple[str, ...] = ("NONE",),
    **identifiers: str | None,
) -> str:
    """Write a child; further identifiers by their element's name."""
    who = {"LAchildID": number, "PersonBirthDate": born, "GenderCurrent": "2", **identifiers}
    held = [
        element("Disability") if not code else f"<Disability>{code}</Disability>"
        for code in disabilities
    ]
    inside = (element("Disabilities", *held),) if held else ()
    return element(
        "Child",
        element("ChildIdentifiers", **who),
        element("ChildCharacteristics", *inside, Ethnicity=ethnicity),
        *episodes,
    )


def episode(
    *parts: str,
    referred: str = "2022-05-02",
    source: str = "6",
    turned_away: str = "0",
    **leaves: str | None,
) -> str:
    """Write a CINdetails; further leaves by their element's name."""
    asked = {"CINreferralDate": referred, "ReferralSource": source, "ReferralNFA": turned_away}
    return element("CINdetails", *parts, **asked, **leaves)


def assessment(
    *factors: str, start: str = "2022-05-03", authorised: str | None = "2022-06-01"
) -> str:
    """Write an assessment with these factors."""
    found = [f"<AssessmentFactors>{code}</AssessmentFactors>" for code in factors]
    return element(
        "Assessments",
        *((element("FactorsIdentifiedAtAssessment", *found),) if found else ()),
        AssessmentActualStartDate=start,
        AssessmentAuthorisationDate=authorised,
    )


def enquiry(
    start: str = "2022-06-02",
    *,
    conference: str | None = None,
    target: str | None = None,
    not_required: str = "0",
) -> str:
    """Write an enquiry under section 47."""
    return element(
        "Section47",
        S47ActualStartDate=start,
        InitialCPCtarget=target,
        DateOfInitialCPC=conference,
        ICPCnotRequired=not_required,
    )


def plan(
    start: str = "2022-06-20",
    *reviews: str,
    end: str | None = None,
    first: str = "NEG",
    latest: str = "NEG",
) -> str:
    """Write a child protection plan, the child's second."""
    held = [f"<CPPreviewDate>{day}</CPPreviewDate>" for day in reviews]
    return element(
        "ChildProtectionPlans",
        *((element("Reviews", *held),) if held else ()),
        CPPstartDate=start,
        CPPendDate=end,
        InitialCategoryOfAbuse=first,
        LatestCategoryOfAbuse=latest,
        NumberOfPreviousCPP="1",
    )


def cin_plan(start: str = "2022-06-20", end: str | None = None) -> str:
    """Write a child in need plan."""
    return element("CINPlanDates", CINPlanStartDate=start, CINPlanEndDate=end)


def census(*children: str, year: int = 2023, authority: str = "311") -> bytes:
    """Write a whole file."""
    details = element(
        "CollectionDetails", Collection="CIN", Year=str(year), ReferenceDate=f"{year}-03-31"
    )
    source = element("Source", SourceLevel="L", LEA=authority)
    header = element("Header", details, source)
    return element("Message", header, element("Children", *children)).encode()


def children_of(file: bytes) -> list[Child]:
    """Read a file in which every child has to be understood."""
    children = []
    for each in read_cin_census(BytesIO(file), limits=SMALL):
        assert isinstance(each, Child)
        children.append(each)
    return children


def told_by(
    *episodes: str,
    today: date = TODAY,
    born: str | None = "2012-05-01",
    ethnicity: str = "WBRI",
    disabilities: tuple[str, ...] = ("NONE",),
    **identifiers: str,
) -> ChildEvents:
    """Give the events of one child with these episodes, otherwise as `child` takes it."""
    written = child(
        *episodes, born=born, ethnicity=ethnicity, disabilities=disabilities, **identifiers
    )
    (only_one,) = children_of(census(written))
    return events_of(only_one, today=today)


def drafts(events: ChildEvents, kind: str) -> list[Draft]:
    """Give the drafts of one kind."""
    return [told.draft for told in events.told if told.draft.kind.name == kind]


def only(events: ChildEvents, kind: str) -> Draft:
    """Give the one draft of a kind."""
    (draft,) = drafts(events, kind)
    return draft


def facts(draft: Draft) -> dict[str, object]:
    """Give the facts of a draft, as far as they are told."""
    return draft.facts.model_dump(exclude_unset=True)


def shared(draft: Draft) -> dict[str, object]:
    """Give what is shared of a draft's one child."""
    (subject,) = draft.subjects
    return subject.shared.model_dump(exclude_unset=True)


def restricted(draft: Draft) -> dict[str, object]:
    """Give what is restricted of a draft's one child."""
    (subject,) = draft.subjects
    assert subject.restricted is not None
    return subject.restricted.model_dump(exclude_unset=True)


def remarks(events: ChildEvents) -> list[tuple[str, str, str]]:
    """Give code, severity and place of each finding."""
    return [(each.code, each.severity, each.place) for each in events.findings]
