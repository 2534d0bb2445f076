"""What a GET form was sent: as its page takes it, or what is wrong with it, field by field.

A fault names its field in the form's own words and keeps what was typed; a field that no form of
ours has is no slip of a reader's, and is refused as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)

A_DAY: Final = "must be a real day, such as 2025-03-31"
FAULTS: Final[Mapping[str, str]] = {
    "after": f"The later day {A_DAY}",
    "as_of": f"As recorded by {A_DAY}",
    "before": f"The earlier day {A_DAY}",
    "borough": "Choose a borough from the list",
    "cut": "Choose a cut from the list",
    "occurred_to": f"Happened by {A_DAY}",
    "period": "Choose a period from the list",
    "theme": "Choose a theme from the list",
    "year": "Year to 31 March must be a year from 1990 to 2099, such as 2023",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A form that cannot be asked: what was typed, and each fault at its field."""

    asked: Mapping[str, str]
    said_of: Mapping[str, str]

    def shown(self) -> dict[str, object]:
        """Give what a template needs to render the form again."""
        faults = [{"field": field, "text": text} for field, text in self.said_of.items()]
        return {"asked": self.asked, "faults": faults, "said_of": self.said_of}


def asked_of(kind: type[M], request: Request) -> M | Wrong:
    """Read a form as its page takes it; raises RequestValidationError for what no form sends."""
    typed = dict(request.query_params)
    try:
        return kind.model_validate(typed)
    except ValidationError as error:
        fields = [str(one["loc"][0]) for one in error.errors(include_url=False) if one["loc"]]
        if not fields or not FAULTS.keys() >= {*fields}:
            raise RequestValidationError([{"loc": ("query",), "type": "not-of-a-form"}]) from None
        return Wrong(typed, {field: FAULTS[field] for field in fields})
