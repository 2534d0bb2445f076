"""What a projection is: a name, a version, the types it reads, and a pure function.

Three sorts. A *counting* says which cells an event adds to, and for whom; how many that makes is
asked of the rows when a figure is read. A *telling* keeps what an event says as it was said, for as
long as the event stands: a reported figure, an explanation, a read. A *register* keeps one small
state per key.

Cells know nothing of the factor mapping: a published column or a theme is a *set* of cells chosen
when it is read, and what is counted over it is distinct events, episodes or children. So a sum of
cells is never needed, and never right: one assessment carries many factors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from domain.opened import OpenedEvent
from domain.values import Spelling, Strict

THEMES_PURPOSE = "partnership-themes"
"""A fold takes only events that were shared for its purpose; this is that of every counting."""


class Contribution(NamedTuple):
    """One cell that an event adds to; a tuple, since there are millions of them.

    `subject` is the pseudonym of a child, None where the event is about no person; `episode` is a
    pseudonym too.
    """

    cell: str
    subject: str | None = None
    episode: str | None = None


class Traits(NamedTuple):
    """What one subject's shared part says of the child, by which figures may be cut.

    The words of the vocabulary; None where the event does not say. `ward` is a fact of the event:
    its code, and behind an @ the day whose boundaries the code is of, where that is said.
    """

    age_band: str | None = None
    sex: str | None = None
    ethnic_group: str | None = None
    disabled: bool | None = None
    looked_after: bool | None = None
    ward: str | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """A projection into cells.

    `contribute` gives each contribution of an event while it stands; giving one twice is giving it
    once. It reads the event alone, so that what a retracted event had added is known to the row.
    """

    name: str
    version: int
    types: frozenset[str]
    """Catalogue names, without version: folds are given events upcast to the current one."""
    contribute: Callable[[OpenedEvent], Iterable[Contribution]]
    purpose: str | None = field(default=THEMES_PURPOSE)


@dataclass(frozen=True, slots=True)
class Told:
    """What one event says under a key; several events may speak under one key, the last one wins.

    `body` sets every field, so that equal bodies have equal bytes.
    """

    key: str
    body: Strict


@dataclass(frozen=True, slots=True)
class Telling:
    """A projection into what events say: rows that stand and fall with their event, like counts.

    So a correction replaces what was said, a withdrawal takes it back, and both can be asked for as
    of any positions. `tell` gives None for an event that says nothing here. It is never for an
    event about a person: `body` is stored as it is.
    """

    name: str
    version: int
    types: frozenset[str]
    tell: Callable[[OpenedEvent], Told | None]
    model: type[Strict]
    purpose: str | None = field(default=THEMES_PURPOSE)
    """None: running the hub itself."""


RegisterState: TypeAlias = tuple[object, ...]
"""A named tuple: one is made for each event."""


@dataclass(frozen=True, slots=True)
class Register:
    """A projection into one state per key, by taking each event into the state before it.

    `key` is None for an event that concerns no key. States travel by their `spelling`.
    """

    name: str
    version: int
    types: frozenset[str] | None
    """None reads every type."""
    key: Callable[[OpenedEvent], str | None]
    evolve: Callable[[RegisterState | None, OpenedEvent], RegisterState]
    spelling: Spelling[RegisterState]
    purpose: str | None = field(default=None)
    """None: running the hub itself. It reads who sent something and when, never about whom."""


Projection: TypeAlias = Counting | Register | Telling


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A way of counting: only events that had others shortly before them, in the same ledger.

    At least `at_least` of them, in the cells `after`, of the same child or episode, on the same day
    or up to `within_days` days before; of two on one day, the lower position came before.
    """

    after: frozenset[str]
    within_days: int
    at_least: int = 1
    joined_by: Literal["child", "episode"] = "child"


@dataclass(frozen=True, slots=True)
class AtEnd:
    """A way of counting: how many stand so at the end of each period, not what happened in it.

    `cell` has every event after which a child stands differently. A child counts in a group when
    its latest such event, up to the last day of the period, is in the group's cells as well. Asked
    from the first period in which anything was in the cell to the last one asked for, or to the
    month in which anything was last; of one day's events the highest position is the latest.
    """

    cell: str


Way: TypeAlias = Recurrence | AtEnd


@dataclass(frozen=True, slots=True)
class Projections:
    """A set of projections, countings and tellings found by the type that they read."""

    countings: Mapping[str, tuple[Counting, ...]]
    tellings: Mapping[str, tuple[Telling, ...]]
    registers: tuple[Register, ...]
    _every: tuple[Projection, ...]

    @classmethod
    def of(cls, *every: Projection) -> Projections:
        """Sort projections; raises ValueError when two have one name."""
        names = [projection.name for projection in every]
        if len(set(names)) != len(names):
            raise ValueError("two projections have one name")
        countings: dict[str, tuple[Counting, ...]] = {}
        tellings: dict[str, tuple[Telling, ...]] = {}
        for one in every:
            if isinstance(one, Counting):
                countings |= {kind: (*countings.get(kind, ()), one) for kind in one.types}
            elif isinstance(one, Telling):
                tellings |= {kind: (*tellings.get(kind, ()), one) for kind in one.types}
        registers = tuple(one for one in every if isinstance(one, Register))
        return cls(countings, tellings, registers, every)

    def all(self) -> tuple[Projection, ...]:
        """Give every projection, in the order in which they were listed."""
        return self._every
