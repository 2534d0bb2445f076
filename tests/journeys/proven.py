"""A hub that was served beside three witnesses, and an auditor who verifies copies of its home."""

from __future__ import annotations

import json
import shutil
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from domain.canonical import JsonValue
from domain.errors import NotFound
from tests.journeys.machines import Ended, Machine, listens, wait_until
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import Stage, set_stage
from tests.journeys.witnesses import Witnesses, witnessed


@dataclass
class Proven:
    """A hub that was served beside three witnesses, a receipt, and an auditor's machine."""

    stage: Stage
    witnesses: Witnesses
    event: uuid.UUID
    receipt: Path
    auditor: Machine
    answer: Mapping[str, JsonValue]
    went_on: Ended
    """What Havering was told that went on as after a loss of its store."""

    def verify(self, *words: object, home: Path | None = None) -> Ended:
        """Verify as an auditor: a copy of the hub's home unless another is named."""
        where = () if "--pack" in words else ("--home", home or self.stage.hub_home.folder)
        return self.auditor.run(
            "audit", "verify", *where, "--policy", self.witnesses.policy, "--json", *words,
            BHR_PASSPHRASE=self.stage.hub.passphrase,
        )  # fmt: skip


def steps(ended: Ended) -> dict[int, dict[str, object]]:
    """Give the steps of a report by their numbers."""
    return {one["number"]: one for one in json.loads(ended.out)["steps"]}


def findings(ended: Ended) -> set[tuple[str, int, str]]:
    """Give ledger, position and code of everything that was found."""
    found = [one for step in json.loads(ended.out)["steps"] for one in step["findings"]]
    return {(one["ledger"], one["position"], one["code"]) for one in found}


@contextmanager
def proven_in(folder: Path) -> Iterator[Proven]:
    """Publish through the real doors, with every borough's witness at work, and fetch a receipt."""
    stage = set_stage(folder)
    with witnessed(stage) as witnesses:
        hub = stage.hub.start(
            "serve", "--port", stage.port, BHR_WITNESS_POLICY=str(witnesses.policy)
        )
        wait_until(lambda: listens(stage.port), "the hub listens")
        event = publish(stage, [Told(number) for number in range(12)])
        receipt = stage.folder / "receipt.json"
        receipt.write_bytes(fetched(stage, event))
        went_on = stage.machine("havering").run("borough", "go-on", "havering")
        made = stage.hub.run("ledger", "backup", stage.folder / "backups")
        assert made.status == 0, made.said()
        # More than a full tile of them.
        fetched(stage, publish(stage, [Told(number) for number in range(12, 140)]))
        answer = witnessed_answer(stage)
        assert hub.stop() == 0, hub.said()
        yield Proven(
            stage,
            witnesses,
            event,
            receipt,
            Machine(stage.folder / "auditor", ""),
            answer,
            went_on,
        )


def witnessed_answer(stage: Stage) -> Mapping[str, JsonValue]:
    """Read the factors until all that they stand on is witnessed; gives that answer."""
    found: list[Mapping[str, JsonValue]] = []

    def seen() -> bool:
        found[:] = [stage.read_folded("factors")]
        return found[0]["proof"] == "witnessed"

    wait_until(seen, "the answer is witnessed")
    return found[0]


def publish(stage: Stage, facts: list[Told]) -> uuid.UUID:
    """Publish what Havering's system knows; gives the last event that was recorded."""
    with stage.client("havering") as client:
        client.publish(drafts_of(facts))
        assert client.send().left == 0
    with closing(sqlite3.connect(stage.home("havering").store)) as store:
        row = store.execute(
            "SELECT event FROM published WHERE state = 'recorded' ORDER BY number DESC LIMIT 1"
        )
        return uuid.UUID(bytes=row.fetchone()[0])


def fetched(stage: Stage, event: uuid.UUID) -> bytes:
    """Fetch a receipt, once a checkpoint with a quorum covers the event."""
    found: list[bytes] = []

    def there() -> bool:
        with stage.client("havering") as client:
            try:
                found[:] = [client.receipt(event)]
            except NotFound:
                return False
        return True

    wait_until(there, "the receipt is there")
    return found[0]


def copy_of(proven: Proven, folder: Path) -> Path:
    """Copy the hub's home, closed as it is; gives the copy."""
    return Path(shutil.copytree(proven.stage.hub_home.folder, folder / "hub"))
