"""Batches and questions in few words, for what every store of views promises."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

from projections.projection import Contribution, Way
from projections.standing import Link
from services.folded import FoldedBatch, FoldedEvent, Interval
from services.views import Period, Question, ViewStore

HERE = "havering"
STREAM = uuid.UUID(int=7)
DAY = date(2023, 4, 3)

Reopen = Callable[[], ViewStore]
"""Gives the store as a process that starts now finds it."""


def event(
    position: int, *given: Contribution, day: date = DAY, link: Link | None = None
) -> FoldedEvent:
    """Give an event that is its own root, and adds to these cells while it stands."""
    known = uuid.UUID(int=1000 + position)
    plain = Link(
        known, position, "/participants/a/b", STREAM, "assessment-completed", day, None, known
    )
    return FoldedEvent(link or plain, given)


def stands(*events: FoldedEvent) -> tuple[Interval, ...]:
    """Give the intervals of events that stand from their own position on."""
    return tuple(Interval(e.link.position, e.link.day, e.link.position) for e in events)


def fold(store: ViewStore, *events: FoldedEvent, ledger: str = HERE) -> None:
    """Write events at the next positions, each of which stands."""
    before = store.position(ledger)
    store.commit(FoldedBatch(ledger, before, before + len(events), events, begun=stands(*events)))


def ask(
    store: ViewStore,
    *cells: str,
    period: Period = "whole",
    way: Way | None = None,
    size: int | None = None,
) -> list[tuple[str, int, int, int]]:
    """Count one group over these cells: period, events, episodes, children."""
    question = Question(
        groups={"all": frozenset(cells)},
        period=period,
        ledgers=(HERE,),
        as_of=None if size is None else {HERE: size},
    )
    rows = store.count(question, way).rows
    return [(one.period, one.events, one.episodes, one.children) for one in rows]
