"""`bhr demo`: boroughs publish invented returns, and the views agree with what is published."""

from __future__ import annotations

import datetime
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from adapters.assembly.identities import SIGN_IN, open_issuer
from adapters.assembly.pages import sign_in_link
from adapters.command_line.demo_proof import print_proof
from adapters.command_line.demo_themes import print_theme
from adapters.demonstration.bodies import Loaded
from adapters.demonstration.comparison import ComparedCell, Comparison, compare
from adapters.demonstration.loads import Load, one_year, successive
from adapters.demonstration.players import (
    Player,
    beat_all,
    bodies_playing,
    free_port,
    hub_running,
    publish_all,
    witnesses_running,
)
from adapters.demonstration.reading import ViewAnswer, factors_when_folded
from adapters.demonstration.releasing import publish_release
from adapters.demonstration.stage import (
    AGREEMENT,
    PURPOSE,
    TOKEN_SECONDS,
    Stage,
    arrangements_begin,
    set_stage,
)
from adapters.demonstration.themes import read_theme
from adapters.returns.published_figures import read_published, shipped_table
from adapters.settings import hub_home
from domain.values import LONDON
from services.ports import Caller

EXIT_DIFFERS = 1
RELEASES = 2
"""After how many of the last loads a release is published: two, since the later hides more."""
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
        int | None, typer.Option(help="one year to 31 March alone; else the table's last five")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="stop after the comparison")] = False,
    published: Annotated[
        Path | None, typer.Option(help="another published table (CSV), any three authorities")
    ] = None,
    port: Annotated[int | None, typer.Option(help="the hub's port; else a free one")] = None,
) -> None:
    """Run the whole path on this machine: invented returns, sealed records, shared views.

    The children are invented; their factor totals are those that the Department for Education
    publishes. Every cell that is published as a number must be what the hub counts. Five returns
    are loaded one after another, each as at the summer after its year, and children go on from one
    to the next; `--year` loads one alone, today.
    """
    console = Console(width=None if sys.stdout.isatty() else 120)
    table = read_published(published) if published else shipped_table()
    today = datetime.datetime.now(LONDON).date()
    if year is None:
        loads = successive(table, begins=arrangements_begin(), today=today)
    else:
        loads = one_year(table, year, today=today)
    signal.signal(signal.SIGTERM, _end)
    with tempfile.TemporaryDirectory(prefix="bhr-demo-") as folder:
        started = time.monotonic()
        stage = set_stage(Path(folder), table, loads, port or free_port())
        console.print(f"[bold]Set up[/] in {time.monotonic() - started:.1f} s: {folder}")
        with witnesses_running(stage), hub_running(stage), bodies_playing(stage) as players:
            differs = _play(console, stage, players, started)
            if not once:
                _keep_serving(console, stage)
    raise typer.Exit(EXIT_DIFFERS if differs else 0)


