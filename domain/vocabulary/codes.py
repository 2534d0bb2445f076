"""The code lists of children's social care, as closed enumerations.

Codes are those of the CIN Census and of the SSDA903 return, old spellings included: a code that a
return may still hold is never dropped, since replaying 2018 must not fail in 2026. What is not in a
list is not understood, and says so where it is read; nothing is mapped to "other" on the quiet.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints

from domain.values import Day, Instant
from domain.vocabulary.order import ASCENDING, ascending

Moment: TypeAlias = Day | Instant
"""As exactly as the source knows it: a London day, or an instant."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
"""A word of ours: lower-case letters, digits and hyphens."""

Factor = Literal[
    "10A",  # going or being missing
    "11A",  # child sexual exploitation
    "12A",  # trafficking
    "13A",  # gangs
    "14A",  # socially unacceptable behaviour
    "15A",  # self-harm
    "16A",  # neglect
    "17A",  # emotional abuse
    "18A",  # physical abuse, by whom unsaid (retired in 2021, still filed)
    "18B",  # physical abuse, child on child (from 2021)
    "18C",  # physical abuse, adult on child (from 2021)
    "19A",  # sexual abuse, by whom unsaid (retired in 2021, still filed)
    "19B",  # sexual abuse, child on child (from 2021)
    "19C",  # sexual abuse, adult on child (from 2021)
    "1A",  # alcohol misuse: the child
    "1B",  # alcohol misuse: a parent or carer
    "1C",  # alcohol misuse: another person in the household
    "20",  # other
    "21",  # no factors identified, and no further action
    "22A",  # female genital mutilation
    "23A",  # abuse linked to faith or belief
    "24A",  # child criminal exploitation (from 2022)
    "2A",  # drug misuse: the child
    "2B",  # drug misuse: a parent or carer
    "2C",  # drug misuse: another person in the household
    "3A",  # domestic violence: the child
    "3B",  # domestic violence: a parent or carer
    "3C",  # domestic violence: another person in the household
    "4A",  # mental health: the child
    "4B",  # mental health: a parent or carer
    "4C",  # mental health: another person in the household
    "5A",  # learning disability: the child
    "5B",  # learning disability: a parent or carer
    "5C",  # learning disability: another person in the household
    "6A",  # physical disability or illness: the child
    "6B",  # physical disability or illness: a parent or carer
    "6C",  # physical disability or illness: another person in the household
    "7A",  # young carer
    "8B",  # privately fostered: from overseas, to return
    "8C",  # privately fostered: from overseas, to stay
    "8D",  # privately fostered: in education in the United Kingdom
    "8E",  # privately fostered: alternative family arrangements
    "8F",  # privately fostered: other
    "9A",  # unaccompanied asylum-seeking child
]
"""Factors identified at the end of an assessment."""

Factors = Annotated[
    tuple[Factor, ...], Field(max_length=44, json_schema_extra=ASCENDING), AfterValidator(ascending)
]
"""An assessment's factors, each once: they are never summed to children."""

ReferralSource = Literal[
    "10",  # unknown
    "1A",  # family member, relative or carer
    "1B",  # acquaintance, neighbours and child minders included
    "1C",  # the child
    "1D",  # another individual, strangers included
    "2A",  # schools
    "2B",  # education services
    "3A",  # general practitioner
    "3B",  # health visitor
    "3C",  # school nurse
    "3D",  # other primary health services
    "3E",  # accident and emergency
    "3F",  # other health services, a hospice for example
    "4",  # housing
    "5A",  # social care of the authority, for adults for example
    "5B",  # another department of the authority, youth offending for example
    "5C",  # another authority's services
    "5D",  # early help (from 2023)
    "6",  # police
    "7",  # courts, probation, immigration, CAFCASS, prison
    "8",  # children's centres, independent and voluntary organisations
    "9",  # anonymous
]

PrimaryNeed = Literal[
    "N0",  # not stated
    "N1",  # abuse, neglect (and, from 2026, exploitation)
    "N2",  # the child's disability
    "N3",  # parental disability or illness
    "N4",  # family in acute stress
    "N5",  # family dysfunction
    "N6",  # socially unacceptable behaviour
    "N7",  # low income
    "N8",  # absent parenting
    "N9",  # cases other than children in need
]

ClosureReason = Literal[
    "RC1",  # adopted
    "RC2",  # died
    "RC3",  # child arrangements order
    "RC4",  # special guardianship order
    "RC5",  # transferred to another authority
    "RC6",  # transferred to adult social care
    "RC7",  # services ceased for any other reason, no longer in need included
    "RC8",  # closed after assessment, no further action
    "RC9",  # closed after assessment, referred to early help (from 2023)
]

