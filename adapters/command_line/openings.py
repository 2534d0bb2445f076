"""`bhr warrant grant` and `bhr audit openings`: what an auditor is given, by whose leave."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import hub
from adapters.command_line import audit_tables as tables
from adapters.command_line.asked import recorded_time, well_formed
from adapters.openings_file import written_whole
from domain.vocabulary.custody import WarrantGranted
from services.audit.handing_over import Asked

warrants = typer.Typer(no_args_is_help=True, help="Who may be given openings, and until when.")


@warrants.command()
def grant(  # noqa: PLR0913 - a warrant says all of this
    ledger: Annotated[str, typer.Argument(help="the ledger that it is for")],
    auditor: Annotated[str, typer.Argument(help="who may see: a short name of theirs")],
    *,
    by: Annotated[str, typer.Option(help="who granted it: OFFICE@BODY, the ledger's own body")],
    power: Annotated[str, typer.Option(help="code of the power that the auditor acts under")],
    since: Annotated[str, typer.Option(help="first day of the events that it covers")],
    until: Annotated[str, typer.Option(help="last day of the events that it covers")],
    expires: Annotated[str, typer.Option(help="the instant at which it ends")],
) -> None:
    """Record that a body let an auditor see; it prints the warrant's event id.

    It is the hub that records this, on the body's word: that bodies sign it themselves comes with
    decision records.
    """
    office, _, body = by.partition("@")
    with well_formed(
        by_office="--by", by_participant="--by", period_start="--since", period_end="--until"
    ):
        facts = WarrantGranted.Facts(
            auditor=auditor,
            by_office=office,
            by_participant=body,
            expires=expires,
            ledger=ledger,
            period_end=until,
            period_start=since,
            power=power,
        )
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        typer.echo(str(rooms.handing_over.grant(facts)))


def openings(
    *,
    warrant: Annotated[uuid.UUID, typer.Option(help="the warrant's event id")],
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
