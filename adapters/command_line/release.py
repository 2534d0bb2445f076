"""`bhr release`: publish the month's release, list those there are, and show one."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import hub
from adapters.command_line.asked import read_by
from domain.canonical import canonical
from domain.reference.releases import Release
from projections.projection import THEMES_PURPOSE
from services.releases.publishing import releases

app = typer.Typer(
    no_args_is_help=True, help="Fixed, published tables without small numbers, once a month."
)
AGREEMENT = "bhr-themes@1"
Reader = Annotated[str, typer.Option(help="whose right is used: OFFICE@BODY")]
Agreement = Annotated[str, typer.Option(help="under which agreement")]
Purpose = Annotated[str, typer.Option(help="what it is read for")]


@app.command()
def publish(
    *,
    name: Annotated[str | None, typer.Option(help="the month, YYYY-MM; else this one")] = None,
) -> None:
    """Count, hide, attack, and append this month's release: fixed for ever."""
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        published = rooms.releasing().publish(name)
    typer.echo(f"published: {_line(published.release)}")


@app.command(name="list")
def listed(
    *, reader: Reader, agreement: Agreement = AGREEMENT, purpose: Purpose = THEMES_PURPOSE
) -> None:
    """List the releases, the oldest first, with how many figures each hides and why.

    The read is checked and recorded as over HTTP.
    """
    reading = read_by(reader, agreement, purpose)
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        rooms.hub.releases.listed(reading)
        for release in releases(rooms.hub.registry):
            typer.echo(_line(release))


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="the month, YYYY-MM")],
    *,
    reader: Reader,
    agreement: Agreement = AGREEMENT,
    purpose: Purpose = THEMES_PURPOSE,
) -> None:
    """Print a release by its exact bytes. The read is checked and recorded as over HTTP."""
    reading = read_by(reader, agreement, purpose)
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        answer = rooms.hub.releases.whole(reading, name)
    typer.echo(canonical(answer["release"]))


def _line(release: Release) -> str:
    loss = release.loss
    return (
        f"{release.month}: {loss.shown} figures shown, {loss.hidden()} hidden "
        f"({loss.share()} of 100: {loss.small} small, {loss.beside} beside them, "
        f"{loss.changed} moved by few)"
    )
