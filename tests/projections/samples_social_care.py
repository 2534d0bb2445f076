"""Sample events of social care, and the cells that each adds to."""

from __future__ import annotations

from typing import Final

from domain.vocabulary.assessment import AssessmentCompleted, AssessmentStarted
from domain.vocabulary.child_protection import (
    IcpcHeld,
    IcpcNotRequired,
    ProtectionPlanCategoryChanged,
    ProtectionPlanEnded,
    ProtectionPlanReviewed,
    ProtectionPlanStarted,
    Section47Started,
    StrategyDiscussionHeld,
)
from domain.vocabulary.front_door import (
    CaseStepped,
    ContactReceived,
    ReferralClosed,
    ReferralReceived,
    ThresholdRatingSet,
)
from domain.vocabulary.pre_birth import (
    ChildBorn,
    PreBirthAssessmentCompleted,
    UnbornReferralReceived,
)
from tests.projections.sample import DAY, Sample

SOCIAL_CARE: Final = (
    Sample(
        AssessmentCompleted,
        {"authorisation_date": DAY},
        "assessment assessment:in-need factor:any factor:13A factor:16A",
        {"factors": ("13A", "16A"), "in_need": "yes", "age_band": "5-9"},
    ),
    Sample(
        AssessmentCompleted,
        {"authorisation_date": DAY},
        "assessment assessment:not-in-need factor:any factor:16A factor:3B factor:any:unborn "
        "factor:16A:unborn",
        {"factors": ("16A", "3B"), "in_need": "no", "age_band": "unborn"},
        "unborn-child",
    ),
    Sample(
        AssessmentCompleted,
        {"authorisation_date": DAY},
        "assessment assessment:need-unknown factor:any factor:21",
        {"factors": ("21",)},
    ),
    Sample(AssessmentCompleted, {"authorisation_date": DAY}, "assessment assessment:need-unknown"),
    Sample(
        AssessmentCompleted,
        {"authorisation_date": DAY, "referral_date": "2023-01-30"},  # 45 working days before
        "assessment assessment:need-unknown assessment:timed assessment:within-45-days",
    ),
    Sample(
        AssessmentCompleted,
        {"authorisation_date": DAY, "referral_date": "2023-01-27"},
        "assessment assessment:need-unknown assessment:timed",
    ),
    Sample(AssessmentStarted, {"start_date": DAY}, ""),
    Sample(ContactReceived, {}, "contact"),
    Sample(ContactReceived, {"outcome": "referral"}, "contact contact:referral"),
    Sample(
        ContactReceived,
        {"family_view_recorded": True, "outcome": "mash-check"},
        "contact contact:mash-check contact:family-view-asked contact:family-view-recorded",
    ),
    Sample(ContactReceived, {"family_view_recorded": False}, "contact contact:family-view-asked"),
    Sample(ReferralReceived, {}, "referral"),
    Sample(
        ReferralReceived,
        {"no_further_action": True, "family_view_recorded": True},
        "referral referral:decided referral:nfa referral:family-view-asked "
        "referral:family-view-recorded referral:again-asked referral:again-within-12-months",
        {"referrals_in_12_months": 2},
    ),
    Sample(
        ReferralReceived,
        {"no_further_action": False},
        "referral referral:decided referral:again-asked",
        {"referrals_in_12_months": 0},
    ),
    Sample(ReferralClosed, {"outcome": "no-further-action"}, "referral:decided referral:nfa"),
    Sample(ReferralClosed, {"outcome": "assessment"}, "referral:decided"),
    Sample(UnbornReferralReceived, {}, "referral unborn-referral", {}, "unborn-child"),
    Sample(CaseStepped, {"direction": "up"}, "case-stepped:up"),
    Sample(CaseStepped, {"direction": "down"}, "case-stepped:down"),
    *(
        Sample(
            ThresholdRatingSet,
            {"rating": one, "stage": "first", "agency": "police"},
            " ".join(
                f"rating-first-not:{other}"
                for other in ("blue", "green", "amber", "red")
                if other != one
            ),
        )
        for one in ("blue", "green", "amber", "red")
    ),
    *(
        Sample(
            ThresholdRatingSet,
            {"rating": one, "stage": "final", "agency": "health"},
            f"rating-final:{one} rating-final:{one}:by-health",
        )
        for one in ("blue", "green", "amber", "red")
    ),
    Sample(StrategyDiscussionHeld, {"held": DAY}, "strategy-discussion"),
    Sample(
        StrategyDiscussionHeld,
        {
            "held": "2023-04-03T10:00:00Z",
            "due": "2023-04-03T10:00:00+01:00",
            "late_reason": "agency-capacity",
            "late_agency": "police",
        },
        "strategy-discussion strategy-discussion:late strategy-discussion:late:agency-capacity "
        "strategy-discussion:late-for:police",
    ),
    Sample(
        StrategyDiscussionHeld,
        {"held": "2023-04-03T10:00:00Z", "due": DAY, "late_agency": "police"},
        "strategy-discussion strategy-discussion:on-time",
    ),
    Sample(Section47Started, {"start_date": DAY}, "section47"),
    Sample(
        IcpcHeld,
        {"held": "2023-04-04", "target_date": DAY, "outcome": "plan"},
        "icpc icpc:plan icpc:late",
    ),
    Sample(IcpcHeld, {"held": DAY, "due": DAY, "outcome": "not-recorded"}, "icpc icpc:on-time"),
    Sample(
        IcpcHeld,
        {"held": "2023-04-28", "section47_start_date": DAY, "outcome": "no-plan"},
        "icpc icpc:no-plan icpc:timed",
    ),
    Sample(
        IcpcHeld,
        {"held": "2023-04-26", "section47_start_date": DAY},
        "icpc icpc:timed icpc:within-15-days",
    ),
    Sample(IcpcNotRequired, {}, "icpc-not-required"),
    Sample(
        ProtectionPlanStarted,
        {"start_date": DAY},
        "plan-started plan-started:NEG plan-started:NEG:unborn plan-started:by-28-days "
        "plan-started:before-birth plan-started:previous-said plan plan:NEG plan:NEG:unborn",
        {
            "category": "NEG",
            "age_band": "unborn",
            "days_from_birth": "before-birth",
            "previous_plans": 0,
        },
    ),
    Sample(
        ProtectionPlanStarted,
        {},
        "plan-started plan-started:NEG plan-started:NEG:under-1 plan-started:by-28-days "
        "plan-started:previous-said plan-started:not-the-first plan plan:NEG plan:NEG:under-1",
        {
            "category": "NEG",
            "age_band": "under-1",
            "days_from_birth": "within-28-days",
            "previous_plans": 1,
        },
    ),
    Sample(
        ProtectionPlanStarted,
        {},
        "plan-started plan-started:NEG plan-started:NEG:1-4 plan plan:NEG plan:NEG:1-4",
        {"category": "NEG", "age_band": "1-4", "days_from_birth": "over-1-year"},
    ),
    Sample(
        ProtectionPlanStarted,
        {},
        "plan-started plan-started:EMO plan plan:EMO",
        {"category": "EMO", "age_band": "10-15"},
    ),
    Sample(ProtectionPlanStarted, {}, "plan-started plan-started:unknown plan plan:unknown"),
    Sample(ProtectionPlanCategoryChanged, {}, "plan plan:EMO", {"category": "EMO"}),
    Sample(
        ProtectionPlanEnded, {"end_date": DAY}, "plan plan:ended plan-ended", {"category": "NEG"}
    ),
    Sample(
        ProtectionPlanEnded,
        {"end_date": DAY, "start_date": "2021-04-04"},
        "plan plan:ended plan-ended plan-ended:timed",
    ),
    Sample(
        ProtectionPlanEnded,
        {"end_date": DAY, "start_date": "2021-04-03"},
        "plan plan:ended plan-ended plan-ended:timed plan-ended:after-2-years",
    ),
    Sample(ProtectionPlanReviewed, {"review_date": DAY}, "plan-review"),
    Sample(
        ProtectionPlanReviewed,
        {"review_date": DAY, "start_date": "2023-01-03"},
        "plan-review plan-review:within-3-months",
    ),
    Sample(
        ProtectionPlanReviewed,
        {"review_date": DAY, "start_date": "2023-01-02"},
        "plan-review plan-review:later",
    ),
    Sample(
        PreBirthAssessmentCompleted,
        {"completion_date": DAY, "target_date": DAY},
        "pre-birth-assessment pre-birth-assessment:on-time",
        {},
        "unborn-child",
    ),
    Sample(
        PreBirthAssessmentCompleted,
        {"completion_date": "2023-04-04", "target_date": DAY},
        "pre-birth-assessment pre-birth-assessment:late",
        {},
        "unborn-child",
    ),
    Sample(ChildBorn, {}, "child-born child-born:plan-in-place", {"plan_in_place": True}),
)
