"""The parameters of the views beside the themes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from adapters.http.parameters import RecordedBy, Shown, ViewQuery, YearToMarch, plain_number
from domain.values import Day, ParticipantCode
from services.accesses import CURSOR, PAGE, PAGE_MOST
from services.periods import Kind

Borough = ParticipantCode | SkipJsonSchema[None]


class PeriodQuery(ViewQuery):
    """A view by periods."""

    period: Kind = Field(default="quarter", description="by which periods")


class HistoryQuery(Shown):
    """Two times between which a theme's numbers may have changed."""

    after: RecordedBy | SkipJsonSchema[None] = Field(
        default=None, description="the later recorded instant or London day; now, unless given"
    )
    before: RecordedBy = Field(description="the earlier recorded instant or London day")
    borough: Borough = Field(default=None, description="one borough, by its code")
    occurred_to: Day | SkipJsonSchema[None] = Field(
        default=None, description="the last London day on which what is counted happened"
    )
    period: Kind | SkipJsonSchema[None] = Field(
        default=None, description="by what periods; twelve months that roll, unless told otherwise"
    )
    year: YearToMarch | SkipJsonSchema[None] = Field(
        default=None, description="a year to 31 March, by the year it ends in"
    )


class BoroughQuery(Shown):
    """A view of one borough, or of all."""

    borough: Borough = Field(default=None, description="one borough, by its code")


class AccessQuery(BoroughQuery):
    """A page of reads and fetches."""

    before: Annotated[str, StringConstraints(pattern=rf"^{CURSOR}$")] | SkipJsonSchema[None] = (
        Field(default=None, description="`next` of the page before")
    )
    limit: Annotated[int, Field(ge=1, le=PAGE_MOST), BeforeValidator(plain_number)] = Field(
        default=PAGE, description="rows at most"
    )
