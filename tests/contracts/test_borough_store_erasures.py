"""What every borough's store promises of erasure, over SQLite and over the one in memory."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import Fault
from services.client_ports import Name, Outgoing
from services.copy_ports import Fetch
from services.erasing_ports import Asked, ErasingStore, Fence
from tests.contracts.borough_rows import KINDS, event, opened, outgoing, row, session

TAG = hashlib.sha256(b"a person").digest()
FACT = b"f" * 16


class Stop(Exception):
    """Something that goes wrong in the middle."""


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ErasingStore]:
    """Give an empty store of either kind."""
    with opened(str(request.param), tmp_path) as empty:
        yield empty


def holding(number: int, text: str, *events: int) -> Outgoing:
    """Build a submission whose bytes hold a text."""
    return replace(outgoing(number, *events), document=f"document {number} {text}".encode())


def test_what_is_said_of_erasures_is_all_or_nothing(store: ErasingStore) -> None:
    """When something goes wrong in the middle, nothing of it was there."""

    def stopped() -> None:
        with store.transaction():
            store.erasures.ask(event(1), Asked(("C1",), mis_sent=False))
            store.erasures.heed([Fence(TAG, "2023-04-03")])
            raise Stop

    with pytest.raises(Stop):
        stopped()
    with store.transaction():
        assert store.erasures.asked() == {}
        assert store.erasures.fences() == frozenset()


def test_requests_are_kept_until_they_are_done(store: ErasingStore) -> None:
    """In the order in which they were asked, each with whom it is about."""
    one, other = bytes(32), b"1" * 32
    first = Asked(("C1", "C2"), mis_sent=False, tags=(one, other))
    second = Asked(("C1",), mis_sent=True, tags=(one,))
    with store.transaction():
        store.erasures.ask(event(9), first)
        store.erasures.ask(event(1), second)
    with store.transaction():
        assert list(store.erasures.asked().items()) == [(event(9), first), (event(1), second)]
        store.erasures.dated([one])
        assert store.erasures.asked() == {
            event(9): replace(first, tags=(other,)),
            event(1): replace(second, tags=()),
        }
        store.erasures.done(event(9))
        assert store.erasures.asked() == {event(1): replace(second, tags=())}
        store.erasures.ask(event(9), Asked(("C3",), mis_sent=False))
        assert store.erasures.asked()[event(9)].tags == ()


def test_fences_are_kept_each_once(store: ErasingStore) -> None:
    """As often as one is heeded, it stands once; another day is another one."""
    fences = {
        Fence(TAG, "2023-04-03", (FACT, b"g" * 16)),
        Fence(TAG, "2023-04-04"),
        Fence(TAG, "2023-04-03", (FACT,), erased=False),
    }
    with store.transaction():
        store.erasures.heed(fences)
        store.erasures.heed(list(fences)[:1])
    with store.transaction():
        assert store.erasures.fences() == fences


def test_everyone_known_is_named(store: ErasingStore) -> None:
    """Who has a pseudonym, and who was published; what is about nobody names nobody."""
    with store.transaction():
        store.pseudonyms.add({("person", "C1"): b"1" * 32, ("stream", "2:S1"): b"2" * 32})
        store.published.add([row(1, person="C2"), row(2, person=""), row(3, scope="", person="X")])
        assert store.erasures.persons() == {"C1", "C2"}


def test_rows_about_a_person_are_found_in_any_place(store: ErasingStore) -> None:
    """Told under them or beside another; a longer id is another person."""
    rows = [
        row(1, person="C1"),
        row(2, person="C2", beside=("C3", "C1")),
        row(3, person="C2", beside=("C11",)),
        row(4, person="C11"),
        row(5, person="C1", state="refused"),
    ]
    with store.transaction():
        store.published.add(rows)
        assert store.erasures.about(["C1"]) == [rows[0], rows[1], rows[4]]
        assert store.erasures.about(["C11", "C3"]) == rows[1:4]
        assert store.erasures.about([]) == []


def test_a_forgotten_person_leaves_nothing(store: ErasingStore) -> None:
    """Rows, pseudonyms of all generations, streams and episodes, requests: all of it is gone."""
    names: dict[Name, bytes] = {
        ("person", "C1"): b"1" * 32,
        ("stream", "2:S1"): b"2" * 32,
        ("episode", "2:E1"): b"3" * 32,
        ("person", "C2"): b"4" * 32,
        ("stream", "2:S2"): b"5" * 32,
    }
    other = row(2, person="C2", stream="2:S2", fact=b"other".ljust(16))
    with store.transaction():
        store.pseudonyms.add(names)
        store.pseudonyms.add({("person", "C1"): b"6" * 32})
        store.published.add([row(1, episode="2:E1"), other])
        store.erasures.ask(event(7), Asked(("C1", "C2"), mis_sent=False, tags=(TAG,)))
    with store.transaction():
        assert store.pseudonyms.generations([("person", "C1")]) == {
            ("person", "C1"): (b"1" * 32, b"6" * 32)
        }
        gone = store.erasures.forget(["C1"], [], [])
    with store.transaction():
        assert gone == {("person", "C1"), ("stream", "2:S1"), ("episode", "2:E1")}
        assert store.pseudonyms.find(list(names)) == {
            ("person", "C2"): b"4" * 32,
            ("stream", "2:S2"): b"5" * 32,
        }
        assert store.erasures.about(["C1", "C2"]) == [other]
        assert store.erasures.asked() == {event(7): Asked(("C2",), mis_sent=False, tags=(TAG,))}


def test_what_tells_of_others_too_goes_on_under_them(store: ErasingStore) -> None:
    """A sibling's events stay, and so does the stream that they are in."""
    shared = row(1, person="C1", beside=("C2", "C3"))
    beside = row(2, person="C2", beside=("C1",), stream="2:S2", fact=b"beside".ljust(16))
    names: dict[Name, bytes] = {("stream", "2:S1"): b"1" * 32, ("stream", "2:S2"): b"2" * 32}
    with store.transaction():
        store.pseudonyms.add(names)
        store.published.add([shared, beside, row(3, stream="2:S2", fact=b"own".ljust(16))])
        assert store.erasures.forget(["C1"], [], []) == {("person", "C1")}
    with store.transaction():
        assert store.pseudonyms.find(list(names)) == names
        left = [replace(shared, person="C2", beside=("C3",)), replace(beside, beside=())]
        assert store.erasures.about(["C1", "C2", "C3"]) == left


