"""Copies of parts fetched from others: they go when they must, and that is said and signed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from domain.errors import HomeNotReady, NotAuthorised, NotFound, Unavailable
from services.hub_door import HubAnswer
from tests.fakes_borough_store import MemoryCopies
from tests.services.borough.boroughs import Borough, referral
from tests.services.borough.fake_hub import FakeHub
from tests.services.borough.test_erasing import Answering

BECAUSE = "018f0000-0000-7000-8000-000000000000"


@pytest.fixture
def borough(hub: FakeHub) -> Borough:
    """Give a borough that has sent a referral."""
    made = Borough(hub)
    made.client().publish([referral("C1")])
    made.client().send()
    return made


def the_event(hub: FakeHub) -> uuid.UUID:
    """Give the event that stands."""
    (event,) = hub.standing()
    return uuid.UUID(event.id)


def told(hub: FakeHub, what: str, *, fetched: bool = True, because: str = BECAUSE) -> None:
    """Have the hub tell something of the event's part."""
    hub.notices.append(
        {
            "because": because,
            "event": str(the_event(hub)),
            "fetched": fetched,
            "ledger": "havering",
            "part": 2,
            "recorded": "2026-01-01T00:00:00.000Z",
            "what": what,
        }
    )


def files(borough: Borough) -> set[str]:
    """Give where copies are kept."""
    assert isinstance(borough.copies, MemoryCopies)
    return set(borough.copies.files)


def kept(borough: Borough, *places: str | None) -> None:
    """Open the part, and keep it in each of some places."""
    for place in places:
        borough.client().open_part(the_event(borough.hub), 2, keep=place)


@pytest.mark.parametrize("what", ["erased", "withdrawn"])
def test_a_kept_copy_goes_and_is_confirmed(hub: FakeHub, borough: Borough, what: str) -> None:
    """Every file that the part was kept in; signed with the body's own key, once."""
    kept(borough, "one.json", "two.json")
    assert files(borough) == {"one.json", "two.json"}
    told(hub, what)
    (heard,) = borough.client().copies.hear()
    assert heard.confirmed
    assert not heard.is_open()
    assert files(borough) == set()
    (facts,) = hub.confirmed
    assert (facts.because, facts.outcome, facts.by_participant) == (BECAUSE, "deleted", "havering")
    assert borough.client().copies.hear() == []


def test_what_was_printed_is_for_a_person_to_say(hub: FakeHub, borough: Borough) -> None:
    """Files go all the same, and nothing is confirmed that nobody knows."""
    kept(borough, "one.json", None)
    told(hub, "erased")
    (heard,) = borough.client().copies.hear()
    assert not heard.confirmed
    assert heard.is_open()
    assert files(borough) == set()
    assert borough.client().copies.confirm_part(the_event(hub), 2, "in-own-record") == 1
    assert [facts.outcome for facts in hub.confirmed] == ["in-own-record"]


def test_a_restricted_copy_stays(hub: FakeHub, borough: Borough) -> None:
    """It may not be used for now, and may have to be again."""
    kept(borough, "one.json")
    told(hub, "restricted")
    (heard,) = borough.client().copies.hear()
    assert not heard.confirmed
    assert not heard.is_open()
    assert files(borough) == {"one.json"}


def test_what_was_never_fetched_asks_for_nothing(hub: FakeHub, borough: Borough) -> None:
    """A body that has no copy is told, and need not answer."""
    told(hub, "withdrawn", fetched=False)
    (heard,) = borough.client().copies.hear()
    assert not heard.is_open()
    with pytest.raises(NotFound, match="notice of this part"):
        borough.client().copies.confirm_part(the_event(hub), 2, "none-kept")


def test_a_confirmation_that_was_not_heard_is_said_again(hub: FakeHub, borough: Borough) -> None:
    """The file went already; next time that is confirmed all the same."""
    kept(borough, "one.json")
    told(hub, "erased")
    borough.door = Unheard(hub)
    with pytest.raises(Unavailable):
        borough.client().copies.hear()
    assert files(borough) == set()
    borough.door = None
    (heard,) = borough.client().copies.hear()
    assert heard.confirmed
    assert len(hub.confirmed) == 1


