"""The outbox loses nothing, and repeats itself under the same ids, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.errors import Unavailable
from domain.vocabulary import hub
from services.intake_ports import Advance
from services.outbox import Outbox
from services.outbox_ports import FOLLOWED
from services.projecting import Bell
from tests.fakes_outbox import Topics, ledgers_of, outbox_of, told_all
from tests.hub_rig import HubRig, open_rig
from tests.services.test_telling import ANALYST, Scene, grant, publish, reads


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub in memory, of which nobody was told anything yet."""
    with open_rig() as opened:
        yield opened


@pytest.fixture
def topics() -> Topics:
    """Give topics in which there is nothing."""
    return Topics()


def reached(rig: HubRig) -> dict[str, int]:
    """Say how far each ledger was told of."""
    return {name: one.offsets.reached(FOLLOWED) for name, one in ledgers_of(rig).items()}


def ids(topics: Topics) -> list[str]:
    """Give the ids of all that was told, in order."""
    return [str(one.id) for one in topics.told]


def test_it_comes_to_the_end_and_tells_each_thing_once(rig: HubRig, topics: Topics) -> None:
    """All that is registered is told, under ids that no two messages share; then nothing more."""
    told_all(outbox_of(rig, topics))
    assert reached(rig) == rig.sizes()
    assert len(topics.told) > 50
    assert len(set(ids(topics))) == len(topics.told)
    told_all(outbox_of(rig, topics))
    assert len(set(ids(topics))) == len(topics.told)


def test_killed_before_it_moves_on_it_repeats_itself(
    rig: HubRig, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told, and is not known to have been, is told again, with the same ids and bytes."""
    ledger = rig.partnership.ledger

    def dies(_: Advance) -> None:
        raise Unavailable("all power")

    with monkeypatch.context() as patched:
        patched.setattr(ledger.offsets, "advance", dies)  # type: ignore[attr-defined]  # in memory
        dying = outbox_of(rig, topics)
        dying.shared_out = lambda: ("bhr",)
        assert dying.step() == 0
    first = list(topics.told)
    assert first
    assert reached(rig)["bhr"] == 0
    told_all(outbox_of(rig, topics))
    assert topics.told[len(first) : 2 * len(first)] == first
    assert reached(rig) == rig.sizes()


def test_while_topics_are_away_nothing_is_lost(rig: HubRig, topics: Topics) -> None:
    """It waits and says so, and goes on from where it was."""
    outbox = outbox_of(rig, topics)
    topics.away = True
    told_all(outbox)
    assert (topics.told, reached(rig)["bhr"]) == ([], 0)
    assert outbox.hindrances() == ("untold bhr",)
    topics.away = False
    told_all(outbox)
    assert (outbox.hindrances(), reached(rig)) == ((), rig.sizes())
    assert len(set(ids(topics))) == len(topics.told) > 50


def test_what_is_no_longer_its_own_does_not_hinder_it(rig: HubRig, topics: Topics) -> None:
    """A ledger that went to another while it waited is that one's to tell of, and to say so."""
    outbox = outbox_of(rig, topics)
    topics.away = True
    outbox.step()
    assert outbox.hindrances() == ("untold bhr",)
    outbox.shared_out = lambda: ()
    outbox.step()
    assert outbox.hindrances() == ()


def test_who_was_overtaken_while_it_waited_is_not_hindered(
    rig: HubRig, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that comes back from waiting to find that another went on says no more that it waits."""
    slow, quick = outbox_of(rig, topics), outbox_of(rig, topics)
    slow.shared_out = lambda: ("bhr",)
    topics.away = True
    slow.step()
    assert slow.hindrances() == ("untold bhr",)
    topics.away = False
    ledger = ledgers_of(rig)["bhr"]
    read = ledger.read

    def overtaken(start: int, limit: int) -> object:
        monkeypatch.undo()
        found = read(start, limit)
        told_all(quick)
        return found

    monkeypatch.setattr(ledger, "read", overtaken)
    slow.step()
    assert slow.hindrances() == ()


def test_a_topic_that_is_not_made_yet_is_waited_for(rig: HubRig, topics: Topics) -> None:
    """What cannot be told to one body is told to nobody yet: none of it is left out."""
    outbox = outbox_of(rig, topics)
    topics.unmade.add("redbridge")
    told_all(outbox)
    assert (topics.told, outbox.hindrances()) == ([], ("untold bhr",))
    topics.unmade.clear()
    told_all(outbox)
    assert reached(rig) == rig.sizes()


def test_that_a_release_is_given_is_recorded_once(rig: HubRig, topics: Topics) -> None:
    """However often it is tried; and not at all while nobody could be told."""
    outbox = outbox_of(rig, topics)
    scene = Scene(rig, topics, outbox, rig.publisher())
    grant(scene, "havering")
    told_all(outbox)
    publish(scene)
    topics.away = True
    told_all(outbox_of(rig, topics))
    assert reads(scene) == []
    topics.away = False
    topics.unmade.add("havering")
    for _ in range(3):
        outbox.step()
    assert reads(scene) == [("havering", ANALYST, "outbox")]
    topics.unmade.clear()
    told_all(outbox)
    assert reads(scene) == [("havering", ANALYST, "outbox")]


def test_of_two_the_one_that_began_last_is_heard(rig: HubRig, topics: Topics) -> None:
    """One that hangs and is overtaken tells nothing more and moves nothing; nothing is lost."""
    first, second = outbox_of(rig, topics), outbox_of(rig, topics)
    first.step()
    grant_right(rig, "redbridge")
    second.step()
    grant_right(rig, "havering")
    before = len(topics.told)
    assert first.step() == 0
    assert len(topics.told) == before
    told_all(second)
    rights = [one for one in topics.told if b"right-granted" in one.value]
    assert [one.participant for one in rights] == ["redbridge", "havering"]
    assert reached(rig) == rig.sizes()


def grant_right(rig: HubRig, body: str) -> None:
    """Let an office of a body read releases."""
    facts = hub.RightGranted.Facts(
        effective_from="2020-01-01",
        office=ANALYST,
        participant=body,
        purposes=("partnership-themes",),
        right="released",
    )
    rig.registering.grant(facts)


def test_who_moved_on_behind_its_back_is_believed(
    rig: HubRig, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another has moved a ledger on meanwhile, this one moves nothing, and reads again."""
    slow = outbox_of(rig, topics)
    slow.shared_out = lambda: ("bhr",)
    quick = outbox_of(rig, topics)
    ledger = ledgers_of(rig)["bhr"]
    read = ledger.read

    def overtaken(start: int, limit: int) -> object:
        monkeypatch.undo()
        found = read(start, limit)
        told_all(quick)
        return found

    monkeypatch.setattr(ledger, "read", overtaken)
    assert slow.step() == 0
    assert reached(rig) == rig.sizes()
    assert slow.step() == 0


def test_it_stops_when_it_is_told(rig: HubRig, topics: Topics) -> None:
    """After the batch in its hand, also while nobody can be told."""
    outbox: Outbox = outbox_of(rig, topics)
    topics.away = True
    bell = Bell()
    bell.stop()
    outbox.run(bell.wait)
    assert outbox.waits == {"bhr": "NobodyTold"}
