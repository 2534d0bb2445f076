"""What of a view is asked for: a year, a borough, a period, a cut, and as of when."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from domain.values import DAY_PATTERN, LONDON, day_of, instant_of
from services.periods import Kind
from services.views import Cut

DEFAULT_PERIOD: Kind = "rolling-12"


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show; None for all, or as by default.

    `year` is one to 31 March, by the year it ends in. `as_of` is a recorded instant, or a London
    day and all of it; `occurred_to` the last London day on which what is counted happened.
    """

    year: int | None = None
    borough: str | None = None
    period: Kind | None = None
    cut: Cut | None = None
    as_of: str | None = None
    occurred_to: str | None = None

    def texts(self) -> dict[str, str]:
        """Give the filters that were set, as text, for the answer and the record of the read."""
        named = {
            "as_of": self.as_of,
            "borough": self.borough,
            "cut": self.cut,
            "occurred_to": self.occurred_to,
            "period": self.period,
            "year": None if self.year is None else str(self.year),
        }
        return {name: value for name, value in named.items() if value is not None}

    def days(self) -> tuple[datetime.date | None, datetime.date | None]:
        """Give the first and last London day of the year asked for, up to what occurred."""
        until = None if self.occurred_to is None else day_of(self.occurred_to)
        if self.year is None:
            return None, until
        end = datetime.date(self.year, 3, 31)
        return datetime.date(self.year - 1, 4, 1), end if until is None else min(end, until)

    def as_of_ms(self) -> int | None:
        """Give the last millisecond of what is asked as of; None for now."""
        return None if self.as_of is None else as_of_ms(self.as_of)


def as_of_ms(text: str) -> int:
    """Read a recorded date or instant: what was recorded until its end; raises ValueError.

    A date is a London day, and the whole of it counts.
    """
    if re.fullmatch(DAY_PATTERN, text):
        following = day_of(text) + datetime.timedelta(days=1)
        end = datetime.datetime.combine(following, datetime.time(), tzinfo=LONDON)
        return int(end.timestamp() * 1000) - 1
    moment = instant_of(text)
    if moment.tzinfo is None:
        raise ValueError("an instant has an offset")
    return int(moment.timestamp() * 1000)
