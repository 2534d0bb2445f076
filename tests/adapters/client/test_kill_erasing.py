"""Killing the client while it forgets: whichever step was its last, the end is the same."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.client.fence_file import FenceFile
from domain.vocabulary.hub import ErasureRequested
from services.borough.reconciling import Returning
from services.erasing_ports import Fence, Fences
from tests.adapters.client.hub_on_disk import HubOnDisk, never
from tests.adapters.client.killed_publisher import SOURCE, few_models, told
from tests.adapters.client.test_kill import DyingStore, Killed, Steps
from tests.services.borough.boroughs import Borough, referral
from tests.services.borough.erasures import NEWER, WISH
from tests.services.borough.fake_hub import FakeHub, events_in

CHILD = "NATURAL-KEY-OF-A-CHILD"


@dataclass
class DyingFences:
    """Fences whose process may be gone before or after each writing."""

    file: Fences
    step: Steps

    def mark(self) -> str:
        """Give the file's mark."""
        return self.file.mark()

    def kept(self) -> frozenset[Fence]:
        """Give every fence."""
        return self.file.kept()

    def keep(self, fences: Collection[Fence]) -> None:
        """Keep fences, and be told around it."""
        self.step("before the fence")
        self.file.keep(fences)
        self.step("after the fence")


def lived(hub: HubOnDisk, folder: Path, steps: Steps) -> None:
    """Live on: publish and ask for erasure until the hub has erased; tidy up; publish again."""
    with DyingStore(folder / "borough.sqlite", SOURCE) as store:
        store.step = steps
        hub.step = steps
        fences = DyingFences(FenceFile(folder / "fences.json"), steps)
        client = Borough(hub.hub, store=store, door=hub, fences=fences).client()
        if not hub.hub.erasures:
            client.publish([referral(CHILD), referral("C2")])
            client.send()
            with store.transaction():
                asked = list(store.erasures.asked())
            request = asked[0] if asked else client.request_erasure((CHILD,), WISH)
            client.send()
            hub.hub.destroy(request)
        client.publish([referral("C3"), referral(CHILD, "2023-12-02")])
        client.tidy()
        drafts = [referral(CHILD), referral(CHILD, NEWER), referral("C2")]
        client.publish(drafts, Returning("cin", lambda _: True, told))
        client.send()


def test_gone_at_every_single_step(tmp_path: Path) -> None:
    """No byte of the past is left, nothing of it was sent, and what is newer stands once."""
    tmp_path.chmod(0o700)
    counting = Steps(0)
    moments = 1
    last = 0
    while last < moments:
        folder = tmp_path / str(last)
        folder.mkdir(mode=0o700)
        hub = HubOnDisk(folder.with_suffix(".log"), FakeHub(models=few_models))
        if last:
            with pytest.raises(Killed):
                lived(hub, folder, Steps(last))
            lived(hub, folder, Steps(0))
        else:
            lived(hub, folder, counting)
            moments = counting.count
        hub.step = never
        check(hub, folder)
        last += 1
    assert moments > 25


def check(hub: HubOnDisk, folder: Path) -> None:
    """Look at what stands, at what was sent after the erasure, and at what is left here."""
    left = b"".join(path.read_bytes() for path in folder.iterdir())
    for old in hub.hub.fenced:
        assert old.encode() not in left
    days = sorted(
        str(event.data.facts.model_dump()["referral_date"]) for event in hub.hub.standing()
    )
    assert days == ["2023-04-03", "2023-04-03", NEWER, "2023-12-02"]
    assert not {event.data.subjects[0].pseudonym for event in hub.hub.standing()} & hub.hub.fenced
    requested = [
        one for one in hub.hub.events.values() if isinstance(one.data.facts, ErasureRequested.Facts)
    ]
    assert len(requested) <= 1
    numbers = sorted(
        {int(one["sequence"]) for document in hub.documents() for one in events_in(document)}
    )
    assert numbers == list(range(1, len(numbers) + 1))
