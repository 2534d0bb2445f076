"""`bhr decision record`: what a body signed becomes part of the record, as that body signed it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import hub

app = typer.Typer(no_args_is_help=True, help="Decisions that bodies signed (`bhr sign`).")


@app.command()
def record(
    file: Annotated[Path, typer.Argument(help="the signed decision", exists=True, dir_okay=False)],
) -> None:
    """Record a signed decision and print its id; the same file again changes nothing."""
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        typer.echo(rooms.hub.decisions.record(file.read_bytes()).event)
