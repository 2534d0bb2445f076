"""How a part written in an older version of a kind is read as the current one.

Events are never rewritten: what was recorded stays as it was, and is lifted while it is read, one
version at a time. The functions are pure, so that a replay gives the same parts for ever. A
restricted part is not lifted: it is shown to its recipient as it was sealed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.vocabulary.parts import FactsPart, SharedPart


@dataclass(frozen=True, slots=True)
class Upcast:
    """One step for one kind: from a version to the one after it."""

    name: str
    """The kind's name, such as `assessment-completed`."""
    from_version: int
    facts: Callable[[FactsPart], FactsPart]
    """Gives the next version's facts."""
    shared: Callable[[SharedPart], SharedPart]
    """Gives the next version's shared part."""


def unchanged_facts(facts: FactsPart) -> FactsPart:
    """Give the facts back: for a step that changed the shared part alone."""
    return facts


def unchanged_shared(shared: SharedPart) -> SharedPart:
    """Give the shared part back: for a step that changed the facts alone."""
    return shared
