"""`bhr right`: which office may read live figures, which releases alone, and since when."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import hub
from adapters.command_line.asked import well_formed
from domain.vocabulary.offices import RightGranted, RightRemoved

app = typer.Typer(no_args_is_help=True, help="Which office may read what, and since when.")


class Right(StrEnum):
    """The three rights."""

    audit = "audit"
    live = "live"
    released = "released"


Body = Annotated[str, typer.Argument(help="the body, by code")]
Office = Annotated[str, typer.Argument(help="director, analyst, commander, chief-nurse …")]
Which = Annotated[
    Right, typer.Option("--right", help="live figures, releases alone, or the logs' entries")
]


@app.command()
def grant(
    participant: Body,
    office: Office,
    *,
    purpose: Annotated[list[str], typer.Option(help="what for; may be given several times")],
    since: Annotated[str, typer.Option(help="first day, YYYY-MM-DD")],
    right: Which = Right.live,
) -> None:
    """Give an office the right to read live figures, releases alone, or the logs' entries."""
    with well_formed(effective_from="--since", purposes="--purpose"):
        facts = RightGranted.Facts(
            effective_from=since,
            office=office,
            participant=participant,
            purposes=tuple(sorted(set(purpose))),
            right=right.value,
        )
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        rooms.registering.grant(facts)
    typer.echo(f"granted: {right.value} to {office} of {participant}")


@app.command()
def remove(
    participant: Body,
    office: Office,
    *,
    until: Annotated[str, typer.Option(help="last day, YYYY-MM-DD")],
    right: Which = Right.live,
) -> None:
    """End an office's right after a day."""
    with well_formed(effective_until="--until"):
        facts = RightRemoved.Facts(
            effective_until=until, office=office, participant=participant, right=right.value
        )
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        rooms.registering.remove(facts)
    typer.echo(f"removed: {right.value} from {office} of {participant} after {until}")


@app.command(name="list")
def listed() -> None:
    """List every right, with its first and last day."""
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        rights = rooms.hub.registry.rights()
    for one in rights:
        until = one.effective_until or "further notice"
        purposes = ", ".join(one.purposes)
        typer.echo(
            f"{one.right:8} {one.office} of {one.participant}: "
            f"{one.effective_from} until {until}, for {purposes}"
        )