def test_what_the_last_word_was_taken_from_is_told_again(store: ErasingStore) -> None:
    """A fact of which an erased person's row was the last has no digest left to be the same."""
    before, refused = row(1, person="C2"), row(3, person="C1", state="refused")
    other = row(4, person="C2", fact=b"other".ljust(16))
    with store.transaction():
        store.published.add([before, row(2, person="C1"), other, refused])
        store.erasures.forget(["C1"], [], [])
        assert store.erasures.about(["C2"]) == [replace(before, digest=b""), other]
    with store.transaction():
        store.published.add([replace(refused, event=event(5), sequence=5, fact=other.fact)])
        store.erasures.forget(["C1"], [], [])
        assert store.erasures.about(["C2"])[1] == other


def test_rows_of_what_goes_out_again_stay(store: ErasingStore) -> None:
    """A forgotten person's newer event keeps its row, and gives up its stream's old name."""
    newer = row(2, supersedes=event(1), state="refused")
    with store.transaction():
        store.pseudonyms.add({("stream", "2:S1"): b"1" * 32})
        store.published.add([row(1), newer])
        gone = store.erasures.forget(["C1"], [], [event(2)])
        assert gone == {("person", "C1"), ("stream", "2:S1")}
        assert store.erasures.about(["C1"]) == [newer]
        store.erasures.again({event(2): None})
        assert store.erasures.about(["C1"]) == [replace(newer, supersedes=None, state="pending")]
        store.erasures.again({event(2): event(1)})
        assert store.erasures.about(["C1"]) == [replace(newer, state="pending")]


