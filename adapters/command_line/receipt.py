"""`bhr receipt`: the proof that an event stands in the log, fetched, kept, and checked by anyone.

Exit status of `verify`: 0 it holds, 1 something does not, 2 nothing could be said.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly.borough import borough_client
from adapters.assembly.receipts import check_receipt
from adapters.command_line.asked import new_file
from services.acknowledging import instant
from services.audit.receipt_checking import Proven

app = typer.Typer(no_args_is_help=True, help="Receipts: proof that an event stands in the log.")
EXIT_FAILS = 1
_MARKS = {"fails": "DOES NOT HOLD", "holds": "holds", "not-checked": "not checked"}


@app.command()
def fetch(
    event: Annotated[uuid.UUID, typer.Argument(help="the event's id")],
    *,
    borough: Annotated[str, typer.Option(help="whose event: the borough's code")],
    out: Annotated[Path, typer.Option(help="a new file to keep it in")],
) -> None:
    """Fetch the receipt of an event that this body published, once its checkpoint is published."""
    with borough_client(borough, settings.passphrase()) as client:
        found = client.receipt(event)
    with new_file(out) as file:
        file.write(found)
    typer.echo(f"{out}: keep it; `bhr receipt verify {out}` needs no hub")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="a receipt, as it was fetched")],
    *,
    policy: Annotated[Path, typer.Option(help="whose logs and witnesses are believed")],
    keys: Annotated[
        list[Path] | None,
        typer.Option(help="a publisher's public-keys.json, as that body itself gave it"),
    ] = None,
) -> None:
    """Check a receipt without asking anybody: inclusion, log, witnesses, and what was signed."""
    proven = check_receipt(file, policy, tuple(keys or ()))
    for one in proven.checks:
        typer.echo(f"{one.name:10} {_MARKS[one.state]}{f': {one.reason}' if one.reason else ''}")
    _say_what(proven)
    if not proven.holds:
        raise typer.Exit(EXIT_FAILS)


def _say_what(proven: Proven) -> None:
    leaf = proven.leaf
    if leaf is None:
        return
    typer.echo(f"event      {leaf.event_id} of {leaf.source}, number {leaf.sequence}")
    place = f"{proven.ledger}, position {proven.index}"
    typer.echo(f"recorded   {instant(proven.recorded_ms)} in {place}")
    for name, seconds in proven.cosigned:
        typer.echo(f"seen       by {name} at {instant(seconds * 1000)}, {proven.size} entries")
