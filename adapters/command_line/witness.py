"""`bhr witness`: a borough's own small witness, for a hub's logs or any that speak tlog-witness."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import log_settings, settings
from adapters.assembly import log_keys, witnesses
from adapters.assembly.telemetry import telemetry
from adapters.http.server import Address, refuse_open_address, run
from adapters.workers import stop_when_told

app = typer.Typer(
    no_args_is_help=True,
    help="A witness: cosigns a log's checkpoints, as long as the log only goes on.",
)


@app.command()
def init(
    body: Annotated[str, typer.Argument(help="whose witness it is, by code")],
    name: Annotated[str, typer.Option(help="what it signs as, for ever: havering.example/witness")],
    recovery_public: Annotated[Path, typer.Option("--recovery", help="the recovery key's .pub")],
) -> None:
    """Make the witness's key and its empty book.

    Send the key to the hub's operator, for the policy file, and read the fingerprint out. Key and
    book belong together: where either is lost, the witness ends, and a new one has a new key.
    """
    opened_by = witnesses.recovered_by(settings.passphrase(), recovery_public)
    key, mark = witnesses.make_witness(log_settings.witness_home(), body, name, opened_by)
    typer.echo(key.vkey())
    typer.echo(f"witness {mark}")


@app.command("add-log")
def add_log(
    keys: Annotated[list[str], typer.Argument(help="keys of logs, as `bhr keys log` shows them")],
) -> None:
    """Serve a log from now on, or believe another key of one that is served."""
    for vkey in keys:
        typer.echo(f"serves {witnesses.serve_log(log_settings.witness_home(), vkey)}")


@app.command()
def follow(
    public_keys: Annotated[Path, typer.Argument(help="the hub's `public-keys.json`")],
) -> None:
    """Believe the keys that follow those we believe: each is signed for by the one before it."""
    found = log_keys.follow(log_settings.witness_home(), log_keys.read_list(public_keys))
    for key in found:
        typer.echo(f"believed: {key.vkey()}")
    if not found:
        typer.echo("no key follows those that are believed")


@app.command("drop-key")
def drop_key(
    vkey: Annotated[str, typer.Argument(help="a log's key that was replaced, as it was added")],
) -> None:
    """Cosign nothing more that this key alone signed; what was cosigned stays."""
    typer.echo(f"dropped: {log_keys.drop_key(log_settings.witness_home(), vkey)}")


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="the address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="the port to listen on")] = 8431,
    tls: Annotated[
        tuple[Path, Path] | None, typer.Option(help="PEM files: certificate and key")
    ] = None,
    behind_proxy: Annotated[
        str | None, typer.Option(help="name of the proxy that terminates TLS")
    ] = None,
) -> None:
    """Serve the witness over HTTP."""
    certificate, key = tls or (None, None)
    address = Address(host, port, certificate, key, behind_proxy)
    refuse_open_address(address)
    stop_when_told()
    with (
        telemetry("witness") as told,
        witnesses.open_witness(log_settings.witness_home(), settings.passphrase()) as served,
    ):
        typer.echo(f"bhr: witness on {host}:{port}", err=True)
        told.begun()
        run(served, address)


@app.command()
def status() -> None:
    """Show the witness's key, and of each log the size that it last cosigned and when.

    Status 1 where a log signed two trees of one size: `bhr witness evidence` shows both. A request
    that did not go on may also be somebody's bad proof; these are counted beside.
    """
    vkey, logs, evidence = witnesses.witness_status(log_settings.witness_home())
    typer.echo(vkey)
    for log in logs:
        against = [one.certain for one in evidence if one.origin == log.origin]
        typer.echo(f"{log.origin:40} {log.size:>12}   {log.cosigned or 'never'}")
        if against:
            typer.echo(
                f"  CONTRADICTS ITSELF: {sum(against)}   did not go on: {against.count(False)}"
            )
    if any(one.certain for one in evidence):
        raise typer.Exit(1)


@app.command()
def evidence() -> None:
    """Show, whole, what logs signed that was not shown to go on from what they had signed before.

    Of each: the last checkpoint that was cosigned, and the request.
    """
    _, _, kept = witnesses.witness_status(log_settings.witness_home())
    for number, one in enumerate(kept, start=1):
        typer.echo(f"--- {number}: {one.origin}, had cosigned:\n{(one.kept or b'').decode()}")
        typer.echo(f"--- {number}: was asked:\n{one.request.decode()}")
