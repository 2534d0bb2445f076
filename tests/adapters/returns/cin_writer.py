"""Writes children as CIN Census XML, in any of the dialects that real systems export."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from adapters.returns.cin_child import (
    Assessment,
    Child,
    CinPlan,
    Plan,
    Referral,
    Section47,
)

Tree = tuple[str, "str | list[Tree]"]

HEADER: Tree = (
    "Header",
    [
        (
            "CollectionDetails",
            [("Collection", "CIN"), ("Year", "2024"), ("ReferenceDate", "2024-03-31")],
        ),
        (
            "Source",
            [
                ("SourceLevel", "L"),
                ("LEA", "311"),
                ("SoftwareCode", "Invented System"),
                ("Release", "1.0"),
                ("SerialNo", "001"),
                ("DateTime", "2024-05-01T09:30:00"),
            ],
        ),
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a system writes what it exports; `chance` settles what varies within a file."""

    chance: random.Random
    yes_no: tuple[str, str] = ("0", "1")
    after_date: str = ""
    sex_element: str = "GenderCurrent"
    sex_letters: bool = False
    indent: str = "  "
    newline: str = "\n"
    prefix: str = ""
    namespace: str = ""
    encoding: str = "utf-8"
    declared: bool = True
    shuffled: bool = False
    strange: bool = False
    padded: bool = False
    cdata: bool = False


def _texts(**values: object) -> list[Tree]:
    return [(name, str(value)) for name, value in values.items() if value is not None]


def _dates(dialect: Dialect, **values: date | None) -> list[Tree]:
    return [
        (name, day.isoformat() + dialect.after_date)
        for name, day in values.items()
        if day is not None
    ]


def _flag(dialect: Dialect, name: str, *, value: bool | None) -> list[Tree]:
    return [] if value is None else [(name, dialect.yes_no[value])]


def _list(name: str, each: str, values: Iterable[str]) -> list[Tree]:
    parts: list[Tree] = [(each, value) for value in values]
    return [(name, parts)] if parts else []


def _assessment(dialect: Dialect, each: Assessment) -> Tree:
    parts = _dates(
        dialect,
        AssessmentActualStartDate=each.start,
        AssessmentInternalReviewDate=each.internal_review,
        AssessmentAuthorisationDate=each.authorised,
    )
    factors = _list("FactorsIdentifiedAtAssessment", "AssessmentFactors", each.factors)
    return ("Assessments", parts + factors)


def _cin_plan(dialect: Dialect, each: CinPlan) -> Tree:
    return (
        "CINPlanDates",
        _dates(dialect, CINPlanStartDate=each.start, CINPlanEndDate=each.end),
    )


def _section47(dialect: Dialect, each: Section47) -> Tree:
    parts = _dates(
        dialect,
        S47ActualStartDate=each.start,
        InitialCPCtarget=each.conference_target,
        DateOfInitialCPC=each.initial_conference,
    )
    return (
        "Section47",
        parts + _flag(dialect, "ICPCnotRequired", value=each.conference_not_required),
    )


def _plan(dialect: Dialect, each: Plan) -> Tree:
    parts = _dates(dialect, CPPstartDate=each.start, CPPendDate=each.end)
    parts += _texts(
        InitialCategoryOfAbuse=each.initial_category,
        LatestCategoryOfAbuse=each.latest_category,
        NumberOfPreviousCPP=each.previous_plans,
    )
    held = [review.held.isoformat() + dialect.after_date for review in each.reviews]
    return ("ChildProtectionPlans", parts + _list("Reviews", "CPPreviewDate", held))


def _referral(dialect: Dialect, each: Referral) -> Tree:
    parts = _dates(
        dialect,
        CINreferralDate=each.referred,
        CINclosureDate=each.closed,
        DateOfInitialCPC=each.initial_conference,
    )
    parts += _texts(
        ReferralSource=each.source,
        PrimaryNeedCode=each.primary_need,
        ReasonForClosure=each.closure_reason,
    )
    parts += _flag(dialect, "ReferralNFA", value=each.no_further_action)
    parts += [_assessment(dialect, record) for record in each.assessments]
    parts += [_cin_plan(dialect, record) for record in each.cin_plans]
    parts += [_section47(dialect, record) for record in each.section47s]
    parts += [_plan(dialect, record) for record in each.plans]
    return ("CINdetails", parts)


