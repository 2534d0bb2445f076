"""`bhr serve` and `bhr project`: the hub's processes."""

from __future__ import annotations

import signal
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import hub, stands
from adapters.assembly.nudging import listening
from adapters.assembly.pages import pages
from adapters.assembly.proofs import keeping
from adapters.assembly.telemetry import telemetry
from adapters.http.application import guarded
from adapters.http.server import Address, refuse_open_address, run
from adapters.http.turned_away import TurnedAway
from adapters.settled_memory import settle_memory
from adapters.starting import started_hub
from adapters.workers import checkpointing, projecting, stop_when_told
from services.projecting import Bell

DEMONSTRATION = (
    "; the embedded token issuer lets this machine's operator act as anyone: for trials only"
)


def serve(
    *,
    host: Annotated[str, typer.Option(help="the address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="the port to listen on")] = 8421,
    tls: Annotated[
        tuple[Path, Path] | None, typer.Option(help="PEM files: certificate and key")
    ] = None,
    behind_proxy: Annotated[
        str | None, typer.Option(help="name of the proxy that terminates TLS")
    ] = None,
    projector: Annotated[bool, typer.Option(help="project in this process too")] = True,
) -> None:
    """Serve the hub over HTTP, and keep its views up to date unless `bhr project` does."""
    certificate, key = tls or (None, None)
    address = Address(host, port, certificate, key, behind_proxy)
    refuse_open_address(address)
    stop_when_told()
    home, words = settings.hub_home(), settings.passphrase()
    with (
        telemetry("serve") as told,
        started_hub(home, words, told.watch) as rooms,
        told.of_hub(home, rooms),
    ):
        typer.echo(f"bhr: serving on {host}:{port}{_whom_it_believes()}", err=True)
        secure = bool(certificate or behind_proxy)
        turned_away = TurnedAway()
        told.count_turned_away(turned_away.counts)
        served = guarded(rooms.hub, pages(rooms, home, secure=secure), turned_away)
        stands.wire().get_ready()
        settle_memory()
        _say_how_ledgers_stand(rooms)
        with (
            keeping(home, words, rooms.ledgers, rooms.lookout) as kept,
            projecting(home, rooms, told.bears) if projector else nullcontext(),
            checkpointing(kept, told.bears),
        ):
            run(served, address)


def _say_how_ledgers_stand(rooms: hub.Rooms) -> None:
    """Ask, before anything is appended, whether others saw more of a ledger than is here."""
    for told in rooms.lookout.ask_all():
        typer.echo(f"bhr: {told}", err=True)


def _whom_it_believes() -> str:
    return DEMONSTRATION if settings.configured_issuer() is None else ""


def project() -> None:
    """Keep the views up to date, without serving: any number of these may run."""
    stop_when_told()
    home, bell = settings.hub_home(), Bell()
    with (
        telemetry("project") as told,
        started_hub(home, settings.passphrase(), told.watch) as rooms,
        told.of_hub(home, rooms),
        listening(home, rooms.ledgers, bell.ring),
    ):
        settle_memory()
        signal.signal(signal.SIGTERM, lambda *_: bell.stop())
        signal.signal(signal.SIGINT, lambda *_: bell.stop())
        rooms.projector.run(bell.wait)
