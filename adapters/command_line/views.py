"""`bhr views`: where the views stand, building them anew, and showing one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from adapters import settings
from adapters.assembly import hub
from adapters.assembly.rebuilding import rebuild_views, redriven
from adapters.command_line.asked import read_by
from adapters.command_line.shown import NAMES, answer_of
from domain.canonical import JsonValue
from services.filters import Filters
from services.history import HistoryAsked
from services.projecting import status as view_status

app = typer.Typer(no_args_is_help=True, help="The shared views, folded from the ledgers.")
EXIT_DIFFERS = 1
WHY = {
    "commitment-differs": "its content is not what was signed: audit it, it was altered",
    "fold-failed": "a projection met what it was not written for: mend it, then re-drive",
    "key-missing": "its key is not in the key store: restore the key store, then re-drive",
    "not-opened": "it does not open where it stands: audit it, it was moved or altered",
    "record-malformed": "what is stored is no record: audit it, it was altered",
    "stored-bytes-differ": "what is stored is not what its leaf says: audit it, it was altered",
}
WHY_NAMED = "it names an event that it may not name: its source must withdraw it"


@app.command()
def status() -> None:
    """Show how far each ledger is folded, and what is parked, waiting or left out."""
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        found = view_status(rooms.ledgers, rooms.generations.live())
    for one in found:
        folded = one.folded
        typer.echo(
            f"{folded.ledger:32} folded {folded.position:>9} of {one.size:>9}, lag {one.lag}, "
            f"waiting {folded.waiting}, parked streams {len(folded.parked)}"
        )
        for stream in folded.parked:
            typer.echo(
                f"  parked at {stream.position}: {stream.reason}, {stream.entries} entries behind"
            )
        for left in folded.left_out:
            typer.echo(f"  left out under {left.agreement}: {left.entries}")


@app.command()
def rebuild(
    *,
    processes: Annotated[
        int | None, typer.Option(min=1, help="how many at once; unless said, what serves best")
    ] = None,
) -> None:
    """Fold every ledger anew beside the live views, compare, and switch to the new ones."""
    report = rebuild_views(settings.hub_home(), settings.passphrase(), processes=processes)
    for one in report.ledgers:
        verdict = {True: "equal", None: "nothing to compare with"}.get(one.equal, "differs in ")
        typer.echo(f"{one.ledger:32} {verdict}{', '.join(one.differing)}")
    if not report.equal:
        raise typer.Exit(EXIT_DIFFERS)


@app.command()
def parked() -> None:
    """List the streams that are not folded: where each stopped, why, and how much is behind it."""
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        found = [one.folded for one in view_status(rooms.ledgers, rooms.generations.live())]
    for folded in found:
        for stream in folded.parked:
            typer.echo(
                f"{folded.ledger:32} parked at {stream.position}: {stream.reason} "
                f"({WHY.get(stream.reason, WHY_NAMED)}), {stream.entries} entries"
            )
    if not any(folded.parked for folded in found):
        typer.echo("nothing is parked")


@app.command()
def redrive(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would become of each, and change nothing")
    ] = False,
) -> None:
    """Fold what is parked again, after its cause was mended: the views are made anew.

    Only that gives exactly what a rebuild would. With --dry-run they are thrown away again.
    """
    report = redriven(settings.hub_home(), settings.passphrase(), dry_run=dry_run)
    streams = [(one, stream) for one in report.ledgers for stream in one.before]
    for one, stream in streams:
        again = one.parked_again(stream)
        said = f"parks again at {again.position}: {again.reason}" if again else "folds"
        typer.echo(f"{one.ledger:32} parked at {stream.position}: {said}")
    typer.echo(_redriven(len(streams), dry_run=dry_run))
    if any(one.parked_again(stream) for one, stream in streams):
        raise typer.Exit(EXIT_DIFFERS)


def _redriven(streams: int, *, dry_run: bool) -> str:
    if not streams:
        return "nothing is parked"
    return "nothing was changed: this was a dry run" if dry_run else "the new views are in use"


@app.command()
def show(
    view: Annotated[str, typer.Argument(help=f"{NAMES}, or a theme's code")],
    *,
    reader: Annotated[str, typer.Option(help="whose right is used: OFFICE@BODY")],
    agreement: Annotated[str, typer.Option(help="under which agreement")] = "bhr-themes@1",
    purpose: Annotated[str, typer.Option(help="what it is read for")] = "partnership-themes",
    year: Annotated[int | None, typer.Option(help="a year to 31 March")] = None,
) -> None:
    """Show a view on the terminal. The read is checked and recorded as over HTTP."""
    reading = read_by(reader, agreement, purpose)
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        answer = answer_of(rooms.hub, view, reading, Filters(year))
    _print(view, answer)


@app.command()
def history(
    theme: Annotated[str, typer.Argument(help="a theme's code")],
    *,
    reader: Annotated[str, typer.Option(help="whose right is used: OFFICE@BODY")],
    before: Annotated[str, typer.Option(help="a recorded instant, or a London day")],
    after: Annotated[str | None, typer.Option(help="a later one; now, unless given")] = None,
    agreement: Annotated[str, typer.Option(help="under which agreement")] = "bhr-themes@1",
) -> None:
    """Show why a theme's numbers changed. The read is checked and recorded as over HTTP."""
    reading = read_by(reader, agreement)
    asked = HistoryAsked(before, after, Filters())
    with hub.open_hub(settings.hub_home(), settings.passphrase()) as rooms:
        answer = rooms.hub.others.history.answer(reading, theme, asked)
    _print("history", answer)


_OF_A_THEME = (
    "measure", "breakdown", "borough", "period", "numerator", "denominator", "rate", "change",
    "flags",
)  # fmt: skip
"""What a terminal has room for of a theme's row."""


def _print(view: str, answer: Mapping[str, JsonValue]) -> None:
    rows = answer["rows"]
    table = Table(title=f"{view}, right {answer['right']}, {answer['suppression']}")
    found = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    names = _OF_A_THEME if "measures" in answer else tuple(found[0]) if found else ()
    for name in names:
        table.add_column(name)
    for row in found:
        table.add_row(*(_told(row[name]) for name in names))
    console = Console()
    console.print(table)
    console.print(f"positions {answer['positions']}; {answer['note']}")


def _told(value: JsonValue) -> str:
    """Say a value; of what stands beside a figure, its code."""
    if isinstance(value, list):
        return ", ".join(
            str(one["code"]) if isinstance(one, Mapping) else str(one) for one in value
        )
    return "" if value is None else str(value)
