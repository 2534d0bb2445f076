"""`bhr keys rotate`: replace a key from now on; nothing that is sealed or signed is touched."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import log_keys, rotating, succession
from adapters.assembly.intake_keys import turn_intake_key
from adapters.assembly.succession import KeyHolder
from domain.reference.participants import PARTNERSHIP
from domain.values import to_text

app = typer.Typer(help="Replace a key; what it sealed or signed stays.")


class Why(StrEnum):
    """Why a key is replaced."""

    compromised = "compromised"
    due = "due"
    lost = "lost"
    other = "other"


Reason = Annotated[Why, typer.Option(help="why it is replaced; recorded")]
Recovery = Annotated[Path | None, typer.Option("--recovery", help="the recovery key's .pub")]


class Key(StrEnum):
    """Which of a body's keys."""

    deciding = "deciding"
    recipient = "recipient"
    signing = "signing"


@app.callback(invoke_without_command=True)
def rotate(
    context: typer.Context,
    *,
    borough: Annotated[str | None, typer.Option(help="whose keys: the borough's code")] = None,
    recovery: Recovery = None,
    key: Annotated[
        list[Key] | None, typer.Option(help="which; recipient and signing when left out")
    ] = None,
    reason: Reason = Why.due,
) -> None:
    """Replace a borough's keys: make successors, each signed for by the key before.

    Send `public-keys.json` to the hub to be registered. The new keys are used from when the hub
    lists them, the old ones kept to open what was sealed to them; after a compromise the new ones
    are used at once, and the hub takes nothing more that the old ones sign.
    """
    if context.invoked_subcommand is not None:
        return
    if borough is None or recovery is None:
        raise typer.BadParameter(
            "say --borough and --recovery, or name what:"
            " ledger, log, hub-signing, token-issuer, intake"
        )
    home = settings.borough_home(borough)
    settings.read_borough(home)
    holder = KeyHolder(home, home.name, settings.passphrase(), recovery)
    wanted = {one.value for one in key} if key else set(succession.ROTATED)
    purposes = [one for one in succession.ROTATABLE if one in wanted]
    for purpose, mark in succession.rotate_borough(holder, reason.value, purposes).items():
        typer.echo(f"{purpose:12} {mark}")
    typer.echo(f"to be registered at the hub: {home.public_keys}")


@app.command()
def hub_signing(
    recovery: Annotated[Path, typer.Option("--recovery", help="the recovery key's .pub")],
    reason: Reason = Why.due,
) -> None:
    """Replace the key that the hub signs acknowledgements with, from its next start on."""
    home = settings.hub_home()
    holder = KeyHolder(home, PARTNERSHIP, settings.passphrase(), recovery)
    for purpose, mark in rotating.rotate_hub_signing(holder, home, reason.value).items():
        typer.echo(f"{purpose:12} {mark}")


@app.command()
def ledger(
    name: Annotated[str, typer.Argument(help="the ledger whose headers it seals")],
    reason: Reason = Why.due,
) -> None:
    """Turn a ledger's key; the hub may go on serving. Each year turns it by itself."""
    home = settings.hub_home()
    done = rotating.turn_ledger_key(home, settings.passphrase(), name, reason.value)
    typer.echo(f"turned {done.turn} time(s) this year: {name}  key {to_text(done.key)}")


@app.command()
def token_issuer(
    recovery: Annotated[Path, typer.Option("--recovery", help="the recovery key's .pub")],
    reason: Reason = Why.due,
) -> None:
    """Replace the key of the embedded issuer, with the hub stopped.

    Every token and sign-in link of before is refused from then on: hand out new ones.
    """
    home = settings.hub_home()
    holder = KeyHolder(home, PARTNERSHIP, settings.passphrase(), recovery)
    mark = rotating.rotate_token_issuer(holder, home, reason.value)
    typer.echo(f"token-issuer {mark}")


@app.command()
def intake() -> None:
    """Replace the key that submissions in queues are sealed to at once; `bhr intake` does weekly.

    Those before it are destroyed once no queue holds anything that was sealed to them. Do it after
    `hub-signing`: what is published of the key is signed by that one.
    """
    mark, gone = turn_intake_key(settings.hub_home(), settings.passphrase())
    typer.echo(f"intake       {mark}")
    for one in gone:
        typer.echo(f"destroyed    {one}")


@app.command("log")
def log_key(
    recovery: Recovery = None,
    *,
    finish: Annotated[
        bool, typer.Option("--finish", help="sign with the successor alone from now on")
    ] = False,
    reason: Reason = Why.due,
) -> None:
    """Replace the key that checkpoints are signed with; the logs stay what they are.

    From its next start on the hub signs with both keys. Once the witnesses follow (`bhr witness
    follow`) and policy files name what `bhr keys log` shows, `--finish`, and start it again. After
    a compromise the new key signs alone at once.
    """
    home = settings.hub_home()
    if finish:
        mark = log_keys.finish_checkpoint_key(home, settings.passphrase())
        typer.echo(f"log          {mark}, alone from the next start of the hub on")
        return
    if recovery is None:
        raise typer.BadParameter("say --recovery, or --finish")
    holder = KeyHolder(home, PARTNERSHIP, settings.passphrase(), recovery)
    typer.echo(f"log          {log_keys.begin_checkpoint_key(holder, home, reason.value)}")
    typer.echo("add what `bhr keys log` shows to every policy file; old lines stay")
    typer.echo(f"for the witnesses: {home.public_keys}")
