"""Dead letters of a hub: how they come about, and what `bhr intake redrive` says of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from services.taking_in import TAKEN
from tests.journeys.kafka_stage import Kafka
from tests.journeys.machines import wait_until
from tests.kafka_server import HUB


class Tried(NamedTuple):
    """What became of one letter."""

    ledger: str
    letter: str
    reason: str
    outcome: str


def redriven(kafka: Kafka, *options: str) -> list[Tried]:
    """Run `bhr intake redrive`; gives what became of each letter that it tried."""
    ended = kafka.stage.hub.run("intake", "redrive", *options, **kafka.settings(HUB))
    assert ended.status == 0, ended.said()
    *lines, last = ended.out.splitlines()
    words = [line.replace("->", "").split() for line in lines]
    found = [Tried(*each) for each in words]
    taken = sum(one.outcome == TAKEN for one in found)
    would = "would be taken" if "--dry-run" in options else "taken"
    assert last == f"{len(found)} tried, {taken} {would}"
    return found


def letters(kafka: Kafka) -> list[Tried]:
    """Give every letter there is, and what would become of it now."""
    return redriven(kafka, "--dry-run", "--limit", "99")


@contextmanager
def without_intake_keys(kafka: Kafka) -> Iterator[None]:
    """Take the hub's intake keys out of its home, as a bad restore would, and put them back."""
    folder = kafka.stage.hub_home.intake_keys
    keys = [path for path in folder.glob("*.json") if path.name != "published.json"]
    assert keys
    for path in keys:
        path.rename(path.with_suffix(".away"))
    try:
        yield
    finally:
        for path in keys:
            path.with_suffix(".away").rename(path)


def put_away(kafka: Kafka, count: int) -> None:
    """Run `bhr intake` until it has put so many messages away."""
    with kafka.intake() as running:
        wait_until(
            lambda: running.said().count("intake-put-away") >= count, f"{count} are put away"
        )