def test_what_is_renamed_goes_before_all_that_waits(store: ErasingStore) -> None:
    """What waits may correct what is sent again: that comes first, and of equals the older."""
    again = [replace(holding(number, "text"), renamed=True) for number in (2, 4)]
    with store.transaction():
        for one in (holding(1, "text"), again[0], holding(3, "text"), again[1]):
            store.outbox.add(one)
        for one in (*again, holding(1, "text"), holding(3, "text")):
            assert store.outbox.next_try() == one
            store.outbox.acknowledge(one.submission, b"answer", {})


def test_forgetting_forgets_secrets_and_refused_bytes(store: ErasingStore) -> None:
    """No session in use goes on, and of what was refused nothing that named the person is left."""
    with store.transaction():
        store.sessions.add(session(1))
        for number, text in ((1, "PSEUDONYM"), (2, "other"), (3, "PSEUDONYM")):
            store.outbox.add(holding(number, text))
        for number in (1, 2):
            store.outbox.refuse(outgoing(number).submission, [Fault(-1, "", "no")])
        store.erasures.forget(["C1"], ["PSEUDONYM"], [])
    with store.transaction():
        assert store.sessions.in_use(("havering",)) is None
        assert store.erasures.unanswered(["PSEUDONYM"]) == [holding(3, "PSEUDONYM")]


def test_what_waits_is_found_and_put_anew_in_its_place(store: ErasingStore) -> None:
    """The order of sending stays; the rows of its events are those of the new submission."""
    old, last = holding(1, "PSEUDONYM", 10, 11), holding(2, "other", 20)
    new = replace(holding(3, "renamed", 11), tries=1)
    with store.transaction():
        store.outbox.add(old)
        store.outbox.add(last)
        store.outbox.next_try()
        store.published.add([row(11, submission=old.submission)])
    with store.transaction():
        assert store.erasures.unanswered(["PSEUDONYM", "nobody"]) == [replace(old, tries=1)]
        store.erasures.put(old.submission, new)
    with store.transaction():
        assert store.erasures.unanswered(["PSEUDONYM"]) == []
        assert store.outbox.next_try() == new
        assert [one.event for one in store.published.of_submission(new.submission)] == [event(11)]
        store.outbox.acknowledge(new.submission, b"answer", {})
        assert store.outbox.next_try() == last
        assert store.outbox.waiting() == 1


def test_nothing_is_in_the_way_of_scrubbing_when_nobody_reads(store: ErasingStore) -> None:
    """After a transaction the store can be emptied of what was deleted."""
    with store.transaction():
        store.published.add([row(1)])
    assert store.scrub()


def test_fetches_are_noted_until_they_are_gone(store: ErasingStore) -> None:
    """Each place once, those kept nowhere first; of other parts nothing."""
    nowhere, file = Fetch("havering", event(1), 2), Fetch("havering", event(1), 2, "/a/part.json")
    other = Fetch("havering", event(1), 4)
    with store.transaction():
        new = [store.fetches.note(one) for one in (file, nowhere, file, other)]
        assert new == [True, True, False, True]
        assert store.fetches.of("havering", event(1), 2) == [nowhere, file]
        assert not store.fetches.note(file)
        store.fetches.goes(file)
        assert store.fetches.of("havering", event(1), 2) == [nowhere, replace(file, going=True)]
        marked = replace(file, mark=bytes(32))
        store.fetches.marked(marked)
        assert store.fetches.of("havering", event(1), 2)[1] == replace(marked, going=True)
        assert not store.fetches.note(file)
        assert store.fetches.of("havering", event(1), 2) == [nowhere, file]
        store.fetches.take_back(file)
        assert store.fetches.of("havering", event(1), 2) == [nowhere]
        store.fetches.gone("havering", event(1), 2)
    with store.transaction():
        assert store.fetches.of("havering", event(1), 2) == []
        assert store.fetches.of("havering", event(1), 4) == [other]
