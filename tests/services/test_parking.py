"""That a stream was parked is recorded once, by who folds the live views, and by nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from domain.errors import KeyMissing, NotOpened, Unavailable
from domain.opened import OpenedEvent
from domain.reference.participants import PARTNERSHIP
from domain.vocabulary.hub import StreamParked, StreamRedriven
from projections.catalogue import PROJECTIONS
from services.audit.replaying import Prefix, replay
from services.folding import FoldingRules
from services.parking import Parking, Stopped
from services.ports import StoredEntry
from services.projecting import Projector, TellParked
from services.rebuilding import Report, rebuild_ledger
from services.redriving import Redriving
from services.views import ParkedStream
from tests.fakes_views import FakeViews
from tests.hub_rig import HubRig, open_rig
from tests.rig_publisher import Publisher
from tests.services.test_rebuilding import FakeGenerations

HAVERING = "havering"
VERSIONS = "views/1"


class BlindBook:
    """The partnership's ledger as another runner saw it a moment ago: nothing is found in it."""

    def find(self, event_id: uuid.UUID) -> StoredEntry | None:
        """Find nothing."""
        del event_id
        return None


@dataclass
class Parked:
    """A hub of which some entries do not open, and the runners that fold it."""

    rig: HubRig
    publisher: Publisher
    broken: set[tuple[str, int]] = field(default_factory=set)
    store: FakeViews = field(default_factory=FakeViews)

    def rules(self) -> FoldingRules:
        """Give rules under which what is broken does not open."""

        def opened(
            ledger: str, entries: Sequence[StoredEntry]
        ) -> Sequence[OpenedEvent | NotOpened]:
            found = self.rig.stands[ledger].opening.events(entries)
            return [
                KeyMissing("a key of the stream")
                if (ledger, entry.position) in self.broken
                else one
                for entry, one in zip(entries, found, strict=True)
            ]

        return FoldingRules(opened, PROJECTIONS, lambda _: True)

    def stopped(self) -> Stopped:
        """Give what is known of where streams stopped."""
        stands = self.rig.stands
        return Stopped(
            entry_at=lambda ledger, position: stands[ledger].ledger.read(position, 1)[0],
            stream_of=lambda ledger, entry: stands[ledger].opening.header(entry)[2].subject,
            tag_of=lambda text: self.rig.custody.stream_tag(PARTNERSHIP, text),
        )

    def parking(self, *, blind: bool = False) -> Parking:
        """Give what a runner that has just begun tells; `blind` to what stands already."""
        book = BlindBook() if blind else self.rig.partnership.ledger
        return Parking(
            self.rig.hub_events, PARTNERSHIP, book, stopped=self.stopped(), views=VERSIONS
        )

    def run(self, tell: TellParked | None = None, waits: int = 3) -> None:
        """Let a runner of the live views fold everything, until it has waited so often."""
        ledgers = {name: stand.ledger for name, stand in self.rig.stands.items()}
        said = iter(range(waits))
        runner = Projector(ledgers, lambda: self.store, self.rules(), tell or self.parking().record)
        runner.run(lambda _: next(said) == waits - 1)

    def said(self) -> list[StreamParked.Facts]:
        """Give what the partnership's ledger says of parked streams."""
        facts = (event.facts for event in self.rig.partnership.opened())
        return [one for one in facts if isinstance(one, StreamParked.Facts)]


@pytest.fixture
def hub() -> Iterator[Parked]:
    """Give a hub with three events of Havering's, of which the second does not open."""
    with open_rig() as rig:
        publisher = rig.publisher()
        for _ in range(3):
            publisher.publish(publisher.event())
        yield Parked(rig, publisher, {(HAVERING, 1)})


def test_a_parked_stream_is_recorded(hub: Parked) -> None:
    """In the partnership's ledger: where it stopped, at which event, why, and in which views."""
    hub.run()
    [said] = hub.said()
    entry = hub.rig.stands[HAVERING].ledger.read(1, 1)[0]
    assert (said.ledger, said.position, said.event) == (HAVERING, 1, str(entry.event_id))
    assert (said.reason, said.projection, said.views_version) == ("key-missing", "all", VERSIONS)
    assert said.stream == hub.rig.stands[HAVERING].opening.header(entry)[2].subject


def test_it_is_recorded_once_however_often_runners_begin(hub: Parked) -> None:
    """A runner that starts anew, or whose views begin anew, finds it said already."""
    for _ in range(3):
        hub.run()
    hub.store = FakeViews()
    hub.run()
    assert len(hub.said()) == 1


def test_two_runners_at_once_record_it_once(hub: Parked) -> None:
    """Neither finds the other's record before it appends its own: the ledger takes one of an id."""
    hub.run()
    hub.run(hub.parking(blind=True).record)
    assert len(hub.said()) == 1


def test_a_runner_that_died_before_it_told_is_made_good(hub: Parked) -> None:
    """What was folded and parked, and not told, is told when the next runner begins."""
    hub.run(_nobody)
    assert hub.said() == []
    hub.run()
    assert len(hub.said()) == 1


