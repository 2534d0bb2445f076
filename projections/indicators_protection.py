"""The indicators of child protection, and of the agencies' work on it together: 12 to 17."""

from __future__ import annotations

from typing import Final

from projections.indicators import (
    CENSUS,
    PARTNERSHIP,
    Indicator,
    Line,
    again,
    at_the_end,
    count,
    events,
    per_10_000,
    share,
)

CATEGORIES: Final = ("EMO", "MUL", "NEG", "PHY", "SAB", "unknown")
_SIX_MONTHS: Final = 184
"""Days: no six months are longer."""

_REVIEWS: Final = events("plan-review:within-3-months", "plan-review:later")
_REVIEWS_IN_TIME: Final = Line(
    "",
    (
        events("plan-review:within-3-months"),
        again(events("plan-review:later"), "plan-review", within_days=_SIX_MONTHS),
    ),
    _REVIEWS,
)
_LATE: Final = events("strategy-discussion:late")

PROTECTION: Final = (
    Indicator(
        12,
        "cross-cutting",
        "Strategy discussions held in time, or late because of an agency",
        "each borough's case system: no return says when one was due",
        (
            share(
                "",
                events("strategy-discussion:on-time"),
                events("strategy-discussion:on-time", "strategy-discussion:late"),
            ),
            *(
                share(f"late-for-{agency}", events(f"strategy-discussion:late-for:{agency}"), _LATE)
                for agency in ("police", "health", "childrens-social-care", "education")
            ),
        ),
        first=True,
    ),
    Indicator(
        13,
        "cross-cutting",
        "Initial conferences within 15 working days of the enquiry",
        CENSUS,
        (share("", events("icpc:within-15-days"), events("icpc:timed")),),
    ),
    Indicator(
        14,
        "cross-cutting",
        "Section 47 enquiries, and what follows from them",
        CENSUS,
        (
            per_10_000("", events("section47")),
            share("to-conference", events("icpc"), events("section47")),
            share("conference-to-plan", events("icpc:plan"), events("icpc")),
        ),
        says="Of one year: a conference may follow an enquiry of the year before.",
    ),
    Indicator(
        15,
        "cross-cutting",
        "Child protection plans",
        CENSUS,
        (
            per_10_000("at-the-end", at_the_end("plan", *CATEGORIES)),
            count("started", events("plan-started")),
            share(
                "second-or-later",
                events("plan-started:not-the-first"),
                events("plan-started:previous-said"),
            ),
            share(
                "ended-after-2-years",
                events("plan-ended:after-2-years"),
                events("plan-ended:timed"),
            ),
        ),
        first=True,
    ),
    Indicator(
        16,
        "cross-cutting",
        "Reviews of child protection plans in time",
        CENSUS,
        (_REVIEWS_IN_TIME,),
        says=(
            "Of the reviews held: within 3 months of the plan's start, or within 6 months of the "
            "review before. A review that was never held is in no figure."
        ),
    ),
    Indicator(17, "cross-cutting", "Conflicts between agencies, and how they end", PARTNERSHIP),
)
