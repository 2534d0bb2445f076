"""The indicators of the front door and of what follows from it: 1 to 11."""

from __future__ import annotations

from typing import Final

from projections.indicators import (
    CASE_SYSTEM,
    CENSUS,
    Indicator,
    Line,
    again,
    children,
    count,
    episodes,
    events,
    per_10_000,
    share,
)
from projections.thresholds import CHANGED, RATINGS

_MASH: Final = "each borough's multi-agency safeguarding hub"


def _changed_to(rating: str) -> Line:
    """Ratings that were another one at first; both stand in one stream."""
    final = events(*(f"rating-final:{one}" for one in RATINGS))
    return share(f"to-{rating}", events(f"rating-final:{rating}", way=CHANGED), final)


THRESHOLDS: Final = (
    Indicator(
        1, "thresholds", "Contacts to the front door", CASE_SYSTEM, (count("", events("contact")),)
    ),
    Indicator(
        2,
        "thresholds",
        "Referrals per 10,000 children",
        CENSUS,
        (per_10_000("", episodes("referral")),),
        first=True,
    ),
    Indicator(
        3,
        "thresholds",
        "Contacts that become a referral",
        CASE_SYSTEM,
        (share("", events("contact:referral"), events("contact")),),
        says="By what the source says became of a contact, however long that took.",
    ),
    Indicator(
        4,
        "thresholds",
        "Referrals with no further action",
        CENSUS,
        (share("", episodes("referral:nfa"), episodes("referral:decided")),),
    ),
    Indicator(
        5,
        "thresholds",
        "Assessed, and found not in need",
        CENSUS,
        (
            share("", episodes("assessment:not-in-need"), episodes("referral")),
            share("not-known", episodes("assessment:need-unknown"), episodes("referral")),
        ),
        says=(
            "The census does not ask: it is known from why a case was closed, or from factor 21. "
            "An episode counts in the year in which it was assessed."
        ),
    ),
    Indicator(
        6,
        "thresholds",
        "Referred again within 12 months",
        CENSUS,
        (
            share(
                "", again(episodes("referral"), "referral", within_days=365), episodes("referral")
            ),
            share(
                "as-the-source-counts",
                episodes("referral:again-within-12-months"),
                episodes("referral:again-asked"),
            ),
        ),
        first=True,
        says="In the first year that a borough published it is a lower bound.",
    ),
    Indicator(
        7,
        "thresholds",
        "Checks answered within the limit of their rating",
        _MASH,
        reported_as=("mash-checks-in-time",),
    ),
    Indicator(8, "thresholds", "Rating changed on review", _MASH, tuple(map(_changed_to, RATINGS))),
    Indicator(
        9,
        "thresholds",
        "Referrals with a usable form",
        _MASH,
        reported_as=("referral-forms-usable",),
    ),
    Indicator(
        10,
        "thresholds",
        "Stepped down, then up within 6 months",
        "each borough's case system and early help",
        (count("", again(children("case-stepped:up"), "case-stepped:down", within_days=183)),),
    ),
    Indicator(
        11,
        "thresholds",
        "Assessments within 45 working days of the referral",
        CENSUS,
        (share("", events("assessment:within-45-days"), events("assessment:timed")),),
        first=True,
    ),
)
