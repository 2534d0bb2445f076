"""`bhr outbox`, at the hub: telling participants, each in its own topic."""

from __future__ import annotations

import signal

import typer

from adapters import kafka_settings, settings
from adapters.assembly.nudging import listening
from adapters.assembly.outbox import telling
from adapters.assembly.telemetry import telemetry
from adapters.settled_memory import settle_memory
from adapters.starting import started_hub
from adapters.workers import stop_when_told
from services.projecting import Bell


def tell() -> None:
    """Tell participants what ledgers hold for them, until this process is told to stop."""
    stop_when_told()
    home, words, bell = settings.hub_home(), settings.passphrase(), Bell()
    reached = kafka_settings.kafka()
    with (
        telemetry("outbox") as told_of,
        started_hub(home, words, told_of.watch) as rooms,
        told_of.of_hub(home, rooms),
        listening(home, rooms.ledgers, bell.ring),
        telling(rooms, home, reached, told_of.watch) as outbox,
    ):
        told_of.hindered_by(outbox.hindrances)
        for one in rooms.lookout.ask_all():
            typer.echo(f"bhr: {one}", err=True)
        settle_memory()
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda *_: bell.stop())
        typer.echo(f"bhr: telling by {', '.join(reached.brokers)}", err=True)
        outbox.run(bell.wait)