def tree_of(child: Child, dialect: Dialect) -> Tree:
    """Give the elements of one child."""
    parts = _texts(
        LAchildID=child.la_child_id,
        UPN=child.upn,
        FormerUPN=child.former_upn,
        UPNunknown=child.upn_unknown,
    )
    parts += _dates(
        dialect,
        PersonBirthDate=child.birth_date,
        ExpectedPersonBirthDate=child.expected_birth_date,
        PersonDeathDate=child.death_date,
    )
    if child.sex is not None:
        numbers = {"male": "1", "female": "2", "unknown": dialect.chance.choice("09")}
        letters = {"male": "M", "female": "F", "unknown": "U"}
        parts.append(
            (dialect.sex_element, (letters if dialect.sex_letters else numbers)[child.sex])
        )
    characteristics = _texts(Ethnicity=child.ethnicity)
    characteristics += _list("Disabilities", "Disability", child.disabilities)
    whole: list[Tree] = [("ChildIdentifiers", parts), ("ChildCharacteristics", characteristics)]
    return ("Child", whole + [_referral(dialect, each) for each in child.referrals])


_IN_ORDER = {
    "Child",
    "CINdetails",
    "Assessments",
    "CINPlanDates",
    "Section47",
    "ChildProtectionPlans",
}


def _shuffle(parts: list[Tree], chance: random.Random) -> list[Tree]:
    """Put the parts in another order, in which records of one kind keep theirs."""
    shuffled = chance.sample(parts, len(parts))
    records = {name: iter([part for part in parts if part[0] == name]) for name in _IN_ORDER}
    return [next(records[part[0]]) if part[0] in _IN_ORDER else part for part in shuffled]


_LISTS = {"FactorsIdentifiedAtAssessment", "Disabilities", "Reviews"}


class Writer:
    """Writes trees in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def written(self, tree: Tree, depth: int = 0) -> str:
        """Write one element with all that is in it."""
        dialect = self._dialect
        name, content = tree
        tag = dialect.prefix + name
        margin = (dialect.newline + dialect.indent * depth) if dialect.indent else ""
        attributes = f' xmlns="{dialect.namespace}"' if depth == 0 and dialect.namespace else ""
        if isinstance(content, str):
            return f"{margin}<{tag}{attributes}>{self._text(content)}</{tag}>"
        if dialect.shuffled and name not in {*_LISTS, "Message"}:
            content = _shuffle(content, dialect.chance)
        inside = [self.written(part, depth + 1) for part in content]
        if dialect.strange and name not in {*_LISTS, "Message", "Children"}:
            self._add_strange(inside)
        return f"{margin}<{tag}{attributes}>{''.join(inside)}{margin}</{tag}>"

    def _text(self, text: str) -> str:
        written = f"<![CDATA[{text}]]>" if self._dialect.cdata else escape(text)
        return f"\n\t {written}  " if self._dialect.padded else written

    def _add_strange(self, inside: list[str]) -> None:
        """Put in what no year has and what changes nothing."""
        chance = self._dialect.chance
        for strange in (
            "<!-- a remark -->",
            "<?a-program does this?>",
            "<Invented at='1'><Deeper>x</Deeper><Deeper/></Invented>",
            " stray words ",
        ):
            if chance.random() < 0.3:
                inside.insert(chance.randint(0, len(inside)), strange)


def message(children: Iterable[Tree], header: Tree | None = HEADER) -> Tree:
    """Give the elements of a whole file."""
    outside: list[Tree] = [] if header is None else [header]
    return ("Message", [*outside, ("Children", list(children))])


def file_of(tree: Tree, dialect: Dialect) -> bytes:
    """Write a whole file in one dialect."""
    text = Writer(dialect).written(tree).lstrip()
    if dialect.declared:
        named = {"utf-8-sig": "utf-8"}.get(dialect.encoding, dialect.encoding)
        text = f'<?xml version="1.0" encoding="{named}"?>{text}'
    return text.encode(dialect.encoding)
