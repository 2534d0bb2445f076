"""`bhr keys`: make key files, and rehearse their recovery."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import log_settings, settings
from adapters.assembly import ceremonies, rotating
from adapters.assembly.key_stores import key_server
from adapters.command_line import backups, linkage, rotation
from adapters.command_line.asked import well_formed
from domain.errors import HomeNotReady

app = typer.Typer(no_args_is_help=True, help="Key files: sealed by a passphrase, recoverable.")
app.add_typer(linkage.app, name="linkage")
app.add_typer(rotation.app, name="rotate")
app.command("backup")(backups.back_up_keys)
app.command("restore")(backups.restore_keys)
app.command("move")(backups.move_keys)
Borough = Annotated[str | None, typer.Option(help="a borough's keys; the hub's when left out")]


@app.command()
def recovery(file: Annotated[Path, typer.Argument(help="where to; carry it off-line")]) -> None:
    """Make an offline recovery key, sealed by the passphrase that is set now.

    Use another passphrase than that of the key files, and keep both apart from them.
    """
    fingerprint = ceremonies.make_recovery(file, settings.passphrase())
    typer.echo(f"recovery key made, fingerprint {fingerprint}; its public half: {file}.pub")


@app.command()
def init(
    recovery_public: Annotated[Path, typer.Option("--recovery", help="the recovery key's .pub")],
    borough: Borough = None,
    log_name: Annotated[
        str | None, typer.Option(help="what the hub's logs are called, for ever: hub.example")
    ] = None,
) -> None:
    """Make every key file of the hub, or of a borough, mode 0600, and show the fingerprints.

    The public halves that others need are written to `public-keys.json`, for `bhr register` at the
    hub. Read the fingerprints out to the other bodies, who enter them with `bhr trust add`.
    """
    passphrase = settings.passphrase()
    home: settings.HubHome | settings.BoroughHome = settings.hub_home()
    if borough is None:
        if log_name is not None:
            with well_formed(name="--log-name"):
                said = log_settings.LogSettings(name=log_name)
            log_settings.write_log(settings.hub_home(), said)
        shown = ceremonies.make_hub(settings.hub_home(), passphrase, recovery_public)
    else:
        home = settings.borough_home(borough)
        settings.read_borough(home)
        shown = ceremonies.make_borough(home, passphrase, recovery_public)
    typer.echo(f"public keys: {home.public_keys}")
    for purpose, fingerprint in shown.items():
        typer.echo(f"{purpose:12} {fingerprint}")


@app.command()
def log(
    ledgers: Annotated[list[str], typer.Argument(help="which ledgers, by code")],
) -> None:
    """Show under which keys the hub signs the checkpoints of its ledgers.

    Both keys of a ledger go into a policy file (`log KEY`); a witness needs one of them, and one
    that knows no ML-DSA the first.
    """
    for key in ceremonies.keys_of_logs(settings.hub_home(), ledgers):
        typer.echo(key.vkey())


@app.command()
def status(borough: Borough = None) -> None:
    """Show each key's fingerprint, and whether recovery was ever rehearsed."""
    home = settings.borough_home(borough) if borough else settings.hub_home()
    marks = ceremonies.fingerprints(home)
    if not marks:
        raise HomeNotReady(f"{home.folder} holds no key files yet: run `bhr keys init`")
    for purpose, fingerprint in marks.items():
        typer.echo(f"{purpose:16} {fingerprint}")
    for purpose in marks:
        if purpose.endswith("-next"):
            typer.echo(f"{purpose.removesuffix('-next')}: a successor is made and not in use yet")
    day = ceremonies.rehearsed_on(home)
    typer.echo(f"recovery rehearsed on {day}" if day else "recovery was never rehearsed: do it now")
    fresh = ceremonies.never_rehearsed(home)
    if day and fresh:
        typer.echo(f"made since then, and never rehearsed: {', '.join(fresh)}; rehearse again")
    for name in ceremonies.kept_elsewhere(home):
        typer.echo(f"{name}: kept elsewhere, and copied there: recovery does not open it")
    if borough is None and _wants_mirror(settings.hub_home()):
        typer.echo(f"the key store has no mirror: set {settings.MIRROR_VARIABLE}")


def _wants_mirror(home: settings.HubHome) -> bool:
    """Say whether the store is a file that has no mirror: on a server, that is the server's."""
    return key_server(home) is None and home.mirror is None


@app.command()
def rewrap(
    recovery_public: Annotated[Path, typer.Option("--recovery", help="the recovery key's .pub")],
    reason: rotation.Reason = rotation.Why.due,
) -> None:
    """Replace the hub's key-encryption key: every data key is wrapped anew under another.

    The hub may be serving. Stopped half way, it is finished by the next command that opens the
    hub. The key before is kept in `key-files/former`: backups of the key store need it.
    """
    home = settings.hub_home()
    done = rotating.rewrap(home, settings.passphrase(), recovery_public, reason.value)
    typer.echo(f"rewrapped: {done.rows} keys, their index, and the keys of the views")
    if done.shut:
        typer.echo(f"left as they were, since no key here opens them: {done.shut}")


@app.command()
def rehearse(
    recovery_file: Annotated[Path, typer.Option("--recovery", help="the recovery key's file")],
    borough: Borough = None,
) -> None:
    """Prove that the recovery key opens every key file.

    The passphrase that is set must be the recovery key's own.
    """
    home = settings.borough_home(borough) if borough else settings.hub_home()
    for purpose in ceremonies.rehearse(home, recovery_file, settings.passphrase()):
        typer.echo(f"recovered: {purpose}")
