"""`bhr schema`: the published vocabulary as JSON Schema 2020-12."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import HomeNotReady
from domain.schemas import schema_names, schema_of

app = typer.Typer(no_args_is_help=True, help="The published vocabulary as JSON Schema 2020-12.")


@app.command("list")
def list_names() -> None:
    """List the name and version of every event."""
    for name in schema_names():
        typer.echo(name)


@app.command()
def show(name: Annotated[str, typer.Argument(help="such as assessment-completed.v1")]) -> None:
    """Print one schema."""
    typer.echo(json.dumps(schema_of(name), indent=2, ensure_ascii=False))


@app.command()
def export(folder: Annotated[Path, typer.Argument(help="where to; made if missing")]) -> None:
    """Write every schema into a folder, one file each."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in schema_names():
            text = json.dumps(schema_of(name), indent=2, ensure_ascii=False)
            (folder / f"{name}.schema.json").write_text(f"{text}\n", encoding="utf-8")
    except OSError:
        raise HomeNotReady(f"{folder} cannot be written: check its rights and space") from None
    typer.echo(f"{len(schema_names())} schemas written")
