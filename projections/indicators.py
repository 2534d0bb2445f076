"""The indicators that the partners' group looks at: which are computed, reported, or not there yet.

*computed*: from events, as the lines say. *reported*: as a figure that a body publishes, under the
measures named. *no source yet*: the hub keeps nothing that answers it. An indicator is computed for
a borough only where its events have told of it; where they have not, that is said there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from projections import measures
from projections.projection import AtEnd, Recurrence, Way

Basis = Literal["computed", "reported", "no source yet"]
Unit = Literal["events", "episodes", "children"]
Theme = Literal[
    "knife-crime-and-gangs",
    "exploitation",
    "domestic-abuse",
    "pre-birth-and-neglect",
    "thresholds",
    "cross-cutting",
]


@dataclass(frozen=True, slots=True)
class Part:
    """Distinct events, episodes or children over a set of cells, counted in one way."""

    unit: Unit
    cells: frozenset[str]
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of an indicator.

    The parts of `counts` have nothing in common, so they may be added. `of` is what it is a share
    of; `per_population` sets it beside the children of the borough; neither: a plain count. `fed`
    are further cells whose events tell that somebody feeds it, so that nothing in it is a zero.
    """

    code: str
    """Empty for the indicator as a whole."""
    counts: tuple[Part, ...]
    of: Part | None = None
    per: Literal[100, 1000] = 100
    per_population: bool = False
    fed: frozenset[str] = frozenset()

    def factors(self) -> frozenset[str]:
        """Give the codes that it counts episodes with, if it counts any."""
        cells = (cell.partition(":") for part in self.counts for cell in part.cells)
        return frozenset(code for kind, _, code in cells if kind == "factor")

    def told(self) -> measures.Line:
        """Give it as a line of a theme's measure, so that one rule says what none of it means."""
        parts = self.counts if self.of is None else (self.of,)
        (way,) = {part.way for part in parts}
        cells = frozenset().union(*(part.cells for part in parts))
        return measures.Line(self.code, parts[0].unit, cells, way=way, fed=self.fed)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator; `number` is its place in the group's list, `first` puts it on the front page.

    `reported_as` names the measures under which a body may report it, whether or not it is computed
    as well; `says` what a reader must know of how it is computed.
    """

    number: int
    theme: Theme
    title: str
    could_be_fed_by: str
    lines: tuple[Line, ...] = ()
    reported_as: tuple[str, ...] = ()
    first: bool = False
    says: str = ""

    @property
    def basis(self) -> Basis:
        """Say where its figures come from."""
        if self.lines:
            return "computed"
        return "reported" if self.reported_as else "no source yet"

    def parts(self) -> Iterator[Part]:
        """Give everything that it counts."""
        for line in self.lines:
            yield from line.counts
            if line.of is not None:
                yield line.of

    def cells(self) -> frozenset[str]:
        """Give every cell that it looks at."""
        counted = frozenset(cell for part in self.parts() for cell in _cells_of(part))
        return counted.union(*(line.fed for line in self.lines))


def _cells_of(part: Part) -> frozenset[str]:
    if isinstance(part.way, Recurrence):
        return part.cells | part.way.after
    return part.cells | {part.way.cell} if isinstance(part.way, AtEnd) else part.cells


def events(*cells: str, way: Way | None = None) -> Part:
    """Count distinct events."""
    return Part("events", frozenset(cells), way)


def episodes(*cells: str, way: Way | None = None) -> Part:
    """Count distinct episodes."""
    return Part("episodes", frozenset(cells), way)


def children(*cells: str, way: Way | None = None) -> Part:
    """Count distinct children."""
    return Part("children", frozenset(cells), way)


def count(code: str, part: Part, *fed: str) -> Line:
    """Give a plain count; events in the cells of `fed` make none of it a zero."""
    return Line(code, (part,), fed=frozenset(fed))


def share(code: str, part: Part, of: Part) -> Line:
    """Give a share in percent."""
    return Line(code, (part,), of)


def per_10_000(code: str, part: Part) -> Line:
    """Give a rate per 10,000 children aged 0 to 17."""
    return Line(code, (part,), per_population=True)


ASSESSED: Final = episodes("factor:any")
"""Episodes with factors recorded, as "assessed" is counted."""


def per_1000_assessed(code: str, *factors: str) -> Line:
    """Give a rate per 1,000 episodes with factors recorded."""
    return Line(code, (episodes(*(f"factor:{one}" for one in factors)),), ASSESSED, per=1000)


def again(part: Part, *before: str, within_days: int) -> Part:
    """Count only what had one of these before it, of the same child."""
    return Part(part.unit, part.cells, Recurrence(frozenset(before), within_days))


def at_the_end(cell: str, *values: str) -> Part:
    """Count the children that stand so at the end of the period."""
    return children(*(f"{cell}:{one}" for one in values), way=AtEnd(cell))


CENSUS: Final = "each borough's CIN Census return"
CASE_SYSTEM: Final = "each borough's case system"
POLICE: Final = "the police command"
TOOL: Final = "each borough: it is in the Local Authority Interactive Tool"
PARTNERSHIP: Final = "the partnership, once its own work is recorded here"
