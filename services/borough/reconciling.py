"""What the source says now, held against what was published of it last: what must be sent.

    nothing published of the fact     → a new event
    the same                          → nothing
    another value                     → a correction, which supersedes the fact's last event
    another key, all else equal       → the old fact's events withdrawn, and a new event
    another stream                    → the same: a correction must stay in its stream
    no longer there                   → nothing: it is reported, and never deleted

A key has changed when exactly one fact of the person and kind is missing from the return *although
it lies in the return's period*, and exactly one is new that is like it (its own days left out).
A correction that was recorded while what it corrects was refused never stood (`adrift`): it is
withdrawn, and the fact is said again.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.borough.drafting import Tagged
from services.borough.pseudonyms import unspelled
from services.client_ports import Published
from services.unseen import Unseen

Change = Literal["new", "unchanged", "corrected", "rekeyed", "repeated", "refused", "erased"]
"""What a draft came to. `repeated`: its key stood in this return before, with another content.
`erased`: it is of a past that was erased, or was taken back as never to be sent."""


@dataclass(frozen=True, slots=True)
class Held:
    """A published fact in the words of the source: what the caller can judge the period of."""

    kind: str
    person: str
    stream: tuple[str, ...]
    time: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A published fact that the return no longer holds. `person` too: nothing of them is there."""

    held: Held
    in_period: bool
    person_gone: bool


@dataclass(frozen=True, slots=True)
class Returning:
    """A return that tells everything of its scope: what it leaves out is gone.

    `in_period` says whether the return should have held a fact. `scope` is the return's name, the
    same every year. `gone` is told each fact that is gone.
    """

    scope: str
    in_period: Callable[[Held], bool]
    gone: Callable[[Gone], None]


@dataclass(frozen=True, slots=True)
class Step:
    """What one draft asks for: rows to withdraw first, and an event to make (None for none)."""

    tagged: Tagged
    change: Change
    withdraw: tuple[Published, ...] = ()
    supersedes: uuid.UUID | None = None
    scope: str | None = None
    """That of the fact, when it is published already."""

    def makes_an_event(self) -> bool:
        """Say whether the draft itself is sent."""
        return self.change in {"new", "corrected", "rekeyed"}


def held(row: Published | Unseen) -> Held:
    """Give a row in the words of the source."""
    return Held(row.kind, row.person, unspelled(row.stream), row.time)


def reconcile(
    drafts: Sequence[Tagged],
    standing: Mapping[bytes, Sequence[Published]],
    missing: Iterable[Published],
) -> list[Step]:
    """Plan the drafts of one person, no fact twice among them.

    `standing` has the standing rows by fact, in the order of making. `missing` are standing rows of
    this person that the return should hold and does not.
    """
    fresh = [one for one in drafts if not _in_force(standing.get(one.fact, ()))]
    rekeyed = _rekeyed(fresh, missing)
    return [
        Step(one, "rekeyed", (*standing.get(one.fact, ()), *rekeyed[one.fact]))
        if one.fact in rekeyed
        else _step(one, standing.get(one.fact, ()))
        for one in drafts
    ]


def _in_force(rows: Iterable[Published]) -> list[Published]:
    return [row for row in rows if row.state != "adrift"]


def _step(tagged: Tagged, rows: Sequence[Published]) -> Step:
    in_force = _in_force(rows)
    adrift = tuple(row for row in rows if row.state == "adrift")
    if not in_force:
        return Step(tagged, "new", adrift)
    last = in_force[-1]
    if last.stream != tagged.stream:
        return Step(tagged, "rekeyed", tuple(rows))
    if last.digest in {tagged.digest, tagged.whole}:
        return Step(tagged, "unchanged", adrift)
    return Step(tagged, "corrected", adrift, _target(in_force).event, last.scope)


def _target(in_force: Sequence[Published]) -> Published:
    """Give the row that a correction names, of those in force, in the order of making.

    The deepest event of a fact stands (`projections.standing`), so that ours must lie at least as
    deep as any before it. What the hub is known to have recorded is the safer thing to name: what
    is still in the outbox may yet be refused, and a correction of nothing never stands. So that is
    named where nothing since lies deeper than our correction of it will, and else the last.
    """
    recorded = max((at for at, row in enumerate(in_force) if row.state == "recorded"), default=-1)
    safe = in_force[recorded]
    since = in_force[recorded + 1 :]
    return safe if all(row.supersedes == safe.event for row in since) else in_force[-1]


def _rekeyed(
    fresh: Sequence[Tagged], missing: Iterable[Published]
) -> dict[bytes, tuple[Published, ...]]:
    """Give, for each new fact that is an old one under another key, the old one's rows."""
    olds: dict[tuple[str, bytes], dict[bytes, list[Published]]] = defaultdict(dict)
    facts: dict[bytes, list[Published]] = defaultdict(list)
    for row in missing:
        facts[row.fact].append(row)
    for fact, rows in facts.items():
        olds[rows[-1].kind, rows[-1].likeness][fact] = rows
    news: dict[tuple[str, bytes], list[Tagged]] = defaultdict(list)
    for one in fresh:
        news[one.draft.kind.name, one.likeness].append(one)
    return {
        likely[0].fact: tuple(next(iter(olds[alike].values())))
        for alike, likely in news.items()
        if len(likely) == 1 and len(olds.get(alike, ())) == 1
    }
