"""`bhr demo`: boroughs publish invented returns, and the view agrees with what is published."""

from __future__ import annotations

import datetime
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from adapters.command_line.demo_themes import print_theme
from adapters.demonstration.comparison import ComparedCell, Comparison, compare
from adapters.demonstration.players import free_port, hub_running, publish_all
from adapters.demonstration.reading import factors_when_folded
from adapters.demonstration.stage import AGREEMENT, PURPOSE, Stage, set_stage
from adapters.demonstration.themes import read_theme
from adapters.returns.published_figures import PublishedTable, read_published, shipped_table
from domain.errors import NotFound

EXIT_DIFFERS = 1
THEMES = (
    "knife-crime-and-gangs",
    "exploitation",
    "domestic-abuse",
    "pre-birth-and-neglect",
    "thresholds",
)


def demo(
    *,
    year: Annotated[
        int | None, typer.Option(help="a year to 31 March that the table has; else its last")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="stop after the comparison")] = False,
    published: Annotated[
        Path | None, typer.Option(help="another published table (CSV), any three authorities")
    ] = None,
    port: Annotated[int | None, typer.Option(help="the hub's port; else a free one")] = None,
) -> None:
    """Run the whole path on this machine: invented returns, sealed records, shared views.

    The children are invented; their factor totals are those that the Department for Education
    publishes. Every cell that is published as a number must be what the hub counts.
    """
    console = Console(width=None if sys.stdout.isatty() else 120)
    table = read_published(published) if published else shipped_table()
    chosen = year if year is not None else table.years[-1]
    if chosen not in table.years:
        raise NotFound(f"year {chosen} in the published table")
    _refuse_unfinished(chosen)
    with tempfile.TemporaryDirectory(prefix="bhr-demo-") as folder:
        started = time.monotonic()
        stage = set_stage(Path(folder), table, chosen, port or free_port())
        console.print(f"[bold]Set up[/] in {time.monotonic() - started:.1f} s: {folder}")
        with hub_running(stage):
            differs = _play(console, stage, table, started)
            if not once:
                _keep_serving(console, stage)
    raise typer.Exit(EXIT_DIFFERS if differs else 0)


def _refuse_unfinished(year: int) -> None:
    if datetime.date(year, 3, 31) >= datetime.datetime.now(datetime.UTC).date():
        raise NotFound("end of that year: events of the future are refused by the hub")


def _play(console: Console, stage: Stage, table: PublishedTable, started: float) -> bool:
    for load in sorted(publish_all(stage), key=lambda one: one.slug):
        console.print(
            f"{load.slug}: {load.children} children, {load.recorded} events recorded, "
            f"{load.refused} refused ({load.outcome})"
        )
    answer = factors_when_folded(stage)
    console.print(f"[bold]In the views[/] after {time.monotonic() - started:.1f} s\n")
    episodes = {
        (row.ledger, row.measure): row.episodes
        for row in answer.rows
        if row.period == str(stage.year)
    }
    comparison = compare(table, stage.year, stage.authorities, episodes)
    _print_comparison(console, comparison, stage)
    slugs = [authority.slug for authority in stage.authorities]
    for theme in THEMES:
        print_theme(console, read_theme(stage, theme), slugs)
    return _print_verdict(console, comparison)


def _print_comparison(console: Console, comparison: Comparison, stage: Stage) -> None:
    """Print every cell: what the hub counts, what is published, and the difference."""
    table = Table(
        title=f"Episodes with each factor, year to 31 March {comparison.year}: "
        "hub, published, difference"
    )
    table.add_column("published column")
    for authority in stage.authorities:
        table.add_column(authority.name, justify="right", no_wrap=True, min_width=18)
    by_place = {(cell.authority, cell.column): cell for cell in comparison.cells}
    for column in dict.fromkeys(cell.column for cell in comparison.cells):
        cells = (by_place[authority.name, column] for authority in stage.authorities)
        table.add_row(column, *(_told(cell) for cell in cells))
    console.print(table)


def _told(cell: ComparedCell) -> str:
    published = (cell.mark or "-") if cell.published is None else str(cell.published)
    difference = "" if cell.difference is None else str(cell.difference)
    return f"{cell.hub:>6}{published:>7}{difference:>5}"


def _print_verdict(console: Console, comparison: Comparison) -> bool:
    hidden: dict[str, list[str]] = {}
    for cell in comparison.hidden():
        hidden.setdefault(cell.mark or "no figure", []).append(f"{cell.authority} {cell.column}")
    for mark, cells in sorted(hidden.items()):
        console.print(f"not compared, published as {mark!r}: {', '.join(cells)}")
    differing = comparison.differing()
    for cell in differing:
        console.print(
            f"differs: {cell.authority} {cell.column}: hub {cell.hub}, published {cell.published}"
        )
    console.print(
        f"[bold]{comparison.compared()} cells compared, {len(differing)} differ, "
        f"{len(comparison.hidden())} are suppressed or not available[/]"
    )
    return bool(differing)


def _keep_serving(console: Console, stage: Stage) -> None:
    token = stage.folder / "reader.token"
    token.touch(mode=0o600)
    token.write_text(stage.reader_token, encoding="ascii")
    typer.echo(
        f"\nServing on {stage.url()} until stopped (Ctrl-C). To read a view:\n"
        f'  curl -H "Authorization: Bearer $(cat {token})" \\\n'
        f"    '{stage.url()}/v1/factors?agreement={AGREEMENT}&purpose={PURPOSE}'"
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        console.print("stopped")
