"""Reading the demonstration's hub as its analyst would: over HTTP, with a token and a right."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.assembly.hub import ledgers_of
from adapters.demonstration.stage import AGREEMENT, PURPOSE, Stage
from adapters.settings import hub_home
from domain.errors import Unavailable

FOLDING_S = 120.0
POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One row of a view's answer."""

    ledger: str
    measure: str
    period: str
    assessments: int
    episodes: int
    children: int


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """One line of a theme: which rows it is, what to call it, and which of their counts it is."""

    group: str
    title: str
    counts: str

    def of(self, row: ViewRow) -> int:
        """Give the line's count in a row."""
        return {"episodes": row.episodes, "children": row.children}.get(
            self.counts, row.assessments
        )


@dataclass(frozen=True, slots=True)
class ViewAnswer:
    """What is used of a view's answer; lines and title are a theme's alone."""

    rows: tuple[ViewRow, ...]
    positions: Mapping[str, int]
    title: str
    lines: tuple[ThemeLine, ...]
    without_source: tuple[str, ...]


def read_view(stage: Stage, path: str) -> ViewAnswer:
    """Read a view; every call is recorded by the hub, as any read is."""
    query = urllib.parse.urlencode({"agreement": AGREEMENT, "purpose": PURPOSE})
    request = urllib.request.Request(  # noqa: S310 - the scheme is ours
        f"{stage.url()}/v1/{path}?{query}",
        headers={"authorization": f"Bearer {stage.reader_token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            document = json.load(answer)
    except OSError:
        raise Unavailable("the hub of the demonstration") from None
    rows = tuple(
        ViewRow(
            row["ledger"], row["measure"], row["period"],
            row["assessments"], row["episodes"], row["children"],
        )
        for row in document["rows"]
    )  # fmt: skip
    measures = document.get("measures", [])
    lines = tuple(
        ThemeLine(
            f"{one['code']} {line['breakdown']}".strip(),
            f"{one['title']}{', ' if line['breakdown'] else ''}{line['breakdown']}"
            f" ({line['counts']})",
            line["counts"],
        )
        for one in measures
        for line in one["lines"]
        if any(row.measure == f"{one['code']} {line['breakdown']}".strip() for row in rows)
    )
    without = tuple(one["title"] for one in measures if one["source"] != "events")
    return ViewAnswer(rows, document["positions"], document.get("title", ""), lines, without)


def factors_when_folded(stage: Stage) -> ViewAnswer:
    """Read the factors view once everything that was published is in it."""
    slugs = {authority.slug for authority in stage.authorities}
    with ledgers_of(hub_home(), demo=True) as ledgers:
        sizes = {name: ledgers[name].head().size for name in slugs}
    deadline = time.monotonic() + FOLDING_S
    while time.monotonic() < deadline:
        answer = read_view(stage, "factors")
        if all(answer.positions.get(name, 0) >= size for name, size in sizes.items()):
            return answer
        time.sleep(POLL_S)
    raise Unavailable("the views of the demonstration")
