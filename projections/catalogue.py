"""Every projection there is, one line each; nothing is discovered."""

from __future__ import annotations

from typing import Final

from projections.accesses import ACCESSES
from projections.assessments import ASSESSMENTS
from projections.births import BIRTHS
from projections.breaks import BREAKS
from projections.contacts import CONTACTS
from projections.domestic_abuse import DOMESTIC_ABUSE
from projections.enquiries import ENQUIRIES
from projections.erasures import ERASURES
from projections.explanations import EXPLANATIONS
from projections.exploitation import EXPLOITATION
from projections.feed_health import FEED_HEALTH
from projections.figures import FIGURES
from projections.in_file import IN_FILE
from projections.load_days import LOAD_DAYS
from projections.loads import LOADS
from projections.missing import MISSING
from projections.placements import PLACEMENTS
from projections.projection import Projections
from projections.protection_plans import PROTECTION_PLANS
from projections.referrals import REFERRALS
from projections.serious_violence import SERIOUS_VIOLENCE
from projections.thresholds import THRESHOLDS

PROJECTIONS: Final = Projections.of(
    ACCESSES,
    ASSESSMENTS,
    BIRTHS,
    BREAKS,
    CONTACTS,
    DOMESTIC_ABUSE,
    ENQUIRIES,
    ERASURES,
    EXPLANATIONS,
    EXPLOITATION,
    FEED_HEALTH,
    FIGURES,
    IN_FILE,
    LOADS,
    LOAD_DAYS,
    MISSING,
    PLACEMENTS,
    PROTECTION_PLANS,
    REFERRALS,
    SERIOUS_VIOLENCE,
    THRESHOLDS,
)