CategoryOfAbuse = Literal[
    "EMO",  # emotional
    "MUL",  # multiple (not recommended)
    "NEG",  # neglect
    "PHY",  # physical
    "SAB",  # sexual
]

Disability = Literal[
    "AUT",  # autism
    "BEH",  # behaviour
    "COMM",  # communication
    "CON",  # consciousness
    "DDA",  # other
    "HAND",  # hand function
    "HEAR",  # hearing
    "INC",  # incontinence
    "LD",  # learning
    "MOB",  # mobility
    "NONE",  # no disability
    "PC",  # personal care
    "VIS",  # vision
]

Disabilities = Annotated[
    tuple[Disability, ...],
    Field(max_length=13, json_schema_extra=ASCENDING),
    AfterValidator(ascending),
]

InNeed = Literal["yes", "no", "unknown"]
InNeedBasis = Literal[
    "recorded",  # the source says so itself
    "plan-followed",  # a plan followed the assessment
    "closure-reason",  # closed after assessment (RC8, RC9)
    "no-factors",  # factor 21
    "not-stated",
]
"""How it is known whether an assessment found a child in need: the CIN Census does not ask."""

DaysFromBirth = Literal["before-birth", "within-28-days", "within-1-year", "over-1-year", "unknown"]
"""How long after birth a plan started; within 28 days counts as around birth."""

Weeks = Annotated[int, Field(ge=0, le=45)]
"""Completed weeks of pregnancy."""

Level = Literal["low", "medium", "high", "unknown"]
"""A level of risk as the agencies named it together; never computed."""

ThresholdRating = Literal["blue", "green", "amber", "red"]
"""A front door's rating, as London's continuum of need has it."""

ServiceLevel = Literal[
    "universal", "early-help", "child-in-need", "child-protection", "looked-after"
]

Agency = Literal[
    "adult-social-care",
    "cafcass",
    "childrens-social-care",
    "early-help",
    "education",
    "health",
    "housing",
    "immigration",
    "other",
    "police",
    "probation",
    "voluntary-sector",
    "youth-justice",
]
"""What kind of agency; which body it is stands in the agreement and the source."""

Agencies = Annotated[
    tuple[Agency, ...], Field(max_length=13, json_schema_extra=ASCENDING), AfterValidator(ascending)
]

LateReason = Literal[
    "agency-capacity",
    "agency-did-not-attend",
    "child-or-family",
    "information-awaited",
    "late-request",
    "not-recorded",
    "other",
    "venue-or-administration",
]

LegalStatus = Literal[
    "C1", "C2", "D1", "E1", "J1", "J2", "J3", "L1", "L2", "L3", "V2", "V3", "V4"
]  # fmt: skip
"""Legal status of a looked-after child, by SSDA903 code."""

CareNeed = Literal["N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8"]

ReasonForNewEpisode = Literal["B", "L", "P", "S", "T", "U"]

PlacementType = Literal[
    "A3", "A4", "A5", "A6", "H5", "K1", "K2", "K3", "P1", "P2", "P3", "R1", "R2", "R3", "R5",
    "S1", "T0", "T1", "T2", "T3", "T4", "U1", "U2", "U3", "U4", "U5", "U6", "Z1", "Z11", "Z12",
    "Z13", "Z14",
]  # fmt: skip
"""Placement, by SSDA903 code of any year since 2017."""

PlacementProvider = Literal["PR0", "PR1", "PR2", "PR3", "PR4", "PR5"]

ReasonForPlacementChange = Literal[
    "ALLEG", "APPRR", "CARPL", "CHILD", "CLOSE", "CREQB", "CREQO", "CUSTOD", "LAREQ", "OTHER",
    "PLACE", "STAND",
]  # fmt: skip

ReasonCareCeased = Literal[
    "E11", "E12", "E13", "E14", "E15", "E16", "E17", "E2", "E3", "E41", "E43", "E44", "E45",
    "E46", "E47", "E48", "E4A", "E4B", "E5", "E6", "E7", "E8", "E9", "X1",
]  # fmt: skip
"""Why a period of care or an episode of it ceased, by SSDA903 code of any year since 2017."""

HostTold = Literal["before-move", "after-move", "not-told", "not-required", "unknown"]
"""Whether the authority that a child moves into was told; the returns do not say."""
