"""The indicators of the themes that are about what happens to children: 18 to 39."""

from __future__ import annotations

from typing import Final

from projections.indicators import (
    CASE_SYSTEM,
    CENSUS,
    POLICE,
    TOOL,
    Indicator,
    at_the_end,
    children,
    count,
    episodes,
    events,
    per_1000_assessed,
    share,
)
from projections.indicators_protection import CATEGORIES
from projections.projection import Recurrence

_OFTEN_MISSING: Final = Recurrence(frozenset({"missing"}), within_days=90, at_least=2)
_LEVELS: Final = ("high", "medium", "low", "unknown")

_KNIVES: Final = (
    Indicator(
        18,
        "knife-crime-and-gangs",
        "Weapon offences, and those under 18 in them",
        POLICE,
        (
            count("", events("weapon")),
            count("suspects-under-18", children("weapon:suspect-under-18"), "weapon"),
            count("victims-under-18", children("weapon:victim-under-18"), "weapon"),
        ),
        reported_as=("weapon-offences",),
        first=True,
    ),
    Indicator(
        19,
        "knife-crime-and-gangs",
        "Injury victims aged 1 to 24, outside domestic abuse",
        POLICE,
        (count("", children("weapon:injured-1-24"), "weapon"),),
    ),
    Indicator(
        20,
        "knife-crime-and-gangs",
        "First-time entrants to youth justice",
        "each borough's youth justice service",
        (count("", children("first-time-entrant")),),
        reported_as=("first-time-entrants",),
        says="A count: the children aged 10 to 17 that a rate would need are not registered.",
    ),
    Indicator(
        21,
        "knife-crime-and-gangs",
        "Proven reoffending, aged 15 to 17",
        TOOL,
        reported_as=("reoffending-15-17",),
    ),
    Indicator(
        22,
        "knife-crime-and-gangs",
        "Gangs (13A), per 1,000 assessed",
        CENSUS,
        (per_1000_assessed("", "13A"),),
        first=True,
    ),
    Indicator(
        23,
        "knife-crime-and-gangs",
        "Hospital attendances after an assault, aged 10 to 17",
        "hospital trusts",
        reported_as=("assault-attendances-10-17",),
    ),
    Indicator(
        24,
        "knife-crime-and-gangs",
        "Exclusions and suspensions over a weapon",
        "schools, through each borough's education service",
        (
            count("", events("exclusion:weapon")),
            count("permanent", events("exclusion:weapon:permanent"), "exclusion:weapon"),
            count("suspension", events("exclusion:weapon:suspension"), "exclusion:weapon"),
        ),
        reported_as=("weapon-exclusions",),
    ),
)
_EXPLOITATION: Final = (
    Indicator(
        25,
        "exploitation",
        "Open cases before the exploitation meeting, by level",
        "each borough's multi-agency child exploitation panel",
        (
            count("", at_the_end("mace", *_LEVELS)),
            *(count(level, at_the_end("mace", level)) for level in _LEVELS),
        ),
    ),
    Indicator(
        26,
        "exploitation",
        "Sexual exploitation, trafficking, criminal exploitation, per 1,000 assessed",
        CENSUS,
        tuple(per_1000_assessed(one.lower(), one) for one in ("11A", "12A", "24A")),
        first=True,
        says="24A came with the census of 2022: read it with its comparability flag.",
    ),
    Indicator(
        27,
        "exploitation",
        "Missing episodes, and children missing three times in 90 days",
        "each borough's case system, or the police command",
        (
            count("", events("missing")),
            count("three-times-in-90-days", children("missing", way=_OFTEN_MISSING)),
        ),
        first=True,
        says="Missing and absent are never added together.",
    ),
    Indicator(
        28,
        "exploitation",
        "Return interviews within 72 hours",
        CASE_SYSTEM,
        (share("", events("return-interview-held:within-72-hours"), events("missing-ended")),),
    ),
    Indicator(
        29,
        "exploitation",
        "Referrals of children to the national mechanism",
        "first responders; the Home Office publishes counts",
        (count("", events("nrm-referral")),),
        reported_as=("nrm-referrals",),
    ),
    Indicator(
        30,
        "exploitation",
        "Exploited children moved out of the area, and whether the host was told",
        "each borough's case system: no return says whether the host was told",
    ),
)
_DOMESTIC_ABUSE: Final = (
    Indicator(
        31,
        "domestic-abuse",
        "Police notifications with a child, repeats at one address",
        POLICE,
        (
            count("", events("da-notification")),
            share("repeat", events("da-notification:repeat"), events("da-notification")),
        ),
        reported_as=("notifications-with-a-child",),
    ),
    Indicator(
        32,
        "domestic-abuse",
        "Conferences on domestic abuse (MARAC) with children",
        "each borough's MARAC co-ordinator",
        (
            count("", events("marac")),
            share("repeat", events("marac:repeat"), events("marac")),
        ),
        reported_as=("marac-with-children",),
    ),
    Indicator(
        33,
        "domestic-abuse",
        "Schools told before the next school day (Encompass)",
        "the police command, or schools",
        (share("", events("encompass:on-time"), events("encompass:on-time", "encompass:late")),),
    ),
    Indicator(
        34,
        "domestic-abuse",
        "Domestic abuse of child, parent, another person: share of the assessed",
        CENSUS,
        tuple(
            share(one.lower(), episodes(f"factor:{one}"), episodes("factor:any"))
            for one in ("3A", "3B", "3C")
        ),
        first=True,
    ),
)
_YOUNGEST: Final = (
    Indicator(
        35,
        "pre-birth-and-neglect",
        "Referrals before birth, and assessments done by their target",
        "each borough's CIN Census return for referrals; its case system, or maternity services",
        (
            count("", episodes("unborn-referral"), "referral"),
            share(
                "assessed-by-target",
                events("pre-birth-assessment:on-time"),
                events("pre-birth-assessment:on-time", "pre-birth-assessment:late"),
            ),
        ),
    ),
    Indicator(
        36,
        "pre-birth-and-neglect",
        "Plans before or within 28 days of birth",
        CENSUS,
        (
            count("", children("plan-started:by-28-days"), "plan-started"),
            count("before-birth", children("plan-started:before-birth"), "plan-started"),
        ),
        first=True,
    ),
    Indicator(
        37,
        "pre-birth-and-neglect",
        "Neglect: its share of plans, and of the assessed (16A)",
        CENSUS,
        (
            share("initial-category", events("plan-started:NEG"), events("plan-started")),
            share("at-the-end", at_the_end("plan", "NEG"), at_the_end("plan", *CATEGORIES)),
            share("16a", episodes("factor:16A"), episodes("factor:any")),
        ),
        first=True,
    ),
    Indicator(
        38,
        "pre-birth-and-neglect",
        "Health visitors' new-birth visits and reviews in time",
        "child health information services",
        reported_as=("new-birth-visits", "two-year-reviews"),
    ),
    Indicator(
        39,
        "pre-birth-and-neglect",
        "Severe persistent absence of children in need or on a plan",
        TOOL,
        reported_as=("severe-persistent-absence",),
    ),
)
HAPPENING: Final = (*_KNIVES, *_EXPLOITATION, *_DOMESTIC_ABUSE, *_YOUNGEST)
