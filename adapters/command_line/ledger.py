"""`bhr ledger`: make the ledgers of a hub, and show where they stand."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import settings
from adapters.assembly.answered import answered_proof
from adapters.assembly.bringing_up import init_ledgers
from adapters.assembly.guarding import lookout_of
from adapters.assembly.identities import WallClock
from adapters.assembly.ledgers import ledgers_of
from adapters.assembly.moving import move_ledger
from adapters.command_line import backups
from domain.errors import Unavailable
from services.acknowledging import instant
from services.answered_proof import AnsweredProof
from services.log_ports import ProvenLedger

app = typer.Typer(no_args_is_help=True, help="The append-only ledgers of the hub.")
app.command("backup")(backups.back_up_ledgers)
app.command("restore")(backups.restore_ledgers)


@app.command()
def init() -> None:
    """Make the partnership's ledger, then one for every body that is registered to keep one.

    Run it once before `bhr register`, and again after it.
    """
    ledgers = init_ledgers(settings.hub_home(), settings.passphrase())
    for name in ledgers.made:
        typer.echo(f"made ledger {name}")
    for name in ledgers.away:
        typer.echo(f"passed over {name}: its server is away; once it is back, run this again")


@app.command()
def status() -> None:
    """Show how many entries each ledger has, when the last was recorded, and what witnesses say.

    Beside it the newest published checkpoint: its size, and whether enough witnesses cosigned it.
    """
    home = settings.hub_home()
    with ledgers_of(home) as ledgers:
        proofs = answered_proof(ledgers)
        guards = lookout_of(home, ledgers, lambda _: 0, WallClock()).guards
        for name, ledger in ledgers.items():
            try:
                head = ledger.head()
            except Unavailable:
                typer.echo(f"{name:32} its server does not answer")
                continue
            last = instant(head.recorded_ms) if head.size else "never"
            guards[name].ask()
            told = guards[name].told()
            typer.echo(f"{name:32} {head.size:>10} entries   last {last}   {told}")
            typer.echo(f"{'':32} {_published(ledger, proofs)}")


@app.command()
def move(
    name: Annotated[str, typer.Argument(help="the ledger, such as havering")],
) -> None:
    """Move a ledger from its file to the server that `stores.json` names; the hub must be stopped.

    Positions, entries, tiles, checkpoints and answers are the same afterwards; the file is kept.
    """
    moved = move_ledger(settings.hub_home(), name)
    typer.echo(f"moved {name:32} {moved.entries:>10} entries   root {moved.root}")
    typer.echo(f"its file is kept as {moved.file}: put it where you keep backups of ledgers")


def _published(ledger: ProvenLedger, proofs: AnsweredProof | None) -> str:
    newest = ledger.checkpoints.latest_published()
    if newest is None:
        return "         0 published"
    seen = proofs is not None and proofs.holds(newest)
    return f"{newest.size:>10} published, {'witnessed' if seen else 'unwitnessed'}"
