"""What a source has loaded, told apart from every other source: did all of mine arrive?

- `load:<kind>:<source>` for referrals, assessments, section-47s and plans, as each begins: as the
  report of a return counts its records. Children are those over all four.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, get_args

from domain.opened import OpenedEvent
from domain.vocabulary.assessment import AssessmentStarted
from domain.vocabulary.child_protection import ProtectionPlanStarted, Section47Started
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.parts import SharedPart
from domain.vocabulary.pre_birth import UnbornReferralReceived
from projections.people import children
from projections.projection import Contribution, Counting

LoadKind = Literal["children", "referrals", "assessments", "section-47s", "plans"]
KINDS: Final[tuple[LoadKind, ...]] = get_args(LoadKind)

_BEGINNINGS: Final[Mapping[str, LoadKind]] = {
    AssessmentStarted.name: "assessments",
    ProtectionPlanStarted.name: "plans",
    ReferralReceived.name: "referrals",
    Section47Started.name: "section-47s",
    UnbornReferralReceived.name: "referrals",
}


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cell of what begins, for each child."""
    kind = _BEGINNINGS.get(event.kind.name)
    if kind is not None:
        cell = _cell(kind, event.header.source)
        for child, _ in children(event, SharedPart):
            yield Contribution(cell, child)


def cells(kind: LoadKind, source: str) -> frozenset[str]:
    """Give the cells of one kind of a source; children are in those of every other kind."""
    kinds = KINDS[1:] if kind == "children" else (kind,)
    return frozenset(_cell(one, source) for one in kinds)


def _cell(kind: LoadKind, source: str) -> str:
    return f"load:{kind}:{source}"


LOADS = Counting("loads", 1, frozenset(_BEGINNINGS), contribute)
