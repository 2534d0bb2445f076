"""`bhr keys`: make and rehearse key files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import assembly, settings

app = typer.Typer(no_args_is_help=True, help="Key files: sealed by a passphrase, recoverable.")
Borough = Annotated[str | None, typer.Option(help="a borough's keys; the hub's when left out")]
RecoveryFile = Annotated[Path, typer.Option("--recovery", help="the recovery key's file")]


@app.command()
def recovery(file: Annotated[Path, typer.Argument(help="where to; carry it off-line")]) -> None:
    """Make an offline recovery key, sealed by the passphrase that is set now.

    Use another passphrase than the key files', and keep file and passphrase apart from them.
    """
    public = assembly.make_recovery(file, settings.passphrase())
    typer.echo(f"recovery key made; its public half: {public}")


@app.command()
def init(
    recovery_public: Annotated[
        Path, typer.Option("--recovery", help="FILE.pub of the recovery key")
    ],
    borough: Borough = None,
) -> None:
    """Make every key file of the hub, or of a borough, mode 0600, and show the fingerprints.

    A borough's public keys are written to `public-keys.json`, for `bhr register` at the hub. Read
    the fingerprints out to the other bodies, who enter them with `bhr trust add`.
    """
    for line in assembly.init_keys(borough, settings.passphrase(), recovery_public):
        typer.echo(line)


@app.command()
def rehearse(recovery_file: RecoveryFile, borough: Borough = None) -> None:
    """Prove that the recovery key opens every key file.

    The passphrase that is set must be the recovery key's own.
    """
    for line in assembly.rehearse(borough, recovery_file, settings.passphrase()):
        typer.echo(line)
