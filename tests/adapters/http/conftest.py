"""A served hub for each test of the HTTP door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http_rig import HttpRig, open_door


@pytest.fixture
def door() -> Iterator[HttpRig]:
    """Give a served hub with a publisher, a plain source and a reader."""
    with open_door() as opened:
        yield opened
