"""Every indicator of the group's list, in its order."""

from __future__ import annotations

from typing import Final

from projections.indicators import PARTNERSHIP, TOOL, Indicator
from projections.indicators_protection import PROTECTION
from projections.indicators_themes import HAPPENING
from projections.indicators_thresholds import THRESHOLDS

_TOGETHER: Final = (
    Indicator(40, "cross-cutting", "Rapid reviews and practice reviews in time", PARTNERSHIP),
    Indicator(41, "cross-cutting", "Child deaths notified, reviewed, and what waits", PARTNERSHIP),
    Indicator(42, "cross-cutting", "Returns on duties, walkabouts, and open actions", PARTNERSHIP),
    Indicator(43, "cross-cutting", "Training together, and what changed by it", PARTNERSHIP),
    Indicator(44, "cross-cutting", "Audits together, and how far grades were moved", PARTNERSHIP),
    Indicator(
        45,
        "cross-cutting",
        "Workforce: agency staff, turnover, caseload",
        TOOL,
        reported_as=("agency-staff", "staff-turnover", "caseload"),
    ),
)
INDICATORS: Final = (*THRESHOLDS, *PROTECTION, *HAPPENING, *_TOGETHER)
