"""Backups of ledgers and keys, and putting them back without what must not come back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly import backing_up, moving_keys, restoring

Destination = Annotated[Path, typer.Argument(help="the folder that backups are kept in")]


def back_up_ledgers(destination: Destination) -> None:
    """Copy every ledger as it stands, while the hub goes on. No key is in it: keep it for ever.

    Those on a PostgreSQL server are backed up there, by its own means.
    """
    home = settings.hub_home()
    manifest = backing_up.back_up_ledgers(home, destination)
    for one in manifest.ledgers:
        typer.echo(f"{one.name:32} {one.entries:>10} entries   root {one.root}")
    for name in backing_up.on_servers(home):
        typer.echo(f"{name:32} not copied: it is on a server, whose own backups have it")
    typer.echo(f"made {manifest.made}")


def back_up_keys(destination: Destination) -> None:
    """Copy the key store as it stands, and delete copies that are older than 35 days.

    Whatever is destroyed after today is in this copy until it is deleted: let a timer make these,
    so that old ones go by their day, and keep no other copy of the key store.
    """
    done = backing_up.back_up_keys(settings.hub_home(), destination)
    for name in done.lapsed:
        typer.echo(f"deleted, since it had lapsed: {name}")
    typer.echo(f"made {done.manifest.made}; it lapses on {done.manifest.lapses}")


def move_keys(destination: Destination) -> None:
    """Move the key store from its file to the server that `stores.json` names; the hub is stopped.

    A copy is made first, which lapses as every backup does; file and mirror are removed, since no
    other copy may outlive what is destroyed.
    """
    done = moving_keys.move_keys(settings.hub_home(), destination)
    typer.echo("moved; file and mirror of the key store are removed here")
    typer.echo(f"a copy was made {done.manifest.made}; it lapses on {done.manifest.lapses}")


def restore_ledgers(
    copy: Annotated[Path, typer.Argument(help="one backup: ledgers-…")],
    *,
    without_witnesses: Annotated[
        bool,
        typer.Option("--without-witnesses", help="nobody can say whether entries are missing"),
    ] = False,
) -> None:
    """Put ledgers back where none stand; the hub must be stopped.

    Until witnesses have said that nothing is missing, nothing is appended or signed.
    """
    home = settings.hub_home()
    for one in restoring.restore_ledgers(home, copy, without_witnesses=without_witnesses):
        typer.echo(f"restored {one.name:32} {one.entries:>10} entries")
    typer.echo("next: `bhr ledger status` asks the witnesses whether anything is missing")


def restore_keys(
    copy: Annotated[
        Path | None, typer.Argument(help="one backup: keys-…; the mirror when left out")
    ] = None,
) -> None:
    """Put a key store back where none stands, destroying in it whatever the ledgers say was.

    The ledgers must be there and whole: they hold the fences. The hub must be stopped.
    """
    done = restoring.restore_keys(settings.hub_home(), settings.passphrase(), copy)
    typer.echo(f"restored; {done.destroyed} destroyed keys are destroyed in it too")
    for name, one in sorted(done.unopened.items()):
        typer.echo(
            f"{name}: {one.entries} entries from position {one.first} on have parts that do not "
            "open: their keys were made after this copy; a later copy or the mirror has them"
        )
