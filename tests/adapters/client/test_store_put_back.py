"""A borough's store that is older than the last one used is refused: it would tell again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adapters.client.borough_store import SqliteBoroughStore
from adapters.store_mark import mark_of
from domain.errors import HomeNotReady
from tests.services.borough.boroughs import Borough, referral
from tests.services.borough.erasures import pseudonyms, returned
from tests.services.borough.fake_hub import FakeHub

SOURCE = "/participants/havering/social-care"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the store's place, in a folder that is its owner's alone."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder / "borough.sqlite"


@pytest.fixture
def hub() -> FakeHub:
    """Give a hub."""
    return FakeHub()


def told(hub: FakeHub, path: Path, *children: str) -> None:
    """Publish a return with referrals of some children."""
    store = SqliteBoroughStore(path, SOURCE)
    returned(Borough(hub, store=store), *map(referral, children))
    store.scrub()
    store.close()


def put_back(copy: Path, path: Path) -> None:
    """Put a copy in the store's place."""
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shutil.copy2(copy, path)


def test_a_copy_of_before_is_refused(hub: FakeHub, path: Path, tmp_path: Path) -> None:
    """A child whom only the newer one knew would be told under a second name, and count twice."""
    told(hub, path, "C1")
    copy, newest = tmp_path / "copy", tmp_path / "newest"
    shutil.copy2(path, copy)
    told(hub, path, "C1", "C2")
    shutil.copy2(path, newest)
    put_back(copy, path)
    with pytest.raises(HomeNotReady, match="an older copy of the borough's store"):
        SqliteBoroughStore(path, SOURCE)
    put_back(newest, path)
    told(hub, path, "C1", "C2")
    assert len(pseudonyms(hub)) == 2


def test_a_new_store_in_the_place_of_a_lost_one_is_refused(hub: FakeHub, path: Path) -> None:
    """It would begin to count at one, and know nobody."""
    told(hub, path, "C1")
    path.unlink()
    with pytest.raises(HomeNotReady, match="another borough's store"):
        SqliteBoroughStore(path, SOURCE)


def test_what_goes_on_with_an_older_one_all_the_same_is_counted_twice(
    hub: FakeHub, path: Path, tmp_path: Path
) -> None:
    """Whoever deletes the mark is warned of it: numbers come twice, by which the hub names it."""
    told(hub, path, "C1")
    copy = tmp_path / "copy"
    shutil.copy2(path, copy)
    told(hub, path, "C1", "C2")
    put_back(copy, path)
    mark_of(path).unlink()
    told(hub, path, "C1", "C2")
    numbers = [int(one.sequence) for one in hub.events.values()]
    assert len(set(numbers)) < len(numbers)
    assert len(pseudonyms(hub)) == 3
