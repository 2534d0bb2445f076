"""The report of a return: what was in the file, what was understood, and what became of it.

It holds counts, codes and places, and never a value. JSON holds everything in one document; CSV
has one table of counts and findings, told apart by its first column. Both are given piece by piece,
since a report may be longer than memory.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import IntEnum
from typing import Final, TypeAlias

from adapters.returns.reports_findings import Finding, Findings
from adapters.spreadsheets import cell

Cell: TypeAlias = str | int | None


class Outcome(IntEnum):
    """What a return came to; the value is the exit status."""

    UNDERSTOOD = 0
    IN_PART = 1
    """Something of it was refused, here or by the hub."""
    REFUSED = 2
    """The file as a whole: not to be read, or not the return that was asked for."""
    WAITING = 3
    """All of it is in the outbox, and the hub has not answered yet."""


@dataclass(slots=True)
class Events:
    """What became of the events of one kind. Checking tells `told` and `refused_here` alone.

    `told` can be sent as far as we can see. Of them `new` were never sent before, `unchanged` stand
    as they were, `corrected` replace what was sent, and `rekeyed` were sent under another key: what
    was sent is withdrawn, and they are sent anew. `erased` are of a past that was erased, or were
    taken back as never to be sent: they stay away. `last_load` stood before this one; of these some
    are gone from the return: `gone_due` should be in it, `gone_past` were over before its year.
    """

    told: int = 0
    refused_here: int = 0
    new: int = 0
    unchanged: int = 0
    corrected: int = 0
    rekeyed: int = 0
    erased: int = 0
    refused_by_hub: int = 0
    last_load: int = 0
    gone_due: int = 0
    gone_past: int = 0


def total(events: Iterable[Events]) -> Events:
    """Add up what became of the events of several kinds."""
    found = [asdict(each) for each in events]
    return Events(**{name: sum(each[name] for each in found) for name in _EVENT_COLUMNS})


_EVENT_COLUMNS: Final = tuple(each.name for each in fields(Events))


@dataclass(frozen=True, slots=True)
class Row:
    """The counts of one kind: of records in the file, of the events that stand for them, or both.

    A record is counted in the events that say that it began; what else is told of it has rows of
    its own, without records.
    """

    kind: str
    in_file: int | None = None
    understood: int | None = None
    events: Events | None = None

    @property
    def refused(self) -> int | None:
        """The records that were not understood."""
        if self.in_file is None or self.understood is None:
            return None
        return self.in_file - self.understood


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is refused as a whole, and the element that it is about, if it is about one."""

    code: str
    line: int
    field: str | None = None


@dataclass(frozen=True, slots=True)
class GoneEpisode:
    """A child or a thing of a child that the return should hold and does not."""

    kind: str
    child: str = field(repr=False)
    day: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was sent. `hub_codes` counts why the hub refused; `waiting` submissions are left.

    `fenced` events named a child whom the hub had erased already: those that are newer were sent
    again under a new pseudonym.
    """

    submissions: tuple[str, ...] = ()
    recorded: int = 0
    refused: int = 0
    fenced: int = 0
    waiting: int = 0
    children_gone_due: int = 0
    children_gone_past: int = 0
    hub_codes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything there is to say of one file; `close` it when it has been said.

    `ids` and `gone` name children, and are filled only where somebody asked to see them.
    """

    outcome: Outcome
    findings: Findings
    rows: tuple[Row, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    delivery: Delivery | None = None
    ids: Mapping[int, str] = field(default_factory=dict, repr=False)
    gone: tuple[GoneEpisode, ...] = field(default=(), repr=False)

    def close(self) -> None:
        """Let go of the findings."""
        self.findings.close()


_CHECKED: Final = ("told", "refused_here")
_COUNTS: Final = ("kind", "in_file", "understood", "refused", *_EVENT_COLUMNS)
_PLACES: Final = tuple(each.name for each in fields(Finding))
CSV_COLUMNS: Final = ("row", *_COUNTS, *_PLACES)
"""The columns of the CSV; a row of counts leaves those of findings empty, and the other way."""


def counts_of(row: Row, *, published: bool) -> dict[str, Cell]:
    """Give a row's counts by column; when nothing was published, only what checking can say."""
    counts: dict[str, Cell] = {
        "kind": row.kind,
        "in_file": row.in_file,
        "understood": row.understood,
        "refused": row.refused,
    }
    if row.events is not None:
        events = asdict(row.events)
        counts |= {name: events[name] for name in (_EVENT_COLUMNS if published else _CHECKED)}
    return counts


def as_json(report: Report) -> Iterator[str]:
    """Give the report as one JSON document, in pieces."""
    head = {
        "return": "cin-census",
        "outcome": report.outcome.name.lower().replace("_", "-"),
        "refusals": [asdict(each) for each in report.refusals],
        "counts": list(_counts(report)),
        "delivery": None if report.delivery is None else asdict(report.delivery),
        "codes": [
            {"code": code, "severity": severity, "findings": count}
            for code, severity, count in report.findings.tally()
        ],
        "findings_left_out": report.findings.left_out,
    }
    yield json.dumps(head, indent=2)[:-2] + ',\n  "findings": ['
    for number, finding in enumerate(report.findings):
        yield ("," if number else "") + "\n    " + json.dumps(asdict(finding))
    yield "\n  ]\n}\n"


def as_csv(report: Report) -> Iterator[str]:
    """Give the report as CSV, in pieces."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in _csv_rows(report):
        writer.writerow({name: cell(value) for name, value in row.items()})
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _csv_rows(report: Report) -> Iterator[dict[str, Cell]]:
    for refusal in report.refusals:
        yield {"row": "refusal", **asdict(refusal)}
    for counts in _counts(report):
        yield {"row": "count", **counts}
    for finding in report.findings:
        yield {"row": "finding", **asdict(finding)}


def _counts(report: Report) -> Iterator[dict[str, Cell]]:
    return (counts_of(row, published=report.delivery is not None) for row in report.rows)
