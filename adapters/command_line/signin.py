"""`bhr signin`: a link that lets one browser in, once; for demonstrations and a single machine."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import settings
from adapters.assembly.identities import SIGN_IN, open_issuer
from adapters.assembly.pages import sign_in_link
from adapters.command_line.asked import caller_named

WARNING = (
    "bhr: whoever opens this link first, within ten minutes, reads as that office; "
    "for demonstrations and a single machine"
)


def signin(
    *,
    reader: Annotated[str, typer.Option(help="who signs in: OFFICE@BODY")],
    person: Annotated[str, typer.Option(help="an opaque id of the reader; no name")] = "reader",
    hub: Annotated[str, typer.Option(help="the hub's address")] = "http://127.0.0.1:8421",
) -> None:
    """Print a link to the pages that works once; refused beside a configured identity provider."""
    caller = caller_named(reader, person)
    issuer = open_issuer(settings.hub_home(), settings.passphrase(), audience=SIGN_IN)
    typer.echo(sign_in_link(issuer, caller, hub=hub))
    typer.echo(WARNING, err=True)
