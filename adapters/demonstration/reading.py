"""Reading the demonstration's hub as its analyst would: over HTTP, with a token and a right."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass

from adapters.assembly.ledgers import ledgers_of
from adapters.demonstration.stage import AGREEMENT, PURPOSE, Stage
from adapters.settings import hub_home
from domain.errors import Unavailable

FOLDING_S = 120.0
POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One row of the factors view."""

    ledger: str
    measure: str
    period: str
    assessments: int
    episodes: int
    children: int


@dataclass(frozen=True, slots=True)
class ViewAnswer:
    """What is used of the factors view's answer."""

    rows: tuple[ViewRow, ...]


def read_view(stage: Stage, path: str, **asked: str) -> bytes:
    """Read a view as it is answered; every call is recorded by the hub, as any read is."""
    query = urllib.parse.urlencode({"agreement": AGREEMENT, "purpose": PURPOSE, **asked})
    request = urllib.request.Request(  # noqa: S310 - the scheme is ours
        f"{stage.url()}/v1/{path}?{query}",
        headers={"authorization": f"Bearer {stage.reader_token.read_text(encoding='ascii')}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            document: bytes = answer.read()
    except OSError:
        raise Unavailable("the hub of the demonstration") from None
    return document


def read_factors(stage: Stage) -> ViewAnswer:
    """Read the factors view."""
    document = json.loads(read_view(stage, "factors"))
    rows = tuple(
        ViewRow(
            row["ledger"], row["measure"], row["period"],
            row["assessments"], row["episodes"], row["children"],
        )
        for row in document["rows"]
    )  # fmt: skip
    return ViewAnswer(rows)


def factors_when_folded(stage: Stage) -> ViewAnswer:
    """Read the factors view once everything that was published is in it; as `wait_until_folded`."""
    wait_until_folded(stage)
    return read_factors(stage)


def wait_until_folded(stage: Stage) -> None:
    """Wait until everything that was published is in the views; raises Unavailable in vain.

    The feeds say how far the views are. Figures would be counted anew at each look, and that by
    the processors which the projector needs.
    """
    slugs = {authority.slug for authority in stage.authorities}
    with ledgers_of(hub_home(), demo=True) as ledgers:
        sizes = {name: ledgers[name].head().size for name in slugs}
    deadline = time.monotonic() + FOLDING_S
    while time.monotonic() < deadline:
        positions = json.loads(read_view(stage, "feeds"))["positions"]
        if all(positions.get(name, 0) >= size for name, size in sizes.items()):
            return
        time.sleep(POLL_S)
    raise Unavailable("the views of the demonstration")
