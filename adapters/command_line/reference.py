"""`bhr register` and `bhr right`: what is drafted as a file becomes part of the record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import hub
from adapters.command_line.asked import well_formed
from adapters.reference.shipped import shipped_documents
from domain.values import to_text
from domain.vocabulary.offices import RightGranted

rights = typer.Typer(no_args_is_help=True, help="Which office may read what, and since when.")


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


@rights.command()
def grant(
    participant: Annotated[str, typer.Argument(help="the body, by code")],
    office: Annotated[str, typer.Argument(help="director, analyst, commander, chief-nurse …")],
    *,
    purpose: Annotated[list[str], typer.Option(help="what for; may be given several times")],
    since: Annotated[str, typer.Option(help="first day, YYYY-MM-DD")],
) -> None:
    """Give an office the right to read live figures."""
    with well_formed(effective_from="--since", purposes="--purpose"):
        facts = RightGranted.Facts(
            effective_from=since,
            office=office,
            participant=participant,
            purposes=tuple(sorted(set(purpose))),
            right="live",
        )
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        rooms.registering.grant(facts)
    typer.echo(f"granted: live to {office} of {participant}")
