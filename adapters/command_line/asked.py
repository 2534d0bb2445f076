"""What was typed, held against our own models: said by the name of what was asked for, no value."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import typer
from pydantic import ValidationError

from domain.errors import HomeNotReady
from projections.projection import THEMES_PURPOSE
from services.filters import as_of_ms
from services.ports import Caller
from services.reading import Reading


@contextmanager
def well_formed(**names: str) -> Iterator[None]:
    """Refuse, as a usage error, what a model of ours refuses.

    `names` says what a field is called on the command line, where that differs.
    """
    try:
        yield
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        fields = dict.fromkeys(str(one["loc"][0]) for one in found if one["loc"])
        listed = ", ".join(names.get(field, field) for field in fields)
        raise typer.BadParameter(f"not of the form that is asked for: {listed}") from None


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file that was not there, to be written; raises HomeNotReady."""
    try:
        with path.open("xb") as file:
            yield file
    except OSError:
        raise HomeNotReady(f"{path} cannot be written, or is there already") from None


def recorded_time(text: str | None) -> int:
    """Give the last millisecond of a recorded date or instant; that of now without one."""
    if text is None:
        return time.time_ns() // 1_000_000
    try:
        return as_of_ms(text)
    except ValueError:
        raise typer.BadParameter("neither a date (YYYY-MM-DD) nor an instant") from None


def caller_named(reader: str, person: str) -> Caller:
    """Give who reads, named OFFICE@BODY; what they may is decided where they ask."""
    office, _, participant = reader.partition("@")
    return Caller(participant, None, office, person)


def read_by(reader: str, agreement: str, purpose: str = THEMES_PURPOSE) -> Reading:
    """Give a reading on the terminal by the right of who is named OFFICE@BODY."""
    return Reading(caller_named(reader, "terminal"), agreement, purpose, "terminal")
