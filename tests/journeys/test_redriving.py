"""What is parked is listed with its reason, and folded again once its cause was mended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from domain.opened import OpenedEvent
from domain.reference.participants import PARTNERSHIP
from domain.vocabulary.hub import StreamParked, StreamRedriven
from tests.journeys.counts import factor_counts
from tests.journeys.sources import Told, counted, drafts_of
from tests.journeys.stage import Stage, set_stage

HAVERING = "havering"
TOLD = [Told(number) for number in range(5)]


@contextmanager
def without_a_key(stage: Stage) -> Iterator[None]:
    """Take one child's key out of the key store, as a bad restore would, and put it back."""
    select = "SELECT * FROM key WHERE class = 'subject' AND ledger = ? LIMIT 1"
    with closing(sqlite3.connect(stage.hub_home.key_store)) as store:
        row = store.execute(select, [HAVERING]).fetchone()
        store.execute("DELETE FROM key WHERE tag = ?", [row[0]])
        store.commit()
    yield
    with closing(sqlite3.connect(stage.hub_home.key_store)) as store:
        store.execute("INSERT INTO key VALUES (?, ?, ?, ?, ?)", row)
        store.commit()


def recorded(stage: Stage) -> tuple[list[StreamParked.Facts], list[StreamRedriven.Facts]]:
    """Give what the partnership's ledger says of parked streams, and of re-drives."""
    with stage.rooms() as rooms:
        entries = rooms.ledgers[PARTNERSHIP].read(0, 1000)
        events = rooms.rules.open_entries(PARTNERSHIP, entries)
    facts = [event.facts for event in events if isinstance(event, OpenedEvent)]
    return (
        [one for one in facts if isinstance(one, StreamParked.Facts)],
        [one for one in facts if isinstance(one, StreamRedriven.Facts)],
    )


def test_a_parked_stream_is_redriven_once_its_key_is_back(tmp_path: Path) -> None:
    """Listed and tried without change, it parks again; with its key restored, it is in the view."""
    stage = set_stage(tmp_path / "stage")
    running = stage.start_hub("--no-projector")
    with stage.client(HAVERING) as client:
        client.publish(drafts_of(TOLD))
        client.send()
    running.stop()
    with without_a_key(stage):
        running = stage.start_hub()
        assert factor_counts(stage.read_folded("factors"), HAVERING) != counted(TOLD)
        listed = stage.hub.run("views", "parked")
        assert "key-missing" in listed.out
        assert "restore the key store" in listed.out
        tried = stage.hub.run("views", "redrive", "--dry-run")
        assert tried.status == 1, tried.said()
        assert "parks again" in tried.out
    tried = stage.hub.run("views", "redrive", "--dry-run")
    assert tried.status == 0, tried.said()
    assert "nothing was changed" in tried.out
    assert factor_counts(stage.read_folded("factors"), HAVERING) != counted(TOLD)
    done = stage.hub.run("views", "redrive")
    assert done.status == 0, done.said()
    assert factor_counts(stage.read_folded("factors"), HAVERING) == counted(TOLD)
    assert "nothing is parked" in stage.hub.run("views", "parked").out
    parked, redriven = recorded(stage)
    places = [(one.ledger, one.position) for one in parked]
    assert places == sorted({(HAVERING, one.position) for one in redriven})
    assert {one.reason for one in parked} == {"key-missing"}
    assert all(one.parked for one in redriven if not one.dry_run)
    found = [(one.dry_run, one.outcome, one.ledger) for one in redriven]
    assert list(dict.fromkeys(found)) == [
        (True, "parked-again", HAVERING),
        (True, "folded", HAVERING),
        (False, "folded", HAVERING),
    ]
    assert "Traceback" not in running.said()
    running.stop()
