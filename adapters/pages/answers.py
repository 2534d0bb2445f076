"""An answer as the OpenAPI shows it, read back strictly: a page cannot know another shape."""

from __future__ import annotations

from typing import TypeVar

from adapters.http.theme_documents import Measure
from adapters.http.view_documents import ViewAnswer
from domain.canonical import JsonValue, canonical
from domain.values import Strict

A = TypeVar("A", bound=Strict)


def told(kind: type[A], document: JsonValue) -> A:
    """Give a document as the answer that it is."""
    return kind.model_validate_json(canonical(document))


def name_of(answer: ViewAnswer, borough: str) -> str:
    """Give a borough's name by its code; a body that is none goes by its code."""
    return next((one.name for one in answer.boroughs if one.code == borough), borough)


def part_of(measure: Measure, breakdown: str) -> str:
    """Give the title of a part of a measure; empty for the whole."""
    found = (one.title for one in measure.lines if one.breakdown == breakdown)
    return next(found, breakdown) if breakdown else ""
