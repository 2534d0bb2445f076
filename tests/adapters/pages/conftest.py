"""Pages over invented answers, and over the hub's own services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.pages.invented_querying import invented
from tests.pages_rig import PagesRig, open_pages


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[PagesRig]:
    """Give pages at whose door nobody is signed in."""
    with open_pages(tmp_path, invented) as rig:
        yield rig


@pytest.fixture
def reader(pages: PagesRig) -> PagesRig:
    """Give pages at which Havering's analyst is signed in."""
    assert pages.sign_in().status_code == 303
    return pages
