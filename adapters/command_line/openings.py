"""`bhr audit openings`: what an auditor is given, by a warrant that the controller signed."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import hub
from adapters.command_line import audit_tables as tables
from adapters.command_line.asked import recorded_time
from adapters.openings_file import written_whole
from services.audit.handing_over import Asked


def openings(
    *,
    warrant: Annotated[uuid.UUID, typer.Option(help="the warrant's id")],
    ledger: Annotated[str, typer.Option(help="the ledger that it is for")],
    out: Annotated[Path, typer.Option(help="the pack to write; compressed if it ends with .gz")],
    as_of: Annotated[
        str | None, typer.Option(help="a recorded date or instant; now when left out")
    ] = None,
) -> None:
    """Write an openings pack: header, facts and shared parts with their salts, and no key.

    That it was made is recorded in the ledger before the pack is complete.
    """
    asked = Asked(ledger, warrant, recorded_time(as_of))
    with (
        hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms,
        tables.progress() as tell,
        written_whole(out) as write,
    ):
        made = rooms.handing_over.make(asked, write, tell)
    typer.echo(f"{out}: {made.entries} entries, {made.openings} parts opened")
    typer.echo(f"recorded as audit-opened {made.audit}")
