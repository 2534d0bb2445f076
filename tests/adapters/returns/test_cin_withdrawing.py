"""Taking a wrong return back by the file itself."""

import io

import pytest

from adapters.returns.cin_publishing import Wanted, Withdrawn, withdraw_file
from domain.errors import ReturnNotReadable
from tests.adapters.returns.census import TODAY, assessment, census, child, episode
from tests.adapters.returns.test_cin_publishing import kinds, publish
from tests.services.borough.boroughs import Borough
from tests.services.borough.fake_hub import FakeHub


@pytest.fixture
def havering() -> Borough:
    """Give a borough whose hub answers."""
    return Borough(FakeHub())


def withdrawn(borough: Borough, *children: str, year: int = 2023) -> Withdrawn:
    """Take a return of these children back."""
    file = io.BytesIO(census(*children, year=year))
    return withdraw_file(file, Wanted("311", 2023), borough.client(), today=TODAY)


def test_what_the_file_told_is_taken_back(havering: Borough) -> None:
    """All of it that stands as the file told it; what another file has changed since stays."""
    right, wrong = child(episode(assessment("3B"))), child(episode(assessment("3B")), number="B-2")
    publish(havering, right, wrong)
    assert withdrawn(havering, wrong) == Withdrawn(3, 0)
    assert len(kinds(havering)) == 3
    assert withdrawn(havering, wrong) == Withdrawn(0, 0)
    publish(havering, child(episode(assessment("3B"), source="2A")))
    assert withdrawn(havering, right) == Withdrawn(3, 0)
    assert kinds(havering) == ["referral-received"]


def test_a_file_of_another_year_takes_nothing_back(havering: Borough) -> None:
    """A file that would not be published is not taken for one that was."""
    whole = child(episode(assessment("3B")))
    publish(havering, whole)
    with pytest.raises(ReturnNotReadable):
        withdrawn(havering, whole, year=2024)
    assert len(kinds(havering)) == 3
