"""After its newest store was lost a borough goes on behind the highest number that the hub has."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from adapters.client.borough_store import SqliteBoroughStore
from domain.canonical import canonical
from domain.errors import HomeNotReady, NotAuthorised, Unavailable
from services.borough.going_on import WentOn, go_on
from services.hub_door import HubAnswer
from tests.adapters.client.test_store_put_back import SOURCE, put_back, told
from tests.services.borough.fake_hub import FakeHub


class NumberedHub(FakeHub):
    """A hub that tells a source its numbers."""

    answer: HubAnswer | None = None

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Give the highest number, or what a test has it say."""
        if path != "/v1/numbers":
            return super().get(path, query)
        highest = max(numbers(self), default=0)
        said = canonical({"highest": highest, "source": SOURCE})
        return self.answer or HubAnswer(200, said)


def numbers(hub: FakeHub) -> list[int]:
    """Give the numbers of every event at a hub."""
    return [int(one.sequence) for one in hub.events.values()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the store's place, in a folder that is its owner's alone."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder / "borough.sqlite"


def went_on(hub: FakeHub, path: Path) -> WentOn:
    """Go on with whatever store there is."""
    with closing(SqliteBoroughStore(path, SOURCE, lost=True)) as store:
        return go_on(store, hub, SOURCE)


def test_an_older_copy_goes_on_behind_what_was_used(path: Path, tmp_path: Path) -> None:
    """No number comes twice, what it cannot know is counted, and the lost one is refused later."""
    hub, copy, newest = NumberedHub(), tmp_path / "copy", tmp_path / "newest"
    told(hub, path, "C1")
    shutil.copy2(path, copy)
    known = max(numbers(hub))
    told(hub, path, "C1", "C2")
    shutil.copy2(path, newest)
    used = max(numbers(hub))
    put_back(copy, path)
    with pytest.raises(HomeNotReady, match="bhr borough go-on"):
        SqliteBoroughStore(path, SOURCE)
    assert went_on(hub, path) == WentOn(used + 1, known + 1, used)
    told(hub, path, "C1", "C2", "C3")
    assert len(set(numbers(hub))) == len(numbers(hub))
    assert min(set(numbers(hub)) - set(range(used + 1))) == used + 1
    put_back(newest, path)
    with pytest.raises(HomeNotReady, match="another borough's store"):
        SqliteBoroughStore(path, SOURCE)


def test_a_new_store_in_the_place_of_a_lost_one_goes_on_too(path: Path) -> None:
    """With no copy at all the count goes on all the same; what is sealed begins in new sessions."""
    hub = NumberedHub()
    told(hub, path, "C1")
    used = max(numbers(hub))
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    went = went_on(hub, path)
    assert (went.next, went.unknown) == (used + 1, used)
    told(hub, path, "C1")
    assert len(set(numbers(hub))) == len(numbers(hub))


def test_a_store_that_is_ahead_of_the_hub_keeps_its_count(path: Path) -> None:
    """What waits in it has numbers that the hub has not heard of: none is given out again."""
    hub = NumberedHub()
    told(hub, path, "C1")
    ahead = max(numbers(hub)) + 1
    hub.answer = HubAnswer(200, canonical({"highest": 1, "source": SOURCE}))
    went = went_on(hub, path)
    assert (went.next, went.unknown) == (ahead, 0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (HubAnswer(0, b""), Unavailable),
        (HubAnswer(403, b""), NotAuthorised),
        (HubAnswer(200, b"{"), Unavailable),
        (HubAnswer(200, canonical({"highest": 7, "source": "/participants/x/y"})), Unavailable),
        (HubAnswer(200, canonical({"highest": -1, "source": SOURCE})), Unavailable),
        (HubAnswer(200, canonical({"highest": "7", "source": SOURCE})), Unavailable),
    ],
    ids=["away", "refused", "no answer", "another source", "below nothing", "no number"],
)
def test_without_an_answer_nothing_is_changed(
    path: Path, tmp_path: Path, answer: HubAnswer, error: type[Exception]
) -> None:
    """An older copy stays refused until the hub has said how far it had counted."""
    hub, copy = NumberedHub(), tmp_path / "copy"
    told(hub, path, "C1")
    shutil.copy2(path, copy)
    told(hub, path, "C1", "C2")
    put_back(copy, path)
    hub.answer = answer
    with pytest.raises(error):
        went_on(hub, path)
    with pytest.raises(HomeNotReady, match="an older copy"):
        SqliteBoroughStore(path, SOURCE)
