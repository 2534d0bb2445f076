"""Lists that have one order: ascending, each once, so that one meaning has one spelling.

JSON Schema can say "each once" of plain values. That they ascend, or that entries ascend by one of
their fields, it cannot say: `x-ascending` marks it in the schema, and it is listed there as a rule
between values.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import pairwise
from typing import Final, TypeVar

from pydantic.config import JsonDict

from domain.values import Strict

T = TypeVar("T", bound=str)
E = TypeVar("E", bound=Strict)

ASCENDING: Final[JsonDict] = {"uniqueItems": True, "x-ascending": True}
"""What the schema of a list of plain values says, where `ascending` holds the model to it."""


def ascending(values: tuple[T, ...]) -> tuple[T, ...]:
    """Give the values back; raises ValueError unless they ascend by code point, each once."""
    if any(one >= following for one, following in pairwise(values)):
        raise ValueError("in ascending order, each once")
    return values


def ascending_by(field: str) -> Callable[[tuple[E, ...]], tuple[E, ...]]:
    """Give the check that entries ascend by a text field of theirs, each value of it once."""
    read: Callable[[E], str] = operator.attrgetter(field)

    def check(entries: tuple[E, ...]) -> tuple[E, ...]:
        ascending(tuple(read(entry) for entry in entries))
        return entries

    return check
