"""A served hub for each test of the HTTP door, and one behind a real port for a module of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from adapters.suppression.highs import Highs
from services.releases.publishing import Releasing
from tests.adapters.http.serving import Served, serving
from tests.http_rig import HttpRig, open_door
from tests.hub_rig import open_rig
from tests.services.releases.test_publishing import CountedViews


@pytest.fixture
def door() -> Iterator[HttpRig]:
    """Give a served hub with a publisher, a plain source and a reader."""
    with open_door() as opened:
        yield opened


@pytest.fixture(scope="module")
def released() -> Iterator[HttpRig]:
    """Give a served hub with the release of June 2025."""
    with open_rig() as rig:
        views = CountedViews()
        door = HttpRig(rig, views)
        Releasing(lambda: views, rig.registering, Highs(), "views/1").publish()
        yield door


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Give a hub behind a real port."""
    with open_door() as door, serving(door.app) as port:
        yield Served(door, port)


@pytest.fixture
def heard(served: Served, caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Hear every logger at its most talkative, the server's own included."""
    caplog.set_level(logging.DEBUG)
    own = logging.getLogger("uvicorn.error")
    caplog.set_level(1, own.name)  # its own level below DEBUG
    own.addHandler(caplog.handler)
    yield caplog
    own.removeHandler(caplog.handler)
