"""Publishing a return that holds a child who was erased."""

import pytest

from adapters.returns.reports import Events, Outcome
from tests.adapters.returns.census import assessment, child, episode
from tests.adapters.returns.test_cin_publishing import CLOSED, events, publish
from tests.services.borough.boroughs import Borough
from tests.services.borough.erasures import WISH
from tests.services.borough.fake_hub import FakeHub


@pytest.fixture
def havering() -> Borough:
    """Give a borough whose hub answers."""
    return Borough(FakeHub())


def test_what_was_erased_stays_away_and_is_reported(havering: Borough) -> None:
    """Given a child who was erased: of the same return nothing is sent, and the report says so."""
    whole = child(episode(assessment("3B"), **CLOSED))
    publish(havering, whole)
    request = havering.client().request_erasure(("A-1",), WISH)
    havering.client().send()
    havering.hub.destroy(request, at="2023-04-01T00:00:00Z")
    havering.client().tidy()
    sent = len(havering.hub.received)
    report = publish(havering, whole)
    assert len(havering.hub.received) == sent
    assert report.outcome is Outcome.UNDERSTOOD
    assert events(report, "referral") == Events(told=1, erased=1)
    assert events(report, "assessment-completed") == Events(told=1, erased=1)
