"""`bhr erasure`: a borough asks for it, and tidies up at home once the hub has carried it out."""

from __future__ import annotations

import datetime
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly.borough import borough_client
from adapters.command_line.asked import well_formed
from services.borough.erasing import Told, Wish

app = typer.Typer(no_args_is_help=True, help="Erasure: destroying the keys of what is held.")
Borough = Annotated[str, typer.Option(help="whose home: the borough's code")]
Feed = Annotated[str, typer.Option(help="which source of a body that has several")]
WAITING_DAYS = 28
"""From asking to the first day on which keys may be destroyed, unless told otherwise."""
EXIT_LEFT = 1
"""Something is not tidied up yet, or waits in the outbox."""


GROUNDS = "court-order, mis-sent, objection or retention-ended"


@app.command()
def request(  # noqa: PLR0913 - a request says all of this
    child: Annotated[
        list[str],
        typer.Argument(help="one child: the id in the source system, or in each that knows it"),
    ],
    *,
    ground: Annotated[str, typer.Option(help=GROUNDS)],
    office: Annotated[str, typer.Option(help="the office that asks, such as data-protection")],
    borough: Borough,
    feed: Feed = "",
    not_before: Annotated[
        str | None, typer.Option(help=f"an instant; {WAITING_DAYS} days from now when left out")
    ] = None,
) -> None:
    """Ask the hub to erase a child: under every pseudonym that this body ever gave the child.

    It prints the request's event id, which two bodies approve. Nothing is erased before.
    """
    waiting_until = not_before or _in_days(WAITING_DAYS)
    with (
        borough_client(borough, settings.passphrase(), feed=feed) as client,
        well_formed(by_office="--office", ground="--ground", waiting_until="--not-before"),
    ):
        asked = client.request_erasure(tuple(child), Wish(ground, office, waiting_until))
        sent = client.send()
    typer.echo(str(asked))
    if sent.left:
        typer.echo("the hub has not answered; it waits in the outbox (`bhr outbox send`)", err=True)
        raise typer.Exit(EXIT_LEFT)


@app.command()
def tidy(borough: Borough, feed: Feed = "") -> None:
    """Ask how far our requests are; forget here whom the hub has erased, for ever.

    What goes: published rows, pseudonyms, bytes in the outbox. What stays: acknowledgements, and
    keyed tags by which later returns leave the erased past out. Run it from a timer.
    """
    with borough_client(borough, settings.passphrase(), feed=feed) as client:
        told = client.tidy()
    for one in told:
        _show(one)
    if not told:
        typer.echo("no request for erasure is open")
    if not all(one.tidied for one in told):
        raise typer.Exit(EXIT_LEFT)


def _show(told: Told) -> None:
    day = f" on {told.destroyed}" if told.destroyed else ""
    tidied = "; forgotten here" if told.tidied else ""
    lapses = f"; the last backup of its keys lapses on {told.lapses}" if told.lapses else ""
    typer.echo(f"{told.request}: {told.stage}{day}{tidied}{lapses}")
    for one in told.recipients:
        typer.echo(f"  {one.participant} fetched {one.fetched} parts, confirmed {one.confirmed}")


def _in_days(days: int) -> str:
    then = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")
