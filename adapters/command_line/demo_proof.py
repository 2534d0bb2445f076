"""Printing what is proven at the end of the demonstration."""

from __future__ import annotations

import time

from rich.console import Console

from adapters.assembly.verifying import Outcome
from adapters.demonstration.proving import covered, receipt_of_newest, verified
from adapters.demonstration.stage import Stage
from services.acknowledging import instant
from services.audit.receipt_checking import Proven
from services.audit.verifying.report import StepReport

ENTRIES_OPENED = 20_000
"""Beyond these, opening and folding all once more is left to `bhr audit verify`: it takes minutes
that the demonstration does not have.
"""


def print_proof(console: Console, stage: Stage) -> bool:
    """Print sizes, one receipt, and each step of the verification; gives whether it all holds."""
    started = time.monotonic()
    found = covered(stage)
    console.print("\n[bold]Witnessed[/]: entries under a checkpoint that enough boroughs cosigned")
    for one in found:
        console.print(f"  {one.ledger}: {one.published} of {one.size}", highlight=False)
    proven = receipt_of_newest(stage)
    _print_receipt(console, proven)
    by_keys = sum(one.size for one in found) <= ENTRIES_OPENED
    outcome = verified(stage, by_keys=by_keys)
    _print_steps(console, outcome)
    if not by_keys:
        console.print("  What is sealed is not opened once more here: it takes as long as loading.")
    console.print(f"[bold]Proven[/] in {time.monotonic() - started:.1f} s")
    return proven.holds and not outcome.report.findings


def _print_receipt(console: Console, proven: Proven) -> None:
    leaf = proven.leaf
    what = f"{leaf.source} number {leaf.sequence}, position {proven.index}" if leaf else "no event"
    seen = ", ".join(f"{name} at {instant(at * 1000)}" for name, at in proven.cosigned)
    checks = ", ".join(f"{one.name} {one.state}" for one in proven.checks)
    console.print(f"[bold]Receipt[/] of {what}: {checks}", highlight=False)
    console.print(f"  seen by {seen or 'nobody'}", highlight=False)


def _print_steps(console: Console, outcome: Outcome) -> None:
    console.print("[bold]Verified[/], as `bhr audit verify` does:")
    for step in outcome.report.steps:
        console.print(f"  {step.number:>2}  {_told(step):12} {step.title} ({step.looked_at})")
        for one in step.findings:
            console.print(f"      {one.place()}: {one.code}", highlight=False)
        for why in step.not_checked:
            console.print(f"      not checked: {why}", highlight=False)


def _told(step: StepReport) -> str:
    return {"found": "FOUND", "not-checked": "not checked", "ok": "ok"}[step.state]
