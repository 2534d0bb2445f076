"""A ledger with checkpoints among its entries: nobody who reads events notices."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ledger.memory import MemoryLedger
from domain.canonical import canonical
from domain.errors import CommitmentDiffers, NotFound
from domain.logged_checkpoint import STREAM_TAG, LoggedCheckpoint
from domain.opened import OpenedEvent
from projections.catalogue import PROJECTIONS
from services.audit.access import accesses
from services.audit.handing_over import Asked, HandingOver
from services.audit.history import Unopened, history
from services.audit.packed import PackedLedger, survey
from services.audit.replaying import Prefix, replay
from services.fetching import Wanted
from services.folding import FoldingRules
from services.opening import Opens
from services.ports import StoredEntry
from services.projecting import Log
from services.views import Period, Question
from tests.fakes_views import FakeViews
from tests.hub_rig import MODELS, NOW_MS, HubRig, next_agreement, open_rig
from tests.projections.builders import RECORDED_MS, Borough, projector
from tests.projections.histories import CELLS, SMALL, Move, moves, told
from tests.rig_decisions import Decider
from tests.rig_publisher import AGREEMENT, CASE_WORK

GROUPS = {one: frozenset({one}) for one in CELLS}
PERIODS: tuple[Period, ...] = ("month", "whole")


def with_checkpoints(borough: Borough, places: set[int]) -> tuple[Borough, list[int]]:
    """Log a checkpoint before some entries; gives the ledger, and each old size's new one.

    Every other stands in the column of the stream before it, as somebody may have written it.
    """
    found, sizes = Borough(borough.ledger), [0]
    for at, (entry, opened) in enumerate(zip(borough.entries, borough.opened, strict=True)):
        if at in places:
            checkpoint = LoggedCheckpoint(at + 1, b"note")
            tag = found.entries[-1].stream_tag if at % 2 and found.entries else STREAM_TAG
            record = checkpoint.record(RECORDED_MS)
            found.entries.append(
                StoredEntry(len(found.entries), checkpoint.entry_id, tag, record, bytes(32))
            )
            found.opened.append(CommitmentDiffers("what nobody is to open"))
        position = len(found.entries)
        found.entries.append(replace(entry, position=position))
        if isinstance(opened, OpenedEvent):
            opened = opened._replace(position=position)  # noqa: PLW2901 - the same event elsewhere
        found.opened.append(opened)
        sizes.append(position + 1)
    return found, sizes


def figures(store: FakeViews, as_of: dict[str, int]) -> object:
    """Give every figure as of some positions."""
    return [
        store.count(Question(groups=GROUPS, period=period, ledgers=(*as_of,), as_of=as_of)).rows
        for period in PERIODS
    ]


def unfolded(store: FakeViews, borough: Borough) -> object:
    """Give what of a ledger is parked or left out, without saying where."""
    found = store.folded(borough.ledger)
    parked = [(one.reason, one.entries) for one in found.parked]
    return parked, found.left_out, found.sources


@given(history=moves(), data=st.data())
@settings(max_examples=30, deadline=None)
def test_views_are_those_without(history: list[Move], data: st.DataObject) -> None:
    """Whatever is corrected, withdrawn or parked around them, figures are the same at all times."""
    plain = told(history)
    places = {one.ledger: data.draw(st.sets(st.integers(0, len(one.entries)))) for one in plain}
    among = [with_checkpoints(one, places[one.ledger]) for one in plain]
    stores = FakeViews(), FakeViews()
    projector(stores[0], *plain, projections=SMALL).step()
    runner = projector(stores[1], *(one for one, _ in among), projections=SMALL)
    for one, _ in among:  # in batches, so that one may begin, end, or consist of checkpoints
        for size in sorted(data.draw(st.sets(st.integers(0, len(one.entries))))):
            runner.fold_to(one.ledger, size)
    runner.step()
    for one, (other, sizes) in zip(plain, among, strict=True):
        assert stores[1].position(one.ledger) == len(other.entries)
        assert unfolded(stores[0], one) == unfolded(stores[1], other)
        for size in {0, len(one.entries) // 2, len(one.entries)}:
            before = figures(stores[0], {one.ledger: size})
            assert figures(stores[1], {one.ledger: sizes[size]}) == before


# --- a whole hub ----------------------------------------------------------------------------------


class Hub:
    """A hub that logs a checkpoint after everything that it takes."""

    def __init__(self) -> None:
        """Register, publish, be refused and read, with checkpoints in between."""
        self.ledgers: dict[str, MemoryLedger] = {}
        self.rig = HubRig(make_ledger=self.make)
        self.log()
        self.rig.registering.register(next_agreement())
        self.log()
        publisher = self.rig.publisher()
        self.first = publisher.event()
        for events in ([self.first, publisher.event()], [publisher.event(), publisher.event()]):
            publisher.publish(*events)
            self.log()
        self.publisher = publisher
        ledgers = {name: stand.ledger for name, stand in self.rig.stands.items()}
        self.openings = {name: stand.opening for name, stand in self.rig.stands.items()}
        self.handing = HandingOver(self.rig.deciding, ledgers, self.openings, self.rig.hub_events)

    def make(self, name: str) -> MemoryLedger:
        """Make a ledger, and keep it to log in."""
        return self.ledgers.setdefault(name, MemoryLedger(name))

    def log(self) -> None:
        """Log a checkpoint of every ledger that something came to."""
        for ledger in self.ledgers.values():
            size = ledger.head().size
            if size:
                ledger.append_checkpoint(LoggedCheckpoint(size, b"note"), now_ms=NOW_MS)

    def checkpoint(self) -> uuid.UUID:
        """Give the id of one that was logged in Havering's."""
        return self.ledgers["havering"].stream(STREAM_TAG)[0].event_id

    def warrant(self) -> uuid.UUID:
        """Grant a warrant for all of Havering's, and log what comes of it."""
        granted = uuid.UUID(self.rig.decisions.record(Decider("havering").warrant()).event)
        self.log()
        return granted


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Such a hub, its writers stopped afterwards."""
    made = Hub()
    with open_rig(made.rig):
        yield made


def test_there_are_checkpoints_among_the_entries(hub: Hub) -> None:
    """What the other tests here are of is so."""
    for name, least in (("havering", 2), ("bhr", 3)):
        logged = [entry.position for entry in hub.ledgers[name].stream(STREAM_TAG)]
        assert len(logged) >= least
        assert logged[0] + 1 < logged[-1]


def test_what_is_registered_stands(hub: Hub) -> None:
    """Another process reads the same documents from the partnership's ledger."""
    again = hub.rig.another_registry().documents()
    assert {name: len(versions) for name, versions in again.items()} == {
        name: len(versions) for name, versions in hub.rig.registry.documents().items()
    }
    assert max(len(versions) for versions in again.values()) == 2


