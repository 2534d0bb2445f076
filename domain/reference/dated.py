"""What every reference document has: a name and version, the days it is in force, and its faults.

A document is drafted as a file and registered by its exact bytes; what it says is judged twice. Its
shape is judged by pydantic while it is read, and what holds between its fields by `rules`: both
give faults by place and code, and never a value of the document.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from domain.canonical import JsonValue
from domain.errors import Fault
from domain.values import Day, Strict, day_of

SLUG = r"^[a-z][a-z0-9-]{0,62}$"

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
"""A code of ours: lower-case letters, digits and hyphens."""

EventName = Slug
"""The name of an event without prefix and version: `assessment-completed`."""

Prose = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Year = Annotated[int, Field(ge=1990, le=2099)]

WHOLE_DOCUMENT = -1
"""The `event` of a reference document's fault: it belongs to no event."""


class InForce(Strict):
    """Something that holds from a first day to a last, both included.

    Without a last day it holds until further notice. Days compare as the text they are.
    """

    effective_from: Day
    effective_until: Day | None = None

    def in_force(self, day: Day) -> bool:
        """Say whether this holds on a day."""
        return self.effective_from <= day and (
            self.effective_until is None or day <= self.effective_until
        )


class Document(InForce):
    """A reference document, known as `name@version`."""

    kind: str
    name: Slug
    origin: Prose
    """Where its facts come from."""
    rationale: Prose
    """Why it is as it is, and who decides that it stays so."""
    version: Annotated[int, Field(ge=1, le=999_999)]

    def reference(self) -> str:
        """Give the name by which events refer to this version: `bhr-themes@1`."""
        return f"{self.name}@{self.version}"

    def rules(self) -> Iterator[Fault]:
        """Give what does not hold together; each kind of document adds its own."""
        yield from dates_in_order(self)


def fault(place: str, code: str) -> Fault:
    """Give one fault of a document; `place` holds names of our schema and indices alone."""
    return Fault(WHOLE_DOCUMENT, place, code)


def dates_in_order(dated: InForce, place: str = "") -> Iterator[Fault]:
    """Give a fault where the last day is before the first."""
    if dated.effective_until is not None and dated.effective_until < dated.effective_from:
        yield fault(f"{place}effective_until", "dates-out-of-order")


def doubled(values: Iterable[str | None], place: str) -> Iterator[Fault]:
    """Give a fault for every value that was met before; `place` has `{}` for the index."""
    met: set[str] = set()
    for index, value in enumerate(values):
        if value is None:
            continue
        if value in met:
            yield fault(place.format(index), "doubled")
        met.add(value)


def unknown(values: Iterable[str], known: Iterable[str], *, place: str) -> Iterator[Fault]:
    """Give a fault for every value that is not among the known; `place` has `{}` for the index."""
    allowed = frozenset(known)
    for index, value in enumerate(values):
        if value not in allowed:
            yield fault(place.format(index), "unknown")


def day_after(day: Day) -> Day:
    """Give the next day; the last day of 2099 has none that a document could name, and is kept."""
    following = day_of(day) + datetime.timedelta(days=1)
    return following.isoformat() if following.year < 2100 else day  # noqa: PLR2004 - the years that a Day has


def shape_faults(error: ValidationError, model: type[Document]) -> tuple[Fault, ...]:
    """Give what pydantic refused, without what was sent.

    An error's `loc` may hold the name of an unknown field, which is the sender's text: a place
    keeps the names that our schema has, and the code says the rest.
    """
    known = _field_names(model)
    return tuple(
        sorted(
            {
                fault(
                    ".".join(str(step) for step in found["loc"] if _ours(step, known)),
                    found["type"].replace("_", "-").replace("extra-forbidden", "unknown-field"),
                )
                for found in error.errors(
                    include_url=False, include_context=False, include_input=False
                )
            }
        )
    )


def _ours(step: int | str, known: frozenset[str]) -> bool:
    return isinstance(step, int) or step in known


@functools.cache
def _field_names(model: type[Document]) -> frozenset[str]:
    return frozenset(_properties(model.model_json_schema()))


def _properties(schema: JsonValue) -> Iterator[str]:
    """Every property name, of the model and of the models inside it."""
    if not isinstance(schema, Mapping):
        return
    for key, value in schema.items():
        if key == "properties" and isinstance(value, Mapping):
            yield from value
        yield from _properties(value)
