"""Each store operation of an erasure fails once, having stored and not; things come in between.

After each the erasure is either not begun or can be finished, whatever is recorded opens or is
explained, and nothing that was acknowledged is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from adapters.ledger.memory import MemoryLedger
from domain.errors import HubError
from domain.vocabulary.custody import KeyDestroyed
from services.custody import KeyName
from services.destroying_ports import TagsFenced
from services.ports import WrappedKey
from tests.fakes_keys import MemoryKeyStore
from tests.hub_rig import HubRig
from tests.rig_erasing import ErasingRig, child_of, quiet
from tests.rig_faults import Broken, FailingKeyStore, FailingLedger, When
from tests.rig_publisher import Json, Publisher, outcomes


class Hub:
    """A hub whose stores fail by plan, with an erasure that is due."""

    def __init__(self) -> None:
        """Publish about two children, and have the first one's erasure approved."""
        self.keys = MemoryKeyStore()
        self.store = FailingKeyStore(self.keys)
        self.ledgers: dict[str, FailingLedger] = {}
        rig = HubRig(key_store=self.store, make_ledger=self._ledger)
        self.erasing = ErasingRig(rig)
        self.publisher = rig.publisher()
        self.event, self.other = self.publisher.event(), self.publisher.event()
        self.publisher.publish(self.event, self.other)
        self.request = self.erasing.due(self.publisher, child_of(self.event))
        self.ledger = self.ledgers["havering"]

    def _ledger(self, name: str) -> FailingLedger:
        return self.ledgers.setdefault(name, FailingLedger(MemoryLedger(name)))

    def fresh(self) -> ErasingRig:
        """Give another process over the same stores, as after a restart."""
        before = self.erasing.rig
        return ErasingRig(
            HubRig(
                clock=before.clock,
                key_store=self.store,
                make_ledger=self._ledger,
                trust=before.trust,
            )
        )

    def row(self) -> WrappedKey | None:
        """Give the key store's row of the child, if there is one."""
        name = KeyName("havering", "subject", child_of(self.event))
        return next(iter(self.keys.find([self.erasing.rig.custody.tag(name)])), None)

    def told(self) -> int:
        """Say how many entries tell of destroyed keys."""
        facts = [one.facts for one in self.erasing.rig.havering.opened()]
        return sum(isinstance(one, KeyDestroyed.Facts) for one in facts)


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Give such a hub."""
    made = Hub()
    yield made
    made.erasing.rig.close()


FAULTS: list[tuple[str, str, When, int]] = [
    *(("ledger", "append", when, 1) for when in ("before", "after")),
    *(("store", "destroy", when, call) for when in ("before", "after") for call in (1, 2)),
    *(("store", operation, "before", call)
      for operation in ("find", "by_id", "destroyed") for call in (1, 2, 3)),
    *(("ledger", operation, "before", call)
      for operation in ("head", "read", "stream", "find") for call in (1, 2, 3, 5)),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: "-".join(map(str, one)))
def test_whatever_fails_it_is_finished_once_it_is_tried_again(
    hub: Hub, fault: tuple[str, str, When, int]
) -> None:
    """Not begun, or said and to be finished: the next attempt ends as if nothing had failed."""
    whose, operation, when, calls = fault
    plan = hub.store.plan if whose == "store" else hub.ledger.plan
    plan.fail(operation, when, calls=calls)
    try:
        hub.erasing.carry_out(hub.request)
    except (Broken, HubError):
        state = hub.erasing.progress(hub.request).state
        assert (state == "destroyed") <= (hub.row() is None)
    plan.operation = ""
    hub.erasing.carrying_out.resume()
    if hub.erasing.progress(hub.request).state != "destroyed":
        hub.erasing.carry_out(hub.request)
    finished(hub, hub.erasing)


def finished(hub: Hub, erasing: ErasingRig) -> None:
    """Check that all is gone that was to go, that it is said once, and that the rest is there."""
    assert erasing.progress(hub.request).state == "destroyed"
    assert hub.row() is None
    assert hub.told() == 2
    opened = {one.header.id: one for one in erasing.rig.havering.opened()}
    assert opened[str(hub.event["id"])].facts is None
    assert opened[str(hub.event["id"])].subjects[0].pseudonym is None
    assert opened[str(hub.other["id"])].subjects[0].pseudonym == child_of(hub.other)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_restart_finishes_what_was_said(hub: Hub, when: When) -> None:
    """Cut off behind the entry, a hub that is opened destroys what its ledger says is destroyed."""
    hub.store.plan.fail("destroy", when)
    with pytest.raises(Broken):
        hub.erasing.carry_out(hub.request)
    assert hub.told() == 2
    restarted = hub.fresh()
    assert restarted.carrying_out.resume() == (2 if when == "before" else 0)
    assert restarted.carrying_out.resume() == 0
    finished(hub, restarted)
    restarted.rig.close()


def test_between_the_entry_and_the_row_nothing_is_sealed(hub: Hub) -> None:
    """While the row stands still, an event about the child is refused, in every process."""
    hub.store.plan.fail("destroy", "before")
    with pytest.raises(Broken):
        hub.erasing.carry_out(hub.request)
    assert hub.row() is not None
    for rig in (hub.erasing.rig, hub.fresh().rig):
        publisher = Publisher(rig.clock, rig.publishing, hub.publisher.source, "havering")
        publisher.signer, publisher.key = hub.publisher.signer, hub.publisher.key
        publisher.sequence = 100
        (told,) = outcomes(publisher.publish(about(publisher, child_of(hub.event))))
        assert told["outcome"] == "refused"


def about(publisher: Publisher, child: str) -> Json:
    """Give an event about a child."""
    event = publisher.event()
    data = event["data"]
    assert isinstance(data, dict)
    data["subjects"][0]["pseudonym"] = child
    return event


def test_what_comes_in_between_is_looked_at(hub: Hub) -> None:
    """An event about the child that was recorded while the ledger was read: its case goes too."""
    late = about(hub.publisher, child_of(hub.event))
    hub.ledger.pausing.append(lambda: publish_behind(hub, late))
    done = hub.erasing.carry_out(hub.request)
    assert (done.subjects, done.streams) == (1, 2)
    opened = {one.header.id: one for one in hub.erasing.rig.havering.opened()}
    assert opened[str(late["id"])].facts is None


def test_a_sibling_that_comes_in_between_keeps_the_case(hub: Hub) -> None:
    """A case that begins to tell of another child while the ledger was read is not destroyed."""
    late = hub.publisher.event(subject=hub.event["subject"])
    hub.ledger.pausing.append(lambda: publish_behind(hub, late))
    done = hub.erasing.carry_out(hub.request)
    assert (done.subjects, done.streams) == (1, 0)
    opened = {one.header.id: one for one in hub.erasing.rig.havering.opened()}
    assert opened[str(late["id"])].facts is not None
    assert opened[str(hub.event["id"])].facts is not None


def publish_behind(hub: Hub, event: Json) -> None:
    """Publish from another process, while this one is about to append."""
    waiting, hub.ledger.pausing = hub.ledger.pausing, []
    rig = hub.fresh().rig
    publisher = Publisher(rig.clock, rig.publishing, hub.publisher.source, "havering")
    publisher.signer, publisher.key = hub.publisher.signer, hub.publisher.key
    (told,) = outcomes(publisher.publish(event))
    assert told["outcome"] == "recorded", told
    rig.close()
    hub.ledger.pausing = waiting


def test_a_ledger_that_never_rests(hub: Hub) -> None:
    """Tried some times, it is left for later; nothing is said and nothing destroyed."""
    hub.ledger.pausing += [partial(publish_behind, hub, hub.publisher.event()) for _ in range(20)]
    with pytest.raises(HubError, match="never rests"):
        hub.erasing.carry_out(hub.request)
    assert hub.told() == 0
    assert hub.row() is not None
    hub.ledger.pausing.clear()
    assert hub.erasing.carry_out(hub.request).subjects == 1


def test_a_restored_key_store_is_destroyed_again(hub: Hub) -> None:
    """Rows that come back with a backup are gone as soon as a hub is opened over it."""
    before = dict(hub.keys._rows)
    hub.erasing.carry_out(hub.request)
    hub.keys._rows, hub.keys._fences = before, set()
    assert hub.row() is not None
    restarted = hub.fresh()
    assert restarted.carrying_out.resume() == 2
    finished(hub, restarted)
    name = KeyName("havering", "subject", child_of(hub.event))
    with pytest.raises(TagsFenced):
        restarted.rig.custody.keys_for([name])
    restarted.rig.close()


def test_destroyed_keys_open_nothing(hub: Hub) -> None:
    """Neither the store nor what was ever cached has a key of what was erased."""
    hub.erasing.carry_out(hub.request)
    book = hub.erasing.requests.books["havering"]
    gone = {key for one in book.destroyed.destructions() for key in one.keys}
    rings = [book.ring(entry) for entry in hub.ledger.read(0, 1_000)]
    held = {key for ring in rings if ring is not None for _, _, key in ring.parts}
    assert gone <= held
    assert not hub.erasing.rig.custody.held(list(gone))
    assert not hub.keys.by_id(list(gone))
    assert hub.erasing.carrying_out.carry_out_all(quiet) == []
