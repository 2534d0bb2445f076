"""Shows the report of a return on a terminal: counts, codes, and what was found child by child."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table

from adapters.returns.reports import Delivery, Outcome, Report, Row
from adapters.returns.reports_findings import Finding

_WIDTH: Final = 120  # where there is no terminal to ask
_SAID: Final = {
    Outcome.UNDERSTOOD: "everything was understood",
    Outcome.IN_PART: "understood in part: see what was refused",
    Outcome.REFUSED: "the file is refused",
    Outcome.WAITING: "everything is in the outbox, and not all of it was answered",
}
_CHECKED: Final = ("in file", "understood", "refused", "events told", "events refused here")
_SENT: Final = (
    *("new", "unchanged", "corrected", "sent anew", "erased", "refused by hub"),
    *("stood before", "gone though due", "gone and past"),
)


def show_report(report: Report) -> None:
    """Print a report to standard output."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=_WIDTH)
    for refusal in report.refusals:
        about = f"{refusal.field}, " if refusal.field else ""
        console.print(f"refused: {refusal.code} ({about}line {refusal.line})")
    if report.rows:
        console.print(_table("in the file", _CHECKED, map(_checked, report.rows)))
    if report.delivery is not None:
        told = (_sent(row) for row in report.rows if row.events is not None)
        console.print(_table("sent", _SENT, told))
        _show_delivery(console, report.delivery)
    for episode in report.gone:
        console.print(f"gone though due: {_shown(episode.child)}  {episode.kind}  {episode.day}")
    _show_findings(console, report)
    console.print(f"{report.outcome.value}: {_SAID[report.outcome]}")


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[int | str | None]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("kind", no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    return table


def _checked(row: Row) -> Sequence[int | str | None]:
    told = (None, None) if row.events is None else (row.events.told, row.events.refused_here)
    return (row.kind, row.in_file, row.understood, row.refused, *told)


def _sent(row: Row) -> Sequence[int | str | None]:
    events = row.events
    if events is None:
        return (row.kind,)
    return (
        *(row.kind, events.new, events.unchanged, events.corrected, events.rekeyed),
        *(
            events.erased,
            events.refused_by_hub,
            events.last_load,
            events.gone_due,
            events.gone_past,
        ),
    )


def _show_delivery(console: Console, delivery: Delivery) -> None:
    console.print(
        f"the hub recorded {delivery.recorded} and refused {delivery.refused}; "
        f"{delivery.waiting} submissions wait"
    )
    if delivery.fenced:
        console.print(
            f"  {delivery.fenced} named a child whom the hub has erased: what is newer was sent "
            "again; run `bhr erasure tidy`"
        )
    for code, count in sorted(delivery.hub_codes.items()):
        console.print(f"  refused by the hub: {code} {count}")
    console.print(
        "children of whom nothing is left in the return: "
        f"{delivery.children_gone_due} though due, {delivery.children_gone_past} and past"
    )
    for submission in delivery.submissions:
        console.print(f"  submission {submission}")


def _show_findings(console: Console, report: Report) -> None:
    for code, severity, count in report.findings.tally():
        console.print(f"{severity:8} {count:>8}  {code}")
    for child, found in groupby(report.findings, key=lambda finding: finding.child):
        shown = report.ids.get(child)
        named = f" {_shown(shown)}" if shown is not None else ""
        console.print(f"child {child}{named}" if child else "the file itself")
        for finding in found:
            console.print(f"  {_line(finding)}", soft_wrap=True)
    if report.findings.left_out:
        console.print(f"{report.findings.left_out} more, of records that had too many")


def _line(finding: Finding) -> str:
    falls = f", and the {finding.refuses} with it" if finding.refuses else ""
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    where = f"line {finding.line:<7} {finding.place}"
    return f"{where}  {finding.severity}: {finding.code}{falls}{times}"


def _shown(text: str) -> str:
    """Give a text of the file as a terminal may show it: it could hold commands to the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
