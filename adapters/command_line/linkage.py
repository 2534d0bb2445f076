"""`bhr keys linkage`: the key by which the boroughs' records of one child may meet.

The boroughs hold it and the hub must not. One borough makes it; it goes to each other one sealed to
that borough's recipient key, which was compared by fingerprint first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import ceremonies
from domain.errors import HomeNotReady
from domain.reference.body_keys import BodyKeys
from domain.reference.documents import read_as

app = typer.Typer(no_args_is_help=True, help="The linkage key that the boroughs have in common.")
Borough = Annotated[str, typer.Option(help="whose home: the borough's code")]
Recovery = Annotated[Path, typer.Option("--recovery", help="the recovery key's .pub")]


@app.command()
def make(borough: Borough, recovery: Recovery) -> None:
    """Make the linkage key: one borough does, once a year, for all."""
    ceremonies.make_linkage(settings.borough_home(borough), settings.passphrase(), recovery)
    typer.echo("linkage key made; share it with each other borough")


@app.command()
def share(
    public_keys: Annotated[
        Path,
        typer.Argument(help="the other borough's public-keys.json", exists=True, dir_okay=False),
    ],
    sealed: Annotated[Path, typer.Argument(help="where to write the sealed key")],
    borough: Borough,
) -> None:
    """Seal the linkage key to another borough, whose recipient key `bhr trust` vouches for."""
    to = read_as(BodyKeys, public_keys.read_bytes())
    home = settings.borough_home(borough)
    document = ceremonies.share_linkage(home, settings.passphrase(), to)
    try:
        sealed.write_bytes(document)
    except OSError:
        raise HomeNotReady(f"{sealed} cannot be written: check its folder's rights") from None
    typer.echo(f"sealed to {to.participant}")


@app.command()
def take(
    sealed: Annotated[
        Path,
        typer.Argument(
            help="what another borough sealed for this one", exists=True, dir_okay=False
        ),
    ],
    borough: Borough,
    recovery: Recovery,
) -> None:
    """Keep the linkage key that another borough shared."""
    home, passphrase = settings.borough_home(borough), settings.passphrase()
    secret = ceremonies.take_linkage(home, passphrase, sealed.read_bytes())
    ceremonies.make_linkage(home, passphrase, recovery, secret=secret)
    typer.echo("linkage key kept")
