"""Killing the client: nothing is lost, the same bytes go again, no number is reused or skipped."""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from adapters.client.borough_store import SqliteBoroughStore
from domain.vocabulary.front_door import ReferralReceived
from tests.adapters.client.hub_on_disk import HubOnDisk, never
from tests.adapters.client.killed_publisher import (
    ROUNDS,
    SOURCE,
    borough_of,
    drafts,
    open_hub,
    publish_all,
)
from tests.services.borough.boroughs import assessment, referral
from tests.services.borough.fake_hub import events_in

KILLS = 10
ROOT = Path(__file__).parents[3]


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


def check(hub: HubOnDisk) -> list[dict[str, str]]:
    """Check what arrived in all: bytes of a submission never differ, numbers count on."""
    documents = dict.fromkeys(hub.documents())
    events = [event for document in documents for event in events_in(document)]
    numbers = [int(event["sequence"]) for event in events]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len({event["id"] for event in events}) == len(events)
    assert set(hub.hub.events) == {event["id"] for event in events}
    return events


def test_killed_at_random(tmp_path: Path) -> None:
    """A publisher killed at random moments ends with what its source says, each fact once."""
    tmp_path.chmod(0o700)
    chance = random.Random(20261123)
    killed = 0
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.adapters.client.killed_publisher", str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        with child.stdout:
            assert child.stdout.readline() == b"ready\n"
            try:
                child.wait(timeout=chance.uniform(0.0, 0.5))
            except subprocess.TimeoutExpired:
                child.kill()
                killed += child.wait() < 0
    assert killed
    hub = publish_all(tmp_path)
    check(hub)
    said = {
        event.data.subjects[0].pseudonym: event.data.facts.source_code
        for event in hub.hub.standing()
        if isinstance(event.data.facts, ReferralReceived.Facts)
    }
    last = [draft.facts for draft in drafts(ROUNDS - 1)]
    expected = [facts.source_code for facts in last if isinstance(facts, ReferralReceived.Facts)]
    assert sorted(map(str, said.values())) == sorted(map(str, expected))
    assert len(hub.hub.standing()) == len(expected)


class DyingStore(SqliteBoroughStore):
    """A store whose process may be gone before or after each commit."""

    step: Callable[[str], None] = staticmethod(never)

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the store, and be told around the commit."""
        return self._watched()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        with super().transaction():
            yield
            self.step("before the commit")
        self.step("after the commit")


class Steps:
    """Counts the moments at which a process could be gone, and is gone at one of them."""

    def __init__(self, last: int) -> None:
        """Be gone at the step of this number, counted from 1; 0 is never."""
        self.count = 0
        self._last = last

    def __call__(self, _: str) -> None:
        """Reach a moment."""
        self.count += 1
        if self.count == self._last:
            raise Killed


def lived(folder: Path, steps: Steps) -> HubOnDisk:
    """Live a borough's short life: publish, change, take back, send."""
    hub = open_hub(folder)
    hub.step = steps
    with DyingStore(folder / "borough.sqlite", SOURCE) as store:
        store.step = steps
        client = borough_of(hub, store).client()
        client.publish([referral("C1", source_code="1A"), assessment("C1")])
        client.send()
        client.publish([referral("C1"), assessment("C1", "2023-04-09")])
        client.send()
    return hub


def steps_of_a_life(tmp_path: Path) -> int:
    """Count the moments of a life that nobody ends."""
    steps = Steps(0)
    lived(tmp_path, steps)
    return steps.count


def test_gone_at_every_single_step(tmp_path: Path) -> None:
    """Whichever commit or answer was the last, living again brings the same end."""
    tmp_path.chmod(0o700)
    (tmp_path / "0").mkdir(mode=0o700)
    moments = steps_of_a_life(tmp_path / "0")
    assert moments > 20
    for last in range(1, moments + 1):
        folder = tmp_path / str(last)
        folder.mkdir(mode=0o700)
        with pytest.raises(Killed):
            lived(folder, Steps(last))
        hub = lived(folder, Steps(0))
        check(hub)
        standing = hub.hub.standing()
        assert len(standing) == 3
        codes = [getattr(event.data.facts, "source_code", None) for event in standing]
        assert sorted(map(str, codes)) == ["6", "None", "None"]
