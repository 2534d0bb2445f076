"""`bhr keys rotate`: replace a key from now on; nothing that is sealed or signed is touched."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import rotating
from domain.values import to_text

app = typer.Typer(no_args_is_help=True, help="Replace a key; what it sealed or signed stays.")


class Why(StrEnum):
    """Why a key is replaced."""

    compromised = "compromised"
    due = "due"
    lost = "lost"
    other = "other"


Reason = Annotated[Why, typer.Option(help="why it is replaced; recorded")]


@app.command()
def ledger(
    name: Annotated[str, typer.Argument(help="the ledger whose headers it seals")],
    reason: Reason = Why.due,
) -> None:
    """Turn a ledger's key; the hub may go on serving. Each year turns it by itself."""
    home = settings.hub_home()
    done = rotating.turn_ledger_key(home, settings.passphrase(), name, reason.value)
    typer.echo(f"turned {done.turn} time(s) this year: {name}  key {to_text(done.key)}")
