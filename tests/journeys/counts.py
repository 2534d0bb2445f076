"""What a view says, as plain numbers to hold against what the sources know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from pydantic import BaseModel

from domain.canonical import JsonValue

Cell: TypeAlias = tuple[str, str]
"""Factor code (`any` for episodes with one) and year to 31 March."""
Counted: TypeAlias = tuple[int, int, int]
"""Assessments, episodes and children."""


class _Row(BaseModel):
    """What is used of a row of the factors view."""

    assessments: int
    children: int
    codes: tuple[str, ...]
    episodes: int
    ledger: str
    period: str


class _Answer(BaseModel):
    rows: tuple[_Row, ...]


def factor_counts(answer: Mapping[str, JsonValue], ledger: str) -> dict[Cell, Counted]:
    """Give the counts of one ledger out of an answer of the factors view, but for those of none."""
    rows = _Answer.model_validate(answer).rows
    return {
        ("any" if not row.codes else row.codes[0], row.period): (
            row.assessments,
            row.episodes,
            row.children,
        )
        for row in rows
        if row.ledger == ledger and row.episodes
    }
