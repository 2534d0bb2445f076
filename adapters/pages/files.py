"""Figures that leave a page as a file: the same rows, as CSV, recorded as such."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.responses import Response
from pydantic import BaseModel, BeforeValidator, ConfigDict

from adapters.http.tables import CSV_TYPE


def nothing(text: object) -> object:
    """Take a field that was left empty for one that was not asked."""
    return None if text == "" else text


Left = BeforeValidator(nothing)
"""A form sends every field that it has."""


class Manner(BaseModel):
    """How a page is asked for: as itself, unless as a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Annotated[Literal["csv"] | None, Left] = None


def attached(content: bytes, name: str) -> Response:
    """Give CSV as a file to be kept."""
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(content, headers=headers, media_type=CSV_TYPE)
