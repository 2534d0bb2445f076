"""Sample events of police, health, schools and the meetings on exploitation, with their cells."""

from __future__ import annotations

from typing import Final

from domain.vocabulary.across_borders import CrossBorderMoveNotified
from domain.vocabulary.exploitation import (
    MaceCaseClosed,
    MaceReferralMade,
    MaceRiskRated,
    NrmReferralMade,
)
from domain.vocabulary.missing_and_care import (
    MissingEpisodeEnded,
    MissingEpisodeStarted,
    PlacementMoved,
    PlacementStarted,
    ReturnInterviewDeclined,
    ReturnInterviewHeld,
    ReturnInterviewOffered,
)
from domain.vocabulary.police_health_school import (
    DomesticAbuseNotified,
    EncompassNotified,
    MaracCaseHeard,
    SchoolExclusionRecorded,
    WeaponIncidentRecorded,
    YouthJusticeOutcomeRecorded,
)
from tests.projections.sample import DAY, Sample

AGENCIES: Final = (
    Sample(
        MissingEpisodeStarted,
        {"kind": "missing", "missing_from": "home"},
        "missing missing:from-home missing:third-in-90-days",
        {"episodes_in_90_days": 3},
    ),
    Sample(
        PlacementStarted,
        {"start_date": DAY},
        "placement-started placement-started:out-of-area",
        {"out_of_area": True},
    ),
    Sample(
        PlacementMoved,
        {"moved": DAY},
        "placement-moved placement-moved:out-of-area",
        {"out_of_area": True},
    ),
    Sample(PlacementMoved, {"moved": DAY}, "placement-moved", {"out_of_area": False}),
    Sample(CrossBorderMoveNotified, {"from_la": "311", "to_la": "317"}, "move-notified"),
    Sample(MissingEpisodeStarted, {"kind": "absent"}, "absent", {"episodes_in_90_days": 2}),
    Sample(MissingEpisodeEnded, {"kind": "missing", "ended": DAY}, "missing-ended"),
    Sample(MissingEpisodeEnded, {"kind": "absent", "ended": DAY}, "absent-ended"),
    Sample(ReturnInterviewOffered, {"offered": DAY}, "return-interview-offered"),
    Sample(ReturnInterviewDeclined, {}, "return-interview-declined"),
    Sample(ReturnInterviewHeld, {"held": DAY}, "return-interview-held"),
    Sample(
        ReturnInterviewHeld,
        {"held": "2023-03-28T23:30:00+01:00", "episode_ended": "2023-03-25T22:30:00Z"},
        "return-interview-held return-interview-held:within-72-hours",
    ),
    Sample(
        ReturnInterviewHeld,
        {"held": "2023-03-28T23:30:01+01:00", "episode_ended": "2023-03-25T22:30:00Z"},
        "return-interview-held",
    ),
    Sample(MaceReferralMade, {}, "mace mace:high mace-referral", {"level": "high"}, "victim"),
    Sample(MaceReferralMade, {}, "mace mace:unknown mace-referral"),
    Sample(MaceRiskRated, {}, "mace mace:medium", {"level": "medium"}),
    Sample(MaceRiskRated, {}, "mace mace:low", {"level": "low"}),
    Sample(MaceCaseClosed, {}, "mace mace:closed", {"level": "low"}),
    Sample(
        NrmReferralMade,
        {"referred": DAY},
        "nrm-referral nrm-referral:county-lines nrm-referral:criminal",
        {"exploitation": ("county-lines", "criminal")},
    ),
    Sample(
        DomesticAbuseNotified,
        {"repeat_within_12_months": True},
        "da-notification da-notification:repeat",
    ),
    Sample(DomesticAbuseNotified, {}, "", {}, "suspect"),
    Sample(
        EncompassNotified,
        {"incident": DAY, "notified": DAY, "next_school_start": "2023-04-03T08:30:00Z"},
        "encompass encompass:on-time",
    ),
    Sample(
        EncompassNotified,
        {"incident": DAY, "notified": "2023-04-04", "next_school_start": "2023-04-03T08:30:00Z"},
        "encompass encompass:late",
    ),
    Sample(EncompassNotified, {"incident": DAY, "notified": DAY}, "encompass"),
    Sample(MaracCaseHeard, {"held": DAY, "repeat": True}, "marac marac:repeat"),
    Sample(MaracCaseHeard, {"held": DAY}, "", {}, "parent-carer"),
    Sample(
        WeaponIncidentRecorded,
        {"offence": "use", "weapon": "knife"},
        "weapon weapon:use weapon:victim-under-18 weapon:injured-1-24",
        {"age_band": "16-17", "injury": "serious"},
        "victim",
    ),
    Sample(
        WeaponIncidentRecorded,
        {"offence": "threat", "weapon": "knife", "domestic": True},
        "weapon weapon:threat weapon:domestic",
        {"age_band": "18-24", "injury": "minor"},
        "victim",
    ),
    Sample(
        WeaponIncidentRecorded,
        {"offence": "possession", "weapon": "knife", "injury": "none"},
        "weapon weapon:possession weapon:suspect-under-18",
        {"age_band": "10-15"},
        "suspect",
    ),
    Sample(
        SchoolExclusionRecorded,
        {"kind": "permanent", "reasons": ("BW", "PP"), "start_date": DAY},
        "exclusion:weapon exclusion:weapon:permanent",
    ),
    Sample(
        SchoolExclusionRecorded,
        {"kind": "suspension", "reasons": ("OW",), "start_date": DAY},
        "exclusion:weapon exclusion:weapon:suspension",
    ),
    Sample(
        SchoolExclusionRecorded, {"kind": "suspension", "reasons": ("PP",), "start_date": DAY}, ""
    ),
    Sample(
        YouthJusticeOutcomeRecorded,
        {"offence_group": "weapons", "outcome": "youth-caution"},
        "first-time-entrant",
        {"first_time_entrant": True},
        "offender",
    ),
    Sample(YouthJusticeOutcomeRecorded, {"offence_group": "weapons", "outcome": "custody"}, ""),
)
