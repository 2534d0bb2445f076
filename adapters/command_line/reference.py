"""`bhr register`: what is drafted as a file becomes part of the record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import hub
from adapters.reference.shipped import shipped_documents
from domain.values import to_text


def register(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="reference documents (JSON)", exists=True, dir_okay=False, readable=True
        ),
    ] = None,
    *,
    shipped: Annotated[
        bool, typer.Option("--shipped", help="the drafts that the package ships")
    ] = False,
) -> None:
    """Register reference data: the exact bytes of each file are appended to the `bhr` ledger."""
    if not (files or shipped):
        raise typer.BadParameter("name a file, or say --shipped")
    documents = [one.raw for one in shipped_documents()] if shipped else []
    documents += [path.read_bytes() for path in files or []]
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        for raw in documents:
            done = rooms.registering.register(raw)
            state = "stood already" if done.again else "registered"
            typer.echo(f"{state}: {done.kind} {done.reference}  sha-256 {to_text(done.digest)}")
