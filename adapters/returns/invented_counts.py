"""What an invented return holds, counted as it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from adapters.returns.invented_episodes import Span
from adapters.returns.invented_shapes import InventedChild, InventedEpisode


@dataclass(frozen=True, slots=True)
class InventedCounts:
    """What a file that was written holds. Children, episodes and records, not figures of theirs.

    `assessed_episodes` are those with a factor (or code 21) authorised in the year;
    `assessed_twice` of them with two assessments; `brothers_and_sisters` counts families of more
    than one child; `shared` counts children who stand in another authority's file as well;
    `continuing` those who stood in the return of the year before.
    """

    children: int
    continuing: int
    unborn: int
    with_upn: int
    shared: int
    brothers_and_sisters: int
    episodes: int
    assessed_episodes: int
    assessed_twice: int
    turned_away: int
    closed: int
    assessments: int
    enquiries: int
    conferences: int
    child_in_need_plans: int
    protection_plans: int


class Tally:
    """Counts one file."""

    def __init__(self, year: Span) -> None:
        """Count what was assessed in this year."""
        self._year = year
        self._found: Counter[str] = Counter()

    def add(self, what: str, number: int = 1) -> None:
        """Count something by its name among the counts."""
        self._found[what] += number

    def take(self, child: InventedChild, episodes: Sequence[InventedEpisode]) -> None:
        """Count one child with its episodes."""
        found = self._found
        found["children"] += 1
        found["unborn"] += child.identity.expected is not None
        found["with_upn"] += child.identity.upn is not None
        for each in episodes:
            factors = [one for one in each.assessments if one.codes and self._holds(one.authorised)]
            found["episodes"] += 1
            found["assessed_episodes"] += bool(factors)
            found["assessed_twice"] += len(factors) > 1
            found["turned_away"] += each.no_further_action
            found["closed"] += each.closed is not None
            found["assessments"] += len(each.assessments)
            found["enquiries"] += each.enquiry is not None
            found["conferences"] += each.conference is not None
            found["child_in_need_plans"] += each.plan is not None
            found["protection_plans"] += each.protection is not None

    def counts(self) -> InventedCounts:
        """Give what was counted."""
        return InventedCounts(
            **{each.name: self._found[each.name] for each in fields(InventedCounts)}
        )

    def _holds(self, day: date | None) -> bool:
        return day is not None and self._year.first <= day <= self._year.last
