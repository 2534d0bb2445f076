"""The code lists of police, health, schools, youth justice and the exploitation meetings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from domain.vocabulary.order import ASCENDING, ascending

ExclusionReason = Literal[
    "AB",  # misandry
    "AR",  # alcohol
    "BU",  # bullying
    "BW",  # brought a weapon or prohibited item into school
    "CB",  # persistent disruption: challenging behaviour
    "DA",  # drugs and alcohol
    "DB",  # persistent or general disruptive behaviour
    "DM",  # damage to property
    "DR",  # drugs
    "DS",  # abuse relating to disability
    "LD",  # persistent disruption: low level
    "LG",  # abuse against sexual orientation and gender identity
    "MB",  # misogyny
    "MP",  # mobile phone
    "MT",  # inappropriate use of social media or online technology
    "OS",  # misbehaviour outside school
    "OT",  # other (retired)
    "OW",  # use or threat of use of an offensive weapon or prohibited item
    "PA",  # physical assault against an adult
    "PH",  # transgression of measures to protect public health
    "PP",  # physical assault against a pupil
    "RA",  # racist abuse
    "SB",  # harmful sexual behaviour
    "SM",  # sexual misconduct
    "SR",  # smoking
    "TB",  # threatening behaviour online
    "TH",  # theft
    "VA",  # verbal abuse or threats against an adult
    "VP",  # verbal abuse or threats against a pupil
    "VR",  # vaping
]
"""Why a pupil was suspended or excluded, by the school census's code of any year."""

ExclusionReasons = Annotated[
    tuple[ExclusionReason, ...],
    Field(min_length=1, max_length=3, json_schema_extra=ASCENDING),
    AfterValidator(ascending),
]
"""A school gives up to three reasons."""

Weapon = Literal["knife", "other-bladed", "firearm", "corrosive", "blunt", "other", "unknown"]
WeaponOffence = Literal["possession", "threat", "use"]
Injury = Literal["none", "minor", "serious", "fatal", "unknown"]
Setting = Literal["street", "home", "school", "transport", "park", "online", "other", "unknown"]

AttendanceCause = Literal[
    "assault-bladed", "assault-firearm", "assault-other", "overdose", "self-harm", "other"
]

YouthOutcome = Literal[
    "community-resolution",
    "custody",
    "diversion",
    "not-proceeded-with",
    "other",
    "referral-order",
    "youth-caution",
    "youth-conditional-caution",
    "youth-rehabilitation-order",
]
OffenceGroup = Literal[
    "domestic-abuse", "drugs", "other", "robbery", "sexual", "violence", "weapons"
]

Exploitation = Literal[
    "county-lines",
    "criminal",
    "forced-labour",
    "modern-slavery",
    "other",
    "radicalisation",
    "sexual",
    "trafficking",
]
Exploitations = Annotated[
    tuple[Exploitation, ...],
    Field(max_length=8, json_schema_extra=ASCENDING),
    AfterValidator(ascending),
]
"""The kinds of exploitation that are feared or found, each once."""

Standing = Literal["victim", "offender", "victim-and-offender", "unknown"]
"""How a MACE meeting sees the child; its other two views, location and theme, are of no child."""

Place = Literal[
    "food-outlet",
    "hotel-or-short-let",
    "licensed-premises",
    "online",
    "other",
    "park-or-open-space",
    "private-address",
    "school-or-college",
    "shop",
    "street-or-estate",
    "transport",
]
"""What kind of place a location concern is about."""
