"""Whom an event is about, as countings read it.

What an erased subject's key explained is absent, and so are its contributions: they are given per
child, never per event, wherever an event has subjects at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from domain.opened import OpenedEvent
from domain.vocabulary.parts import CaseFacts, SharedPart
from domain.vocabulary.persons import EpisodeFacts

CHILDREN = frozenset({"child", "unborn-child", "sibling"})
"""The roles in which a child is the subject of social care; adults are in events too."""

AT_RISK = CHILDREN | {"victim", "offender", "suspect"}
"""The roles of a child in an event that is about children alone, whatever they did or suffered."""

YOUNGEST = ("unborn", "under-1", "1-4")
"""The age bands that the pre-birth and neglect theme looks at apart."""

S = TypeVar("S", bound=SharedPart)


def children(
    event: OpenedEvent, shared: type[S], *, roles: frozenset[str] = CHILDREN
) -> Iterator[tuple[str, S]]:
    """Give each child's pseudonym and shared part, of the class that the event's kind has."""
    for subject in event.subjects:
        pseudonym, part = subject.pseudonym, subject.shared
        if subject.role in roles and pseudonym is not None and isinstance(part, shared):
            yield pseudonym, part


def episode_of(event: OpenedEvent, facts: EpisodeFacts) -> str:
    """Give the episode: where the source names none, the stream is one of its own."""
    return facts.episode or event.header.subject


def family_view(what: str, facts: CaseFacts) -> list[str]:
    """Give the cells of whether the family's view of the sharing was recorded, if that is said."""
    if facts.family_view_recorded is None:
        return []
    recorded = [f"{what}:family-view-recorded"] if facts.family_view_recorded else []
    return [f"{what}:family-view-asked", *recorded]
