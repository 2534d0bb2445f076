"""What tests of erasing are given: a hub that erases, and a publisher of Havering's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rig_erasing import ErasingRig
from tests.rig_publisher import Publisher


@pytest.fixture
def erasing() -> Iterator[ErasingRig]:
    """Give a hub that erases."""
    made = ErasingRig()
    yield made
    made.rig.close()


@pytest.fixture
def publisher(erasing: ErasingRig) -> Publisher:
    """Give a publisher of Havering's."""
    return erasing.rig.publisher()
