"""Which cells each kind of event adds to, for whom, and that nothing else is read of it."""

from __future__ import annotations

import pytest

from domain.opened import OpenedEvent
from domain.vocabulary.catalogue import STANDARD
from domain.vocabulary.police_health_school import WeaponIncidentRecorded
from projections.catalogue import PROJECTIONS
from projections.projection import Contribution
from tests.projections.builders import Borough, Person, pseudonym
from tests.projections.sample import Sample
from tests.projections.samples_agencies import AGENCIES
from tests.projections.samples_social_care import SOCIAL_CARE

SAMPLES = SOCIAL_CARE + AGENCIES


def told(sample: Sample, *others: Person) -> OpenedEvent:
    """Give a sample's event, about mia and perhaps others."""
    borough = Borough("havering")
    facts = sample.kind.Facts.model_validate(sample.facts)
    shared = sample.kind.Shared.model_validate(sample.shared)
    borough.tells(sample.kind, facts, [Person("mia", shared, sample.role), *others])
    opened = borough.opened[0]
    assert isinstance(opened, OpenedEvent)
    return opened


def given(event: OpenedEvent) -> list[Contribution]:
    """Give what every counting makes of an event."""
    countings = PROJECTIONS.countings.get(event.kind.name, ())
    return [one for counting in countings for one in counting.contribute(event)]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: f"{one.kind.name} {one.cells}")
def test_cells_of_a_kind(sample: Sample) -> None:
    """An event adds to exactly these cells, all for the child that it is about.

    Beside them the cells by which each source's loads are told apart (`test_loads.py`).
    """
    contributions = given(told(sample))
    cells = [one.cell for one in contributions if not one.cell.startswith("load:")]
    assert sorted(cells) == sorted(sample.cells.split())
    assert {one.subject for one in contributions} <= {pseudonym("mia")}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: f"{one.kind.name} {one.cells}")
def test_an_erased_child_adds_to_nothing(sample: Sample) -> None:
    """What is absent since a key was destroyed folds as absent, and another child still counts."""
    event = told(sample)
    gone = event.subjects[0]._replace(pseudonym=None, role=None, shared=None)
    assert given(event._replace(subjects=(gone,))) == []
    assert given(event._replace(facts=None, subjects=(gone,))) == []
    both = event._replace(subjects=(gone, event.subjects[0]))
    assert given(both) == given(event)
    # Where a store keeps nothing of an event, an erasure has nothing of it to look for.
    for facts in (event.facts, None):
        assert {*given(both._replace(facts=facts))} <= {*given(event)}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: f"{one.kind.name} {one.cells}")
def test_facts_that_are_gone_stop_nothing(sample: Sample) -> None:
    """An event whose facts are absent folds without a fault."""
    assert len(given(told(sample)._replace(facts=None))) <= len(given(told(sample)))


def test_siblings_are_counted_each() -> None:
    """An assessment of two siblings adds to the cells of each, in one episode."""
    sample = SAMPLES[0]
    shared = sample.kind.Shared.model_validate(sample.shared)
    contributions = given(told(sample, Person("noah", shared, "sibling")))
    assert {one.subject for one in contributions} == {pseudonym("mia"), pseudonym("noah")}
    assert len({one.episode for one in contributions}) == 1


def test_an_episode_that_is_not_named_is_the_stream() -> None:
    """An assessment whose source names no episode counts as one of its own, not as none."""
    event = told(SAMPLES[0])
    assert {one.episode for one in given(event)} == {event.header.subject}


def test_an_incident_about_nobody_is_counted() -> None:
    """A weapon that was found on nobody is an incident, and about no child."""
    facts = WeaponIncidentRecorded.Facts(offence="possession", weapon="knife")
    borough = Borough("havering")
    borough.tells(WeaponIncidentRecorded, facts)
    opened = borough.opened[0]
    assert isinstance(opened, OpenedEvent)
    assert given(opened) == [Contribution("weapon"), Contribution("weapon:possession")]


def test_every_type_that_is_read_is_in_the_catalogue() -> None:
    """A counting that names a type which does not exist would be silent for ever."""
    assert set(PROJECTIONS.countings) <= {kind.name for kind in STANDARD.kinds}
    assert set(PROJECTIONS.countings) == {sample.kind.name for sample in SAMPLES}
