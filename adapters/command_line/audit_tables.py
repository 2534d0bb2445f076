"""What an audit found, as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from domain.canonical import JsonValue
from domain.record import Attestation
from domain.vocabulary.parts import TYPE_PREFIX
from services.acknowledging import instant
from services.audit.access import Access
from services.audit.comparing import Comparison, Difference, Figures
from services.audit.history import HistoryEntry
from services.audit.replaying import Moment
from services.audit.replaying import Progress as Tell
from services.views import Moved, ViewReader

SHOWN = (
    "measure", "breakdown", "borough", "ledger", "period", "cut", "value", "numerator",
    "denominator", "rate", "per", "mark", "assessments", "episodes", "children",
)  # fmt: skip
"""Columns of a theme's rows that are shown, where the rows have them."""
ATTESTED_BY = {
    Attestation.SIGNED: "its publisher's signature",
    Attestation.PLAIN: "the hub, at intake",
    Attestation.HUB: "the hub itself",
}


@contextmanager
def progress() -> Iterator[Tell]:
    """Show a bar for each ledger, where somebody is looking."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(ledger: str, done: int, size: int) -> None:
            if ledger not in tasks:
                tasks[ledger] = bar.add_task(ledger, total=size)
            bar.update(tasks[ledger], completed=done, total=size)

        yield tell


def show_answers(answers: Mapping[str, Mapping[str, JsonValue]]) -> None:
    """Show the table of each theme."""
    for code, answer in answers.items():
        rows = answer["rows"]
        found = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
        columns = [name for name in SHOWN if any(row.get(name) not in {None, ""} for row in found)]
        lines = ([_text(row.get(name)) for name in columns] for row in found)
        _print(str(answer.get("title", code)), columns, lines)


def show_moment(moment: Moment) -> None:
    """Say what was replayed."""
    sizes = ", ".join(f"{name} {size}" for name, size in sorted(moment.sizes.items()))
    Console().print(f"replayed as of {instant(moment.recorded_ms)}: {sizes}", soft_wrap=True)


def show_parked(store: ViewReader, moment: Moment) -> None:
    """Say which entries are in no figure, and why."""
    for ledger in sorted(moment.sizes):
        for stream in store.folded(ledger).parked:
            Console().print(
                f"not folded: {ledger}, {stream.entries} entries of a stream from position "
                f"{stream.position} on: {stream.reason}",
                soft_wrap=True,
            )


def show_comparison(comparison: Comparison) -> None:
    """Say whether the live views agree, or in what they differ."""
    console = Console()
    if comparison.why_not is not None:
        console.print(f"live views: not compared, since {comparison.why_not}", soft_wrap=True)
        return
    many = f"{comparison.compared} figures and {comparison.parts} whole parts compared"
    many += " as of the same positions"
    verdict = f"{len(comparison.differing)} differ" if comparison.differing else "all agree"
    console.print(f"live views: {many}, {verdict}", soft_wrap=True)
    if comparison.gone_on:
        console.print(
            f"registers, links and parked entries not compared: {', '.join(comparison.gone_on)},"
            " of which the live views hold more",
            soft_wrap=True,
        )
    if comparison.differing:
        columns = ("line", "ledger", "period", "value", "replayed", "live")
        _print("differing", columns, (_difference(one) for one in comparison.differing))


def show_compared(comparisons: Sequence[Comparison]) -> None:
    """Say whether the live views agree in all that was asked, or why they were not asked."""
    why_not = dict.fromkeys(one.why_not for one in comparisons if one.why_not is not None)
    for reason in why_not:
        Console().print(f"live views: not compared, since {reason}", soft_wrap=True)
    many = sum(one.compared for one in comparisons)
    differ = sum(len(one.differing) for one in comparisons)
    if not why_not:
        verdict = f"{differ} differ" if differ else "all agree"
        Console().print(f"live views: {many} figures compared, {verdict}", soft_wrap=True)


def show_movement(
    comparison: Comparison, why: Mapping[tuple[str, str, str], Sequence[Moved]]
) -> None:
    """Show what moved between two dates: then, now, why."""
    rows = (
        [*_place(one), _figures(one.other), _figures(one.replayed), _why(why, one)]
        for one in comparison.differing
    )
    _print("moved", ("line", "ledger", "period", "value", "then", "now", "why"), rows)
    Console().print(f"{comparison.compared} figures compared, {len(comparison.differing)} moved")


def show_history(entries: Iterable[HistoryEntry]) -> None:
    """Show entries in order, a line each."""
    for one in entries:
        does = f"  supersedes {one.supersedes}" if one.supersedes else ""
        does = f"  withdraws {one.withdraws}" if one.withdraws else does
        typer.echo(
            f"{one.ledger} {one.position}  recorded {instant(one.recorded_ms)}"
            f"  occurred {one.occurred}  {one.type.removeprefix(TYPE_PREFIX)}  {one.source}"
            f"  event {one.event}{does}  attested by {ATTESTED_BY[one.attestation]}"
        )


def show_accesses(looks: Iterable[Access]) -> None:
    """Show who looked at what, a line each."""
    for one in looks:
        typer.echo(
            f"{one.ledger} {one.position}  recorded {instant(one.recorded_ms)}  {one.what}"
            f"  by {one.who}  for {one.purpose}  under {one.allowed_by}"
        )


def compared(comparison: Comparison) -> dict[str, JsonValue]:
    """Give a comparison as a document."""
    differing: list[JsonValue] = [
        {
            "ledger": one.ledger,
            "line": one.line,
            "live": list(one.other) if one.other else None,
            "period": one.period,
            "replayed": list(one.replayed) if one.replayed else None,
            "value": one.value,
        }
        for one in comparison.differing
    ]
    return {
        "compared": comparison.compared,
        "differing": differing,
        "not_compared": comparison.why_not,
        "parts": comparison.parts,
        "registers_not_compared": list(comparison.gone_on),
    }


def _print(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(title=title)
    for name in columns:
        table.add_column(name)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)


def _place(one: Difference) -> list[str]:
    return [one.line, one.ledger, one.period, one.value]


def _figures(figures: Figures | None) -> str:
    return "" if figures is None else "/".join(map(str, figures))


def _difference(one: Difference) -> list[str]:
    return [*_place(one), _figures(one.replayed), _figures(one.other)]


def _why(why: Mapping[tuple[str, str, str], Sequence[Moved]], one: Difference) -> str:
    moved = why.get((one.ledger, one.line, one.period), ())
    return ", ".join(f"{each.cause} +{each.gained} −{each.lost}" for each in moved)
