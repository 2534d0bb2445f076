"""The parameters of the views beside the themes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from adapters.http.parameters import ViewQuery, Why, plain_number
from domain.values import ParticipantCode
from services.accesses import CURSOR, PAGE, PAGE_MOST
from services.periods import Kind

Borough = ParticipantCode | SkipJsonSchema[None]


class PeriodQuery(ViewQuery):
    """A view by periods."""

    period: Kind = Field(default="quarter", description="by which periods")


class BoroughQuery(Why):
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
