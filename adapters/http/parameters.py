"""The parameters of every route: each known by name, given once, and spelled in one way.

A query with a name that nobody knows, or with one given twice, is refused: `?atomc=true` must not
pass for a question that it is not, and what is recorded of a read must be all that was asked.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from domain.values import (
    DAY_PATTERN,
    TIME_PATTERN,
    AgreementRef,
    Day,
    EventId,
    LedgerName,
    ParticipantCode,
    PurposeCode,
)
from domain.vocabulary.codes import Slug
from services.periods import Kind as PeriodKind
from services.views import Cut

DIGITS_MAX = 6


def plain_number(text: object) -> object:
    """Take `7` alone: a lenient reading would take ` 7`, `+7`, `07`, `7.0` and `7_0` as well."""
    if not isinstance(text, str):
        return text
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS_MAX or str(int(text)) != text:
        raise ValueError("not a plain number")
    return int(text)


YearToMarch = Annotated[int, Field(ge=1990, le=2099), BeforeValidator(plain_number)]


async def given_once(request: Request) -> None:
    """Refuse a query in which a parameter stands twice: which of them was meant?"""
    names = [name for name, _ in request.query_params.multi_items()]
    if len(names) != len(set(names)):
        raise RequestValidationError([{"loc": ("query",), "type": "given_twice"}])


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Nothing(_Query):
    """No parameter at all."""


class Manner(_Query):
    """How a batch is to be taken."""

    atomic: Literal["true", "false"] = Field(
        default="false", description="`true`: all of the batch, or none of it"
    )


class Why(_Query):
    """Under which agreement something is read, and what for."""

    agreement: AgreementRef = Field(description="an agreement and its version")
    purpose: PurposeCode = Field(description="what it is read for")


class Shown(Why):
    """The same, and in which form it is answered."""

    format: Literal["csv", "json"] = Field(
        default="json", description="`csv`: all that is counted, each row with what it stands on"
    )


RecordedBy = Annotated[str, StringConstraints(pattern=f"^{DAY_PATTERN}(?:T{TIME_PATTERN})?$")]
"""A recorded instant, or a London day and all of it."""


class ViewQuery(Shown):
    """The same, with what to show of a view."""

    as_of: RecordedBy | SkipJsonSchema[None] = Field(
        default=None,
        description="only what was recorded by then: an instant, or a London day and all of it",
    )

    borough: ParticipantCode | SkipJsonSchema[None] = Field(
        default=None, description="one borough, by its code"
    )
    year: YearToMarch | SkipJsonSchema[None] = Field(
        default=None, description="a year to 31 March, by the year it ends in"
    )
    occurred_to: Day | SkipJsonSchema[None] = Field(
        default=None, description="the last London day on which what is counted happened"
    )


class ThemeQuery(ViewQuery):
    """The same, with how a theme is laid out."""

    cut: Cut | SkipJsonSchema[None] = Field(
        default=None,
        description="count each value of one attribute apart; `ward` only where a table of wards'"
        " populations is registered, else 422",
    )
    period: PeriodKind | SkipJsonSchema[None] = Field(
        default=None, description="by what periods; twelve months that roll, unless told otherwise"
    )


Theme = Annotated[Slug, Path(description="a theme, by its code")]
Participant = Annotated[ParticipantCode, Path(description="a body, by its code")]
LedgerOf = Annotated[LedgerName, Path(description="the ledger that holds the event")]
EventOf = Annotated[EventId, Path(description="the event's id")]
PartNumber = Annotated[
    Annotated[int, Field(ge=0, le=62), BeforeValidator(plain_number)],
    Path(description="the part's number: even ones are restricted"),
]
