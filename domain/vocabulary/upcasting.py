"""How a part written in an older version of a kind is read as the current one.

Events are never rewritten: what was recorded stays as it was, and is lifted while it is read, one
version at a time. The functions are pure, so that a replay gives the same parts for ever. A
restricted part is not lifted: it is shown to its recipient as it was sealed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from domain.vocabulary.parts import FactsPart, SharedPart

P = TypeVar("P", FactsPart, SharedPart)


def unchanged(part: P) -> P:
    """Give the part back: for a step that changed only the other one."""
    return part


@dataclass(frozen=True, slots=True)
class Upcast:
    """One step for one kind: from a version to the one after it."""

    name: str
    """The kind's name, such as `assessment-completed`."""
    from_version: int
    facts: Callable[[FactsPart], FactsPart] = unchanged
    """Gives the next version's facts."""
    shared: Callable[[SharedPart], SharedPart] = unchanged
    """Gives the next version's shared part."""