def test_what_was_sent_is_answered_again(hub: Hub) -> None:
    """A submission has its own entries, and an event sent again stands where it stood."""
    size = hub.ledgers["havering"].head().size
    entry = hub.ledgers["havering"].find(uuid.UUID(str(hub.first["id"])))
    answer = hub.publisher.publish(hub.first)
    assert hub.ledgers["havering"].head().size == size
    assert entry is not None
    assert f'"position":{entry.position}' in canonical(answer).decode()


def test_no_checkpoint_is_asked_for_as_an_event(hub: Hub) -> None:
    """Its id names no event: there is no part of it, and it is no warrant."""
    wanted = Wanted("havering", hub.checkpoint(), 2, AGREEMENT, CASE_WORK)
    with pytest.raises(NotFound):
        hub.rig.fetching.part(wanted, hub.publisher.caller)
    with pytest.raises(NotFound):
        hub.handing.make(Asked("havering", hub.checkpoint(), NOW_MS), lambda _: None, silent)


def silent(ledger: str, done: int, size: int) -> None:
    """Show nobody how far it is."""


def test_histories_and_looks_pass_them_over(hub: Hub) -> None:
    """They are no entries that do not open, for whoever asks what happened or who looked."""
    hub.warrant()
    logs: dict[str, Log] = dict(hub.ledgers)
    found = list(history(logs, hub.openings, str(hub.first["subject"]), silent))
    assert [one for one in found if isinstance(one, Unopened)] == []
    assert [one.event for one in found if not isinstance(one, Unopened)] == [hub.first["id"]]
    assert [one for one in accesses(logs, hub.openings, silent) if isinstance(one, Unopened)] == []


def folded(ledger: Log, opens: Opens) -> FakeViews:
    """Fold Havering's from end to end."""
    store = FakeViews()
    rules = FoldingRules(
        open_entries=lambda _, entries: opens.events(entries),
        projections=PROJECTIONS,
        takes=lambda _: True,
    )
    replay({"havering": Prefix(ledger, ledger.head().size)}, store, rules, silent)
    return store


def test_a_pack_leaves_them_out(hub: Hub) -> None:
    """A pack has a line for every event and none for a checkpoint, and nothing is shut for it."""
    warrant = hub.warrant()
    ledger = hub.ledgers["havering"]
    lines: list[bytes] = []
    made = hub.handing.make(Asked("havering", warrant, NOW_MS), lines.append, silent)
    size = made_of = ledger.head().size - 1  # the pack's own making came since
    assert made.entries == made_of - len(ledger.stream(STREAM_TAG)) == len(lines) - 2
    packed = PackedLedger(Prefixed(ledger, size), survey(lambda: iter(lines)), MODELS)
    assert packed.packed == size
    assert [packed.shut(many) for many in range(size + 1)] == [0] * (size + 1)
    opened = packed.events(packed.read(0, size))
    assert sum(isinstance(one, OpenedEvent) for one in opened) == made.entries
    theirs, ours = folded(packed, packed), folded(Prefix(ledger, size), hub.openings["havering"])
    assert theirs.folded("havering").parked == ours.folded("havering").parked == ()
    assert theirs.count(question()).rows == ours.count(question()).rows != ()


def question() -> Question:
    """Ask for referrals."""
    return Question(groups={"r": frozenset({"referral"})}, period="whole", ledgers=("havering",))


class Prefixed(Prefix):
    """A ledger as it was, that knows when it had how many entries."""

    def size_as_of(self, recorded_ms: int) -> int:
        """Give all there is."""
        return self.head().size


def test_a_forged_checkpoint_hides_no_event(hub: Hub) -> None:
    """An event whose kind was altered to a checkpoint's parks its stream like any broken one."""
    ledger = hub.ledgers["havering"]
    at = next(e.position for e in ledger.read(0, 99) if str(e.event_id) == hub.first["id"])
    record = bytearray(ledger.read(at, 1)[0].record)
    record[14] = 2
    ledger._entries[at] = replace(ledger._entries[at], record=bytes(record))
    [parked] = folded(ledger, hub.openings["havering"]).folded("havering").parked
    assert (parked.position, parked.reason) == (at, "record-malformed")
