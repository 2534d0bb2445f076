"""Makes CIN Census files of invented children whose factor totals equal a published table.

For trying the whole hub without anybody's data: counts by factor are those that were published,
everything else is drawn by chance that repeats from a seed. Some children are known to two of the
table's authorities; each file is written without the other and they still agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import BinaryIO

from adapters.returns.invented_families import Inventor
from adapters.returns.invented_markup import END, beginning, child_markup
from adapters.returns.invented_shapes import InventedChild, InventedEpisode
from adapters.returns.published_figures import Authority, PublishedTable
from domain.errors import NotFound

_SEED = 1


@dataclass(frozen=True, slots=True)
class InventedCounts:
    """What a file that was written holds. Children, episodes and records, not figures of theirs.

    `assessed_episodes` are those with a factor (or code 21) authorised in the year;
    `assessed_twice` of them with two assessments; `brothers_and_sisters` counts families of more
    than one child; `shared` counts children who stand in another authority's file as well.
    """

    children: int
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


def write_invented_return(
    target: BinaryIO,
    figures: PublishedTable,
    *,
    year: int,
    authority: Authority,
    seed: int = _SEED,
) -> InventedCounts:
    """Write one authority's return of the year to 31 March `year`, and count what is in it.

    The same figures, year, authority and seed give the same bytes. Files of one run must be given
    the same figures and seed, else the children whom two authorities know differ. Raises NotFound
    where the figures have no such authority in that year.
    """
    if authority not in figures.authorities(year):
        raise NotFound("authority in the published figures of this year")
    inventor = Inventor.of(figures, year=year, authority=authority, seed=seed)
    tally: Counter[str] = Counter()
    target.write(beginning(year, authority.code).encode())
    for family in inventor.families():
        tally["brothers_and_sisters"] += len(family) > 1
        for child, episodes in family:
            target.write(child_markup(child, episodes, census=inventor.census).encode())
            _count(child, episodes, tally=tally)
    target.write(END.encode())
    tally["shared"] = len(inventor.seats)
    return InventedCounts(**{each.name: tally[each.name] for each in fields(InventedCounts)})


def _count(
    child: InventedChild, episodes: Sequence[InventedEpisode], *, tally: Counter[str]
) -> None:
    tally["children"] += 1
    tally["unborn"] += child.identity.expected is not None
    tally["with_upn"] += child.identity.upn is not None
    for each in episodes:
        factors = [assessment for assessment in each.assessments if assessment.codes]
        tally["episodes"] += 1
        tally["assessed_episodes"] += bool(factors)
        tally["assessed_twice"] += len(factors) > 1
        tally["turned_away"] += each.no_further_action
        tally["closed"] += each.closed is not None
        tally["assessments"] += len(each.assessments)
        tally["enquiries"] += each.enquiry is not None
        tally["conferences"] += each.conference is not None
        tally["child_in_need_plans"] += each.plan is not None
        tally["protection_plans"] += each.protection is not None
