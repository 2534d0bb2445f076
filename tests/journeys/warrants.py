"""Warrants that bodies sign at their own machines, and the packs that a hub makes by them."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.machines import Ended
from tests.journeys.stage import Stage

ALL_DAYS = ("--since", "1990-01-01", "--until", "2099-12-31")
IN_FORCE = ("--expires", "2099-01-01T00:00:00Z")


def granted(stage: Stage, ledger: str, *words: str) -> str:
    """Grant a warrant for a ledger's events of all days; gives its id."""
    file = signed(stage, ledger, ledger, *(words or (*ALL_DAYS, *IN_FORCE)))
    ended = stage.hub.run("decision", "record", file)
    assert ended.status == 0, ended.said()
    return ended.out.strip()


def signed(stage: Stage, body: str, ledger: str, *words: str) -> Path:
    """Have a body sign a warrant at its own machine; gives the file that it hands to the hub."""
    said = ("--borough", body, "--office", "director", "--power", "section-11", *words)
    ended = stage.machine(body).run("sign", "warrant", ledger, "internal-audit", *said)
    assert ended.status == 0, ended.said()
    file = stage.folder / f"warrant-{len(list(stage.folder.iterdir()))}.json"
    file.write_text(ended.out, encoding="utf-8")
    return file


def make(stage: Stage, ledger: str, warrant: str, path: Path) -> Ended:
    """Have the operator make a pack."""
    words = ("--warrant", warrant, "--ledger", ledger, "--out", path)
    return stage.hub.run("audit", "openings", *words)
