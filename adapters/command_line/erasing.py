"""`bhr erasure` at the hub: how far requests are, carrying them out, certificates, proposals."""

from __future__ import annotations

import sys
import uuid
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import hub
from adapters.command_line import audit_tables as tables
from adapters.command_line.erasure import app
from domain.canonical import JsonValue, canonical
from services.acknowledging import instant
from services.erasing.carrying_out import CarriedOut
from services.erasing.certificate import certificate
from services.erasing.requests import Progress

REFUSED = 1
"""Something that was to be carried out was not."""
Asked = Annotated[uuid.UUID, typer.Argument(help="the request's event id")]


@app.command()
def status(
    request: Annotated[
        uuid.UUID | None, typer.Argument(help="a request's event id; all when left out")
    ] = None,
) -> None:
    """Show how far requests are: approvals, holds, and when they may be carried out."""
    with (
        hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms,
        tables.progress() as tell,
    ):
        requests = rooms.erasing.requests
        if request is not None:
            found = [requests.progress(requests.find(str(request)))]
        else:
            found = [
                requests.progress(one)
                for ledger in requests.books
                for one in requests.every(ledger, tell)
            ]
    for progress in found:
        _show(progress)
    if not found:
        typer.echo("no erasure was ever asked for")


@app.command()
def due(
    *,
    ledger: Annotated[str | None, typer.Option(help="one ledger; all when left out")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="one JSON line a batch, with its pseudonyms")
    ] = False,
) -> None:
    """Propose whom to erase: subjects of whom every event is older than the agreement keeps it.

    Nothing is erased by this: hand each batch to its controller, who asks for it.
    """
    with (
        hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms,
        tables.progress() as tell,
    ):
        lapsed = rooms.erasing.lapsed
        names = [ledger] if ledger else list(rooms.ledgers)
        batches = [batch for name in names for batch in lapsed.proposed(name, tell)]
    for batch in batches:
        if as_json:
            line: dict[str, JsonValue] = {
                "controller": batch.controller,
                "lapsed": batch.lapsed,
                "ledger": batch.ledger,
                "subjects": list(batch.subjects),
            }
            sys.stdout.write(canonical(line).decode() + "\n")
        else:
            many = len(batch.subjects)
            typer.echo(f"{batch.ledger:32} {batch.controller}: {many}, kept until {batch.lapsed}")
    if not batches and not as_json:
        typer.echo("nothing is kept longer than it is agreed")


@app.command()
def carry_out(
    request: Annotated[
        uuid.UUID | None, typer.Argument(help="a request's event id; all that is due if left out")
    ] = None,
) -> None:
    """Destroy the keys of what two bodies approved, once it was waited for and nothing holds it.

    There is no way back.
    """
    with (
        hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms,
        tables.progress() as tell,
    ):
        work = rooms.erasing.carrying_out
        done = [work.carry_out(str(request), tell)] if request else work.carry_out_all(tell)
    for one in done:
        _say(one)
    if not done:
        typer.echo("nothing is due")
    if any(one.refused for one in done):
        raise typer.Exit(REFUSED)


@app.command("certificate")
def certify(request: Asked) -> None:
    """Print the certificate of an erasure: one page in plain English."""
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        requests = rooms.erasing.requests
        typer.echo(certificate(requests.progress(requests.find(str(request)))), nl=False)


def _show(progress: Progress) -> None:
    request = progress.request
    many = len(request.subjects)
    typer.echo(
        f"{request.event}  {request.ledger}  {progress.state}: {many} subject(s), asked for by "
        f"{request.facts.by_office} of {request.facts.by_participant}, {request.facts.ground}"
    )
    typer.echo(f"  statement {request.statement}, not before {instant(request.not_before_ms)}")
    for one in progress.approvals:
        typer.echo(f"  approved by {one.office} of {one.body}: {one.decision}")
    if progress.held_by:
        typer.echo(f"  held by {', '.join(progress.held_by)}")
    if progress.destroyed:
        typer.echo(
            f"  destroyed {progress.destroyed}: {progress.keys} keys; the last backup of them "
            f"lapses on {progress.lapses}"
        )
    for copy in progress.copies:
        typer.echo(f"  {copy.participant} fetched {copy.fetched}, confirmed {copy.confirmed}")


def _say(done: CarriedOut) -> None:
    if done.refused is not None:
        typer.echo(f"{done.request}: not carried out, {done.refused}", err=True)
        return
    told = f"; told: {', '.join(done.told)}" if done.told else ""
    typer.echo(f"{done.request}: {done.subjects} subject(s), {done.streams} stream(s){told}")