def _nobody(ledger: str, parked: Sequence[object]) -> None:
    """Be told, and die of it."""
    del ledger, parked


def test_what_cannot_be_recorded_now_is_recorded_later(hub: Parked) -> None:
    """An outage is waited out: the views go on, and the record follows."""
    tell, outages = hub.parking().record, [True, True]

    def sometimes(ledger: str, parked: Sequence[ParkedStream]) -> None:
        if parked and outages:
            outages.pop()
            raise Unavailable("the ledger")
        tell(ledger, parked)

    hub.run(sometimes, waits=6)
    assert hub.store.position(HAVERING) == 3
    assert len(hub.said()) == 1


def test_what_parks_while_it_runs_is_recorded(hub: Parked) -> None:
    """A second stream that stops later is one more record; the first is not said again."""
    hub.run()
    hub.publisher.publish(hub.publisher.event())
    hub.broken.add((HAVERING, 3))
    hub.run()
    assert [one.position for one in hub.said()] == [1, 3]


def test_what_another_runner_parked_is_recorded_by_the_one_that_goes_on(hub: Parked) -> None:
    """Views that were folded on by somebody else, who told nobody, are looked through again."""
    hub.broken.clear()
    ledgers = {name: stand.ledger for name, stand in hub.rig.stands.items()}
    waits = iter(range(4))

    def meanwhile(_: float) -> bool:
        at = next(waits)
        if at == 1:
            hub.publisher.publish(hub.publisher.event())
            hub.broken.add((HAVERING, 3))
            Projector(ledgers, lambda: hub.store, hub.rules()).fold_to(HAVERING, 4)
            hub.publisher.publish(hub.publisher.event())
        return at == 3

    Projector(ledgers, lambda: hub.store, hub.rules(), hub.parking().record).run(meanwhile)
    assert [one.position for one in hub.said()] == [3]


def test_a_rebuild_and_a_replay_record_nothing(hub: Parked) -> None:
    """They park the same stream, and write to no ledger."""
    hub.run()
    before = hub.rig.sizes()
    generations = FakeGenerations(hub.store)
    name, _ = generations.begin()
    log = hub.rig.stands[HAVERING].ledger
    found = rebuild_ledger(HAVERING, log, hub.rules(), generations, name)
    assert [one.position for one in found.after] == [1]
    scratch = FakeViews()
    replay({HAVERING: Prefix(log, 3)}, scratch, hub.rules(), _nothing)
    assert [one.position for one in scratch.folded(HAVERING).parked] == [1]
    assert hub.rig.sizes() == before


def _nothing(*_: object) -> None:
    """Say nothing of how far a replay is."""


def redriving(hub: Parked) -> Redriving:
    """Give what records re-drives."""
    book = hub.rig.partnership.ledger
    return Redriving(hub.rig.hub_events, PARTNERSHIP, book, stopped=hub.stopped())


@pytest.mark.parametrize("mended", [True, False])
def test_what_is_redriven_is_not_parked_once_more(hub: Parked, *, mended: bool) -> None:
    """Whether it folds or stops where it stopped: the re-drive names the record that there is."""
    hub.run()
    if mended:
        hub.broken.clear()
    generations = FakeGenerations(hub.store)
    name, again = generations.begin()
    log = hub.rig.stands[HAVERING].ledger
    compared = rebuild_ledger(HAVERING, log, hub.rules(), generations, name)
    redriving(hub).record(Report(name, (compared,)), dry_run=False)
    assert isinstance(again, FakeViews)
    hub.store = again
    hub.run()
    facts = [event.facts for event in hub.rig.partnership.opened()]
    [redriven] = [one for one in facts if isinstance(one, StreamRedriven.Facts)]
    assert redriven.outcome == ("folded" if mended else "parked-again")
    assert redriven.parked == str(hub.stopped().record_id(HAVERING, 1))
    assert len(hub.said()) == 1


def test_the_hubs_own_entries_are_not_recorded(hub: Parked) -> None:
    """Where the partnership's ledger does not open, no record is added that would not either."""
    hub.broken = {(PARTNERSHIP, at) for at in range(hub.rig.sizes()[PARTNERSHIP])}
    before = hub.rig.sizes()
    hub.run()
    assert hub.store.folded(PARTNERSHIP).parked
    assert hub.rig.sizes() == before


def test_a_stream_that_nobody_knows_is_recorded_without_its_name(
    hub: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the header does not open, place and reason are said all the same."""
    unopened: Callable[[StoredEntry], object] = _fails
    monkeypatch.setattr(hub.rig.stands[HAVERING].opening, "header", unopened)
    hub.broken = {(HAVERING, at) for at in range(3)}
    hub.run()
    assert [(one.position, one.stream) for one in hub.said()] == [(0, None), (1, None), (2, None)]


def _fails(_: StoredEntry) -> object:
    raise KeyMissing("a key of the ledger")
