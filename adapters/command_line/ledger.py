"""`bhr ledger`: make the ledgers of a hub, and show where they stand."""

from __future__ import annotations

import typer

from adapters import settings
from adapters.assembly import hub
from adapters.assembly.guarding import lookout_of
from adapters.assembly.identities import WallClock
from adapters.assembly.ledgers import ledgers_of
from adapters.command_line import backups
from services.acknowledging import instant

app = typer.Typer(no_args_is_help=True, help="The append-only ledgers of the hub.")
app.command("backup")(backups.back_up_ledgers)
app.command("restore")(backups.restore_ledgers)


@app.command()
def init() -> None:
    """Make the partnership's ledger, then one for every body that is registered to keep one.

    Run it once before `bhr register`, and again after it.
    """
    home = settings.hub_home()
    for name in hub.init_ledgers(home, settings.passphrase()):
        typer.echo(f"made ledger {name}")


@app.command()
def status() -> None:
    """Show how many entries each ledger has, when the last was recorded, and what witnesses say."""
    home = settings.hub_home()
    with ledgers_of(home) as ledgers:
        guards = lookout_of(home, ledgers, lambda _: 0, WallClock()).guards
        for name, ledger in ledgers.items():
            head = ledger.head()
            last = instant(head.recorded_ms) if head.size else "never"
            guards[name].ask()
            told = guards[name].told()
            typer.echo(f"{name:32} {head.size:>10} entries   last {last}   {told}")
