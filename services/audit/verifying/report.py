"""What a verification found: numbered steps, each ok, with findings, or not checked and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from domain.canonical import JsonValue

State = Literal["ok", "found", "not-checked"]

STEPS: Final = (
    "leaf bytes",
    "tiles",
    "root",
    "signatures of the log",
    "cosignature quorum",
    "each witness's own latest checkpoint",
    "consistency with every kept checkpoint",
    "recorded times between the times of cosignatures",
    "gaps in sources' numbers",
    "commitments, openings and publishers' signatures",
    "missing parts explained by destroyed keys",
    "decisions signed by the bodies that took them",
    "views folded again and equal",
    "acknowledgements and receipts of publishers",
)
"""In this order: each step rests on those before it."""

LEAVES, TILES, ROOT, SIGNATURES, QUORUM, WITNESSES, KEPT, TIMES, GAPS = range(1, 10)
OPENINGS, MISSING, DECISIONS, VIEWS, PUBLISHERS = range(10, 15)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong: at which step, in which ledger, at which position if at one.

    `code` is a constant word; nothing that was stored or sent is ever repeated.
    """

    step: int
    ledger: str
    position: int
    """-1 where it is about no single entry."""
    code: str

    def place(self) -> str:
        """Give ledger and position in words."""
        return self.ledger if self.position < 0 else f"{self.ledger} position {self.position}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What one step did in one ledger: how many things it looked at, or why at none."""

    step: int
    ledger: str
    looked_at: int
    not_checked: str = ""


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step over all ledgers."""

    number: int
    title: str
    state: State
    looked_at: int
    not_checked: tuple[str, ...]
    """Why it was not checked, by ledger where it differs; empty when it was checked everywhere."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole verification."""

    steps: tuple[StepReport, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Give every finding, in order of step, ledger and position."""
        return tuple(finding for step in self.steps for finding in step.findings)

    @property
    def whole(self) -> bool:
        """Say whether every step was checked everywhere."""
        return all(not step.not_checked for step in self.steps)

    def document(self) -> JsonValue:
        """Give the report as a JSON document."""
        return {"steps": [_step(step) for step in self.steps], "whole": self.whole}


def report(checked: Iterable[Checked], findings: Iterable[Finding]) -> Report:
    """Put together what was checked and found; a step that nobody checked is "not checked"."""
    done = list(checked)
    found = sorted(set(findings))
    return Report(
        tuple(
            _step_report(number, title, done, found) for number, title in enumerate(STEPS, start=1)
        )
    )


def _step_report(
    number: int, title: str, done: Sequence[Checked], found: Sequence[Finding]
) -> StepReport:
    mine = [one for one in done if one.step == number]
    open_ones = tuple(_by_reason(mine))
    if not mine:
        open_ones = ("nobody asked for it",)
    findings = tuple(one for one in found if one.step == number)
    # What was found counts before what was left: a step half checked is no "not checked".
    state: State = "found" if findings else "not-checked" if open_ones else "ok"
    looked_at = sum(one.looked_at for one in mine)
    return StepReport(number, title, state, looked_at, open_ones, findings)


def _by_reason(mine: Sequence[Checked]) -> Iterator[str]:
    """Give each reason once, with the ledgers that it holds for."""
    ledgers: dict[str, list[str]] = {}
    for one in mine:
        if one.not_checked and one.ledger not in ledgers.setdefault(one.not_checked, []):
            ledgers[one.not_checked].append(one.ledger)
    for why, names in ledgers.items():
        yield f"{', '.join(names)}: {why}"


def _step(step: StepReport) -> JsonValue:
    return {
        "findings": [
            {"code": one.code, "ledger": one.ledger, "position": one.position}
            for one in step.findings
        ],
        "looked_at": step.looked_at,
        "not_checked": list(step.not_checked),
        "number": step.number,
        "state": step.state,
        "title": step.title,
    }
