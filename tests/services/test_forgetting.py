"""What folding does when keys are destroyed: rows go at their stamps, and parked streams follow."""

from __future__ import annotations

import pytest

from domain.errors import Unavailable
from domain.record import Attestation
from domain.vocabulary.assessment import AssessmentCompleted
from projections.feed_health import FEED_HEALTH
from services.views import ViewStore
from tests.contracts.views.builders import Reopen
from tests.contracts.views.conftest import reopen, store
from tests.projections.asked import Asked
from tests.projections.builders import Borough, Person, Told, key_id, projector
from tests.services.test_rebuilding import FakeGenerations, rebuilt

__all__ = ["reopen", "store"]

GANGS = "factor:13A"
NEGLECT = "factor:18B"


def fold(store: ViewStore, borough: Borough, size: int | None = None) -> Asked:
    """Fold a ledger, as it is when it has so many entries."""
    borough.length = size
    length = len(borough.entries) if size is None else size
    projector(store, borough).fold_to("havering", length)
    return Asked(store)


def siblings() -> Borough:
    """Give a ledger in which one event is about two children, and then one child is erased."""
    borough = Borough("havering")
    said = AssessmentCompleted.Shared.model_validate({"age_band": "5-9", "factors": ("13A",)})
    people = [Person("mia", said), Person("noah", said, "sibling")]
    facts = AssessmentCompleted.Facts(authorisation_date="2023-04-03")
    borough.tells(AssessmentCompleted, facts, people, Told(stream="s"))
    borough.assessed("mia", ["13A"], Told(stream="another"))
    borough.destroys("mia")
    return borough


def test_one_of_two_siblings_goes_and_the_other_stays(store: ViewStore) -> None:
    """The erased child is in no figure as of any position, the other one in all that it was in."""
    borough = siblings()
    assert fold(store, borough, 2).cells("havering", GANGS) == {GANGS: (2, 2, 2)}
    views = fold(store, borough)
    assert views.cells("havering", GANGS) == {GANGS: (1, 1, 1)}
    assert [views.together("havering", GANGS)] == [(1, 1, 1)]


def test_only_the_hub_says_that_a_key_is_destroyed(store: ViewStore) -> None:
    """What a source tells of keys changes nothing that was folded."""
    borough = siblings()
    said = borough.opened.pop()
    borough.entries.pop()
    borough.destroyed.clear()
    assert not isinstance(said, Exception)
    told = Told(source="social-care", attestation=Attestation.SIGNED)
    assert said.facts is not None
    borough.tells(said.kind, said.facts, (), told)
    assert fold(store, borough).cells("havering", GANGS) == {GANGS: (2, 2, 2)}


def test_a_key_goes_though_the_hubs_stream_is_parked(store: ViewStore) -> None:
    """An entry that does not open keeps no erasure behind it from being carried out."""
    borough = Borough("havering")
    borough.assessed("mia", ["13A"])
    borough.cannot_open("stream of 2", source="hub")
    borough.destroys("mia")
    fold(store, borough, 2)
    views = fold(store, borough)
    assert views.cells("havering", GANGS) == {}
    assert [one.entries for one in store.folded("havering").parked] == [2]


def parked_for_mia() -> Borough:
    """Give a ledger that parks a stream for a part of Mia's, and goes on about Noah in it."""
    borough = Borough("havering")
    borough.assessed("ava", ["13A"], Told(stream="apart"))
    borough.assessed("mia", ["13A"], Told(stream="s"))
    borough.damages("mia")
    borough.assessed("noah", ["18B"], Told(stream="s"))
    borough.destroys("mia")
    return borough


def test_what_was_parked_for_an_erased_part_is_folded(store: ViewStore) -> None:
    """Given a damaged part, the key of which goes: what stood behind it counts, from its stamps."""
    borough = parked_for_mia()
    assert fold(store, borough, 3).cells("havering", GANGS, NEGLECT) == {GANGS: (1, 1, 1)}
    assert [one.entries for one in store.folded("havering").parked] == [2]
    views = fold(store, borough)
    both = {GANGS: (1, 1, 1), NEGLECT: (1, 1, 1)}
    assert views.cells("havering", GANGS, NEGLECT) == both
    assert store.folded("havering").parked == ()
    assert len(store.register(FEED_HEALTH.name)) == 1


def test_readers_wait_while_a_ledger_is_folded_anew(reopen: Reopen) -> None:
    """Half a ledger is never shown as if it were the whole, and positions never go back."""
    borough = parked_for_mia()
    fold(reopen(), borough, 3)
    borough.length = None
    projector(reopen(), borough).step()
    assert reopen().position("havering") == 0
    with pytest.raises(Unavailable):
        Asked(reopen()).cells("havering", GANGS)
    with pytest.raises(Unavailable):
        reopen().told("figures", ["havering"])
    projector(reopen(), borough).step()
    assert Asked(reopen()).cells("havering", GANGS) == {GANGS: (1, 1, 1)}


def test_what_was_destroyed_is_known_across_a_fold_anew(store: ViewStore) -> None:
    """Though some memory still opens the part, it is absent: nothing is folded anew twice."""
    borough = parked_for_mia()
    borough.damaged.clear()
    borough.remembers = True
    facts = AssessmentCompleted.Facts(authorisation_date="2023-04-03")
    borough.tells(AssessmentCompleted, facts, [Person("mia")], Told(stream="later"))
    assert fold(store, borough).cells("havering", GANGS) == {GANGS: (1, 1, 1)}
    assert store.destroyed("havering", [key_id("havering", "mia"), bytes(32)]) == {
        key_id("havering", "mia")
    }


def test_a_rebuild_beside_views_that_lag_is_compared_fairly() -> None:
    """Given a destruction that the live views have not folded: they do first, and are equal."""
    borough = siblings()
    generations = FakeGenerations.empty()
    fold(generations.live(), borough, 2)
    borough.length = None
    report = rebuilt(generations, borough)
    assert report.equal
    assert [one.position for one in report.ledgers] == [3]