@dataclass
class Unheard:
    """The `PostingDoor` port onto a hub that cannot be posted to."""

    hub: FakeHub

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Let the hub take it."""
        return self.hub.submit(document, atomic=atomic)

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Ask the hub."""
        return self.hub.get(path, query)

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Reach nobody."""
        return HubAnswer(0, b"")


def test_a_file_that_stands_is_not_overwritten(hub: FakeHub, borough: Borough) -> None:
    """Somebody else's file is never taken for a copy of ours to be kept in."""
    assert isinstance(borough.copies, MemoryCopies)
    borough.copies.files["notes.txt"] = b"somebody's own"
    with pytest.raises(HomeNotReady):
        kept(borough, "notes.txt")
    kept(borough, "one.json")
    with pytest.raises(HomeNotReady):
        kept(borough, "one.json")
    told(hub, "erased")
    (heard,) = borough.client().copies.hear()
    assert heard.confirmed
    assert borough.copies.files == {"notes.txt": b"somebody's own"}


def test_what_could_not_be_fetched_leaves_no_file(hub: FakeHub, borough: Borough) -> None:
    """Nor a note of one: what stands in that place later is somebody else's."""
    assert isinstance(borough.copies, MemoryCopies)
    borough.door = Answering(hub, HubAnswer(0, b""))
    with pytest.raises(Unavailable):
        kept(borough, "one.json")
    borough.door = None
    borough.copies.files["one.json"] = b"somebody's own"
    kept(borough, "two.json")
    told(hub, "withdrawn")
    (heard,) = borough.client().copies.hear()
    assert heard.confirmed
    assert borough.copies.files == {"one.json": b"somebody's own"}


def test_a_copy_that_was_moved_is_not_said_to_be_deleted(hub: FakeHub, borough: Borough) -> None:
    """It may stand elsewhere: others go, and a person says what became of this one."""
    kept(borough, "one.json", "two.json")
    assert isinstance(borough.copies, MemoryCopies)
    borough.copies.files["moved.json"] = borough.copies.files.pop("one.json")
    told(hub, "erased")
    for _ in range(2):
        (heard,) = borough.client().copies.hear()
        assert (heard.confirmed, heard.is_open(), heard.missing) == (False, True, ("one.json",))
    assert files(borough) == {"moved.json"}
    assert hub.confirmed == []
    assert borough.client().copies.confirm_part(the_event(hub), 2, "in-own-record") == 1
    assert [facts.outcome for facts in hub.confirmed] == ["in-own-record"]


def test_another_file_in_the_place_of_a_moved_copy_stays(hub: FakeHub, borough: Borough) -> None:
    """It is nobody's to overwrite but its owner's: the copy is missing, and a person answers."""
    kept(borough, "one.json")
    assert isinstance(borough.copies, MemoryCopies)
    borough.copies.files["moved.json"] = borough.copies.files.pop("one.json")
    borough.copies.files["one.json"] = b"somebody's own"
    told(hub, "erased")
    (heard,) = borough.client().copies.hear()
    assert (heard.confirmed, heard.missing) == (False, ("one.json",))
    assert borough.copies.files["one.json"] == b"somebody's own"
    assert hub.confirmed == []


def test_another_file_in_the_place_of_a_removed_copy_stays(hub: FakeHub, borough: Borough) -> None:
    """What went before its confirmation was heard is confirmed, and nothing else goes for it."""
    kept(borough, "one.json")
    told(hub, "erased")
    borough.door = Unheard(hub)
    with pytest.raises(Unavailable):
        borough.client().copies.hear()
    assert isinstance(borough.copies, MemoryCopies)
    borough.copies.files["one.json"] = b"somebody's own"
    borough.door = None
    (heard,) = borough.client().copies.hear()
    assert heard.confirmed
    assert borough.copies.files == {"one.json": b"somebody's own"}


@pytest.mark.parametrize("body", [b"", b"{}", b'{"notices":[{}],"participant":"havering"}'])
def test_a_list_that_cannot_be_read_moves_nothing(
    hub: FakeHub, borough: Borough, body: bytes
) -> None:
    """Whatever a hub answers, and when it refuses."""
    kept(borough, "one.json")
    borough.door = Answering(hub, HubAnswer(200, body))
    with pytest.raises(Unavailable, match="list of notices"):
        borough.client().copies.hear()
    borough.door = Answering(hub, HubAnswer(403, b""))
    with pytest.raises(NotAuthorised):
        borough.client().copies.hear()
    assert files(borough) == {"one.json"}
