"""`bhr returns`: check a statutory return, publish what it tells, or take a wrong file back."""

from __future__ import annotations

import io
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from adapters import settings
from adapters.assembly.borough import borough_authority, borough_client
from adapters.command_line.returns_table import show_report
from adapters.returns.cin_checking import Asked, check_return
from adapters.returns.cin_publishing import (
    Wanted,
    publish_return,
    withdraw_file,
    withdraw_submissions,
)
from adapters.returns.reports import Report, as_csv, as_json
from domain.values import LONDON

EXITS = """

Exit status: 0 everything was understood (and published); 1 something was refused, here or by the
hub; 2 the file as a whole was refused; 3 all of it waits in the outbox (`bhr outbox send`).
"""
SHOW_IDS = """\
show the authority's own id of each child that something is found of. On a terminal and as a table
only: reports never hold it otherwise, and neither should anything that leaves this desk
"""

app = typer.Typer(
    no_args_is_help=True, help="Statutory returns: the CIN Census, as it was exported."
)


class Shape(StrEnum):
    """How a report is given."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


File = Annotated[
    Path, typer.Argument(help="a CIN Census XML file", exists=True, dir_okay=False, readable=True)
]
Format = Annotated[Shape, typer.Option("--format", help="how to report")]
Borough = Annotated[str, typer.Option(help="whose home: the borough's code, such as havering")]
Ids = Annotated[bool, typer.Option("--show-ids", help=SHOW_IDS)]


@app.command(epilog=EXITS)
def check(
    file: File,
    *,
    form: Format = Shape.TABLE,
    authority: Annotated[
        str | None, typer.Option(help="refuse another authority's file, such as 311")
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="refuse another year's file: the year to 31 March")
    ] = None,
    show_ids: Ids = False,
) -> None:
    """Say what is in a file, what is understood of it, and what is not: where, and why.

    Nothing is published. No value of the file is in the report: a finding names the child by its
    number in the file, the element and the line.
    """
    shows = _may_show_ids(form, asked=show_ids)
    with _opened(file, readings=1) as source:
        asked = Asked(authority, year)
        report = check_return(source, asked, today=_today(), with_ids=shows)
    _give(report, form)


@app.command(epilog=EXITS)
def publish(
    file: File,
    *,
    borough: Borough,
    year: Annotated[int, typer.Option(help="the year to 31 March that the file must be of")],
    form: Format = Shape.TABLE,
    show_ids: Ids = False,
) -> None:
    """Publish what a file tells, and say what became of all of it.

    What stands already is not sent again; a changed value is sent as a correction, a changed key as
    a withdrawal and a new event. What is gone from the return is reported and never deleted.
    """
    shows = _may_show_ids(form, asked=show_ids)
    wanted = Wanted(borough_authority(borough), year)
    with (
        borough_client(borough, settings.passphrase()) as client,
        _opened(file, readings=2) as source,
    ):
        report = publish_return(source, wanted, client, today=_today(), with_ids=shows)
    _give(report, form)


@app.command()
def withdraw(
    submissions: Annotated[
        list[uuid.UUID] | None, typer.Argument(help="as `publish` listed them; several at once")
    ] = None,
    *,
    borough: Borough,
    file: Annotated[
        Path | None,
        typer.Option(help="the wrong file itself: what it told and stands", dir_okay=False),
    ] = None,
    year: Annotated[int | None, typer.Option(help="with --file: the year it is of")] = None,
) -> None:
    """Take back everything that submissions of a wrong file told, or that the file told."""
    if bool(submissions) == (file is not None) or (file is None) != (year is None):
        raise typer.BadParameter("either submissions, or --file with its --year")
    with borough_client(borough, settings.passphrase()) as client:
        if file is not None and year is not None:
            wanted = Wanted(borough_authority(borough), year)
            with _opened(file, readings=2) as source:
                withdrawn = withdraw_file(source, wanted, client, today=_today())
        else:
            withdrawn = withdraw_submissions(submissions or [], client)
    typer.echo(f"{withdrawn.events} events withdrawn, submissions left {withdrawn.waiting}")
    if withdrawn.waiting:
        raise typer.Exit(3)


def _today() -> date:
    return datetime.now(LONDON).date()


def _may_show_ids(form: Shape, *, asked: bool) -> bool:
    if asked and not (form is Shape.TABLE and _on_a_terminal()):
        raise typer.BadParameter("--show-ids is for a table on a terminal alone")
    return asked


def _on_a_terminal() -> bool:
    return sys.stdout.isatty()


class _Watched(io.BufferedReader):
    """A file that tells how much of it was read."""

    def __init__(self, raw: io.FileIO, moved: Callable[[int], None]) -> None:
        super().__init__(raw)
        self._moved = moved

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on, and tell."""
        found = super().read(size)
        self._moved(len(found))
        return found


@contextmanager
def _opened(file: Path, *, readings: int) -> Iterator[io.BufferedReader]:
    """Open a file that will be read so many times, with a progress bar on a terminal."""
    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with (
        Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar,
        io.FileIO(file) as raw,
    ):
        task = bar.add_task("", total=readings * file.stat().st_size)
        yield _Watched(raw, lambda count: bar.advance(task, count))


def _give(report: Report, form: Shape) -> NoReturn:
    """Print a report, and end with its status."""
    try:
        if form is Shape.TABLE:
            show_report(report)
        else:
            for piece in as_json(report) if form is Shape.JSON else as_csv(report):
                typer.echo(piece, nl=False)
    finally:
        report.close()
    raise typer.Exit(report.outcome)
