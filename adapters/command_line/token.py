"""`bhr token`: bearer tokens of the embedded issuer, for demonstrations and a single machine."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import settings
from adapters.assembly.identities import open_issuer
from services.ports import Caller

app = typer.Typer(
    no_args_is_help=True,
    help="Tokens of the embedded issuer: it lets the operator act as anyone, so for trials only.",
)
Hours = Annotated[int, typer.Option(min=1, max=24, help="how long it holds")]
Source = Annotated[str, typer.Argument(help="the source: /participants/CODE/SYSTEM")]
Body = Annotated[str, typer.Argument(help="the body, by code")]
Office = Annotated[str, typer.Argument(help="director, analyst, commander, chief-nurse …")]
Person = Annotated[str, typer.Option(help="an opaque id of who uses it; never a name")]


@app.command()
def publisher(source: Source, hours: Hours = 12, person: Person = "system") -> None:
    """Mint a token that publishes as one source: /participants/CODE/SYSTEM."""
    participant = source.removeprefix("/participants/").partition("/")[0]
    _mint(Caller(participant, source, None, person), hours)


@app.command()
def reader(participant: Body, office: Office, hours: Hours = 12, person: Person = "reader") -> None:
    """Mint a token that reads as one office of one body, or fetches its parts."""
    _mint(Caller(participant, None, office, person), hours)


def _mint(caller: Caller, hours: int) -> None:
    issuer = open_issuer(settings.hub_home(), settings.passphrase())
    typer.echo(issuer.mint(caller, life_seconds=hours * 3600))
