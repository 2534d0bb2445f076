"""What a return held is told to the hub after a load, and again only where it changed."""

from __future__ import annotations

import io

import pytest

from adapters.returns.cin_publishing import Wanted, publish_return
from domain.vocabulary.figures import FigureReported
from tests.adapters.returns.census import TODAY, assessment, census, child, episode
from tests.services.borough.boroughs import Borough
from tests.services.borough.fake_hub import FakeHub

IN_FILE = {"assessments": 1, "children": 1, "plans": 0, "referrals": 1, "section-47s": 0}


@pytest.fixture
def havering() -> Borough:
    """Give a borough whose hub answers."""
    return Borough(FakeHub())


def publish(borough: Borough, *children: str, year: int = 2023) -> None:
    """Publish a return of these children."""
    file = io.BytesIO(census(*children, year=year))
    publish_return(file, Wanted("311", year), borough.client(), today=TODAY).close()


def figures(borough: Borough) -> list[FigureReported.Facts]:
    """Give the figures that the hub has taken, corrections too, in their order."""
    facts = (event.data.facts for event in borough.hub.events.values())
    return [one for one in facts if isinstance(one, FigureReported.Facts)]


def test_what_the_file_holds_is_told_as_figures(havering: Borough) -> None:
    """Given a load: the records of each kind that stood in the file, for the return's own year."""
    publish(havering, child(episode(assessment("3B"))))
    told = figures(havering)
    assert {one.measure: one.numerator for one in told} == {
        f"cin-in-file-{kind}": count for kind, count in IN_FILE.items()
    }
    assert {(one.area, one.period_start, one.period_end) for one in told} == {
        ("311", "2022-04-01", "2023-03-31")
    }


def test_what_the_file_holds_is_told_again_only_where_it_changed(havering: Borough) -> None:
    """Given another assessment in the same return: one figure is corrected, no other is sent."""
    publish(havering, child(episode(assessment("3B"))))
    publish(havering, child(episode(assessment("3B"), assessment("3C", start="2022-09-01"))))
    (corrected,) = figures(havering)[len(IN_FILE) :]
    assert (corrected.measure, corrected.numerator) == ("cin-in-file-assessments", 2)
    publish(havering, child(episode(assessment("3B"))), year=2024)
    assert len(figures(havering)) == 2 * len(IN_FILE) + 1  # another year's are others
