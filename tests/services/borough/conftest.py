"""Who most tests of the borough's client have on the stage."""

import pytest

from tests.services.borough.boroughs import Borough
from tests.services.borough.fake_hub import FakeHub


@pytest.fixture
def hub() -> FakeHub:
    """Give a hub."""
    return FakeHub()


@pytest.fixture
def borough(hub: FakeHub) -> Borough:
    """Give a borough before that hub."""
    return Borough(hub)
