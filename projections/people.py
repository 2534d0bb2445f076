"""Whom an event is about, as countings read it.

What an erased subject's key explained is absent, and so are its contributions: they are given per
child, never per event, wherever an event has subjects at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from domain.opened import OpenedEvent
from domain.vocabulary.parts import SharedPart
from domain.vocabulary.persons import EpisodeFacts

CHILDREN = frozenset({"child", "unborn-child", "sibling"})
"""The roles in which a child is the subject of social care; adults are in events too."""

YOUNGEST = ("unborn", "under-1", "1-4")
"""The age bands that the pre-birth and neglect theme looks at apart."""

S = TypeVar("S", bound=SharedPart)


def children(event: OpenedEvent, shared: type[S]) -> Iterator[tuple[str, S]]:
    """Give each child's pseudonym and shared part, of the class that the event's kind has."""
    for subject in event.subjects:
        if subject.role in CHILDREN and subject.pseudonym is not None:
            if isinstance(subject.shared, shared):
                yield subject.pseudonym, subject.shared


def episode_of(event: OpenedEvent, facts: EpisodeFacts) -> str:
    """Give the episode: where the source names none, the stream is one of its own."""
    return facts.episode or event.header.subject
