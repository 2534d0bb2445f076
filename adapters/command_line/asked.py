"""What was typed, held against our own models: said by the name of what was asked for, no value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from pydantic import ValidationError


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
