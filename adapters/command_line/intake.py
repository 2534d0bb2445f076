"""`bhr intake` takes submissions in from Kafka; `bhr kafka init` makes what it needs there."""

from __future__ import annotations

import json
import signal
import threading
from functools import partial
from typing import Annotated

import typer

from adapters import kafka_settings, settings
from adapters.assembly import hub, intake, stands
from adapters.assembly.identities import WallClock
from adapters.assembly.intake_keys import hub_signer, intake_keys, keep_turning, turn_intake_key
from adapters.assembly.telemetry import telemetry
from adapters.beside import going_on
from adapters.settled_memory import settle_memory
from adapters.starting import started_hub
from adapters.workers import stop_when_told
from services.taking_in import TAKEN

app = typer.Typer()
broker = typer.Typer(no_args_is_help=True, help="What the hub needs on its Kafka brokers.")


@app.callback(invoke_without_command=True)
def take_in(context: typer.Context) -> None:
    """Take submissions in from Kafka: any number of these share the ledgers between them.

    `BHR_KAFKA` names the brokers, `BHR_KAFKA_CERTIFICATE` our key and certificate,
    `BHR_KAFKA_AUTHORITY` whose word on brokers is taken.
    """
    if context.invoked_subcommand is not None:
        return
    home, words = settings.hub_home(), settings.passphrase()
    reached = kafka_settings.kafka()
    stop_when_told()
    with (
        telemetry("intake") as told_of,
        started_hub(home, words, told_of.watch) as rooms,
        told_of.of_hub(home, rooms),
    ):
        stands.wire().get_ready()
        settle_memory()
        stop = threading.Event()
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, lambda *_: stop.set())
        for told in rooms.lookout.ask_all():
            typer.echo(f"bhr: {told}", err=True)
        signer = partial(hub_signer, home, words)
        keys = partial(keep_turning, intake_keys(home, words), signer, WallClock())
        with (
            going_on(keys, "intake-keys", told_of.bears),
            intake.consuming(rooms, home, words, reached) as consuming,
        ):
            told_of.hindered_by(consuming.hindrances)
            told_of.look_at_intake(consuming.signs)
            typer.echo(f"bhr: taking in from {', '.join(reached.brokers)}", err=True)
            consuming.run(stop)


@app.command()
def redrive(
    *,
    ledger: Annotated[str | None, typer.Option(help="of one ledger; of all when left out")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many letters are taken at most")] = 100,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would become of each, and record nothing")
    ] = False,
) -> None:
    """Try dead letters once more, the oldest first, after what was wrong has been put right.

    One that was taken since is left. They stay where they are until they lapse, 30 days after they
    were put away.
    """
    home, words = settings.hub_home(), settings.passphrase()
    asked = intake.Redrive(kafka_settings.kafka(), ledger, limit, dry_run)
    taken = tried = 0
    with hub.open_hub(home, words) as rooms:
        for one in intake.redrive(rooms, home, words, asked):
            tried += 1
            taken += one.outcome == TAKEN
            typer.echo(f"{one.ledger:32} {one.letter}   {one.reason} -> {one.outcome}")
    would = "would be taken" if dry_run else "taken"
    typer.echo(f"{tried} tried, {taken} {would}")


@broker.command()
def init(
    copies: Annotated[int, typer.Option(min=1, help="on how many brokers each topic is kept")] = 3,
) -> None:
    """Make the topics, the access rules and the first intake key; again after each registration.

    Run it under a certificate that may administer the brokers. What stands as it should is left.
    """
    home, words = settings.hub_home(), settings.passphrase()
    reached = kafka_settings.kafka()
    with hub.open_hub(home, words) as rooms:
        for line in intake.bring_broker(rooms, reached, copies=copies):
            typer.echo(line)
    if not intake_keys(home, words).standing():
        mark, _ = turn_intake_key(home, words)
        typer.echo(f"made intake key {mark}")


@broker.command()
def describe() -> None:
    """Print the AsyncAPI 3 document of every topic and message."""
    home, words = settings.hub_home(), settings.passphrase()
    with hub.open_hub(home, words) as rooms:
        document = intake.describe(rooms, kafka_settings.kafka())
    typer.echo(json.dumps(document, indent=2))