def _end(*_: object) -> None:
    """End as by Ctrl-C: its hub and its keys must not outlive it.

    Once: whoever is told twice, as by `timeout`, tidies up all the same.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


def _play(console: Console, stage: Stage, players: Sequence[Player], started: float) -> bool:
    for load in stage.loads:
        _print_load(console, load)
        for loaded in publish_all(stage, load, players):
            console.print(_told_of(loaded), highlight=False)
        if load.day and load in stage.loads[-RELEASES:]:
            console.print(f"  {publish_release(stage)}", highlight=False)
    stage.step()
    beat_all(players)
    console.print(f"[bold]Loaded[/] after {time.monotonic() - started:.1f} s")
    answer = factors_when_folded(stage)
    console.print(f"[bold]In the views[/] after {time.monotonic() - started:.1f} s\n")
    comparisons = [_compared(stage, year, answer) for year in stage.years]
    _print_comparison(console, comparisons[-1])
    slugs = [authority.slug for authority in stage.authorities]
    for theme in THEMES:
        print_theme(console, read_theme(stage, theme), slugs)
    whole = print_proof(console, stage)
    return _print_verdict(console, comparisons) or not whole


def _print_load(console: Console, load: Load) -> None:
    when = f"on {load.day:%A %d %B %Y}" if load.day else "today"
    what = "amended return, sent again" if load.again else "returns"
    console.print(f"[bold]Year to 31 March {load.year}[/]: {what}, loaded {when}", highlight=False)


def _told_of(loaded: Loaded) -> str:
    events = loaded.events
    return (
        f"  {loaded.slug}: {loaded.children} children, {loaded.recorded} events recorded, "
        f"{loaded.refused} refused ({loaded.outcome}); of what stood {events.unchanged} facts are "
        f"unchanged, {events.corrected} corrected, {events.rekeyed} under another key, "
        f"{events.gone_due} gone; {loaded.told} events beside the return"
    )


def _compared(stage: Stage, year: int, answer: ViewAnswer) -> Comparison:
    episodes = {
        (row.ledger, row.measure): row.episodes for row in answer.rows if row.period == str(year)
    }
    return compare(stage.table, year, stage.authorities, episodes)


def _print_comparison(console: Console, comparison: Comparison) -> None:
    """Print every cell: what the hub counts, what is published, and the difference."""
    table = Table(
        title=f"Episodes with each factor, year to 31 March {comparison.year}: "
        "hub, published, difference"
    )
    table.add_column("published column")
    names = tuple(dict.fromkeys(cell.authority for cell in comparison.cells))
    for name in names:
        table.add_column(name, justify="right", no_wrap=True, min_width=18)
    by_place = {(cell.authority, cell.column): cell for cell in comparison.cells}
    for column in dict.fromkeys(cell.column for cell in comparison.cells):
        cells = (by_place[name, column] for name in names)
        table.add_row(column, *(_told(cell) for cell in cells))
    console.print(table)


def _told(cell: ComparedCell) -> str:
    published = (cell.mark or "-") if cell.published is None else str(cell.published)
    difference = "" if cell.difference is None else str(cell.difference)
    return f"{cell.hub:>6}{published:>7}{difference:>5}"


def _print_verdict(console: Console, comparisons: list[Comparison]) -> bool:
    hidden: dict[str, list[str]] = {}
    for one in comparisons:
        for cell in one.hidden():
            place = f"{one.year} {cell.authority} {cell.column}"
            hidden.setdefault(cell.mark or "no figure", []).append(place)
    for mark, cells in sorted(hidden.items()):
        console.print(f"not compared, published as {mark!r}: {', '.join(cells)}")
    for one in comparisons:
        for cell in one.differing():
            console.print(
                f"differs: {one.year} {cell.authority} {cell.column}: "
                f"hub {cell.hub}, published {cell.published}"
            )
    for one in comparisons:
        console.print(
            f"[bold]Year to 31 March {one.year}: {one.compared()} cells compared, "
            f"{len(one.differing())} differ, {len(one.hidden())} are suppressed or not available[/]"
        )
    return any(one.differing() for one in comparisons)


def _keep_serving(console: Console, stage: Stage) -> None:
    issuer = open_issuer(hub_home(), stage.passphrase, audience=SIGN_IN, clock=stage.clock())
    typer.echo(f"\nServing on {stage.url()} until stopped (Ctrl-C). Each link signs in once:")
    for one in stage.authorities:
        caller = Caller(one.slug, None, "director", "reader")
        link = sign_in_link(issuer, caller, hub=stage.url(), life_seconds=TOKEN_SECONDS)
        typer.echo(f"  {one.name}, director: {link}")
    typer.echo(
        f"To read a view:\n"
        f'  curl -H "Authorization: Bearer $(cat {stage.reader_token})" \\\n'
        f"    '{stage.url()}/v1/factors?agreement={AGREEMENT}&purpose={PURPOSE}'"
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        console.print("stopped")
