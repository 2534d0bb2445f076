"""What a past answer says of itself: the question as it was asked, and what it was answered from.

An answer holds its rows beside it; here stands what is needed to ask the same again. Nothing of it
is believed for standing here: an audit asks again, and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from domain.canonical import JsonValue
from domain.errors import AnswerRefused
from domain.values import AgreementRef, Day, LedgerName, ParticipantCode, PurposeCode, Strict
from domain.vocabulary.codes import Slug

Size = Annotated[int, Field(ge=0, lt=2**53)]
Text = Annotated[str, Field(max_length=128)]
"""An instant, a cursor or a number, as it was typed; who answers reads it strictly."""


class ReadBy(Strict):
    """The office that an answer was given to, and its body."""

    office: Slug
    participant: ParticipantCode


class Registered(Strict):
    """What was known of reference data, rights and agreements."""

    day: Day
    entries: Size


class AskedFor(Strict):
    """What of a view was asked for; None where nothing was said."""

    after: Text | None = None
    as_of: Text | None = None
    before: Text | None = None
    borough: ParticipantCode | None = None
    cut: Slug | None = None
    limit: Text | None = None
    occurred_to: Day | None = None
    period: Slug | None = None
    theme: Slug | None = None
    year: Text | None = None


class Answered(Strict):
    """A past answer's question: whose, under what, and as of which entries."""

    agreement: AgreementRef
    filters: AskedFor
    folded: dict[LedgerName, Size]
    positions: dict[LedgerName, Size]
    purpose: PurposeCode
    read_by: ReadBy
    registered: Registered
    right: Literal["live"]
    view: Slug


def answered(document: Mapping[str, JsonValue]) -> Answered:
    """Read what an answer says of itself; raises AnswerRefused by the names of what is wrong."""
    wanted = {name: one for name, one in document.items() if name in Answered.model_fields}
    try:
        return Answered.model_validate(wanted)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        names = sorted({str(one["loc"][0]) for one in found if one["loc"]})
        raise AnswerRefused(f"not as an answer has it: {', '.join(names)}") from None
