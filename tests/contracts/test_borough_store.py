"""What every borough's store promises, over SQLite and over the one in memory."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import Fault
from services.client_ports import BoroughStore, Name
from tests.contracts.borough_rows import CHILD, KINDS, event, opened, outgoing, row, session


class Stop(Exception):
    """Something that goes wrong in the middle."""


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BoroughStore]:
    """Give an empty store of either kind."""
    with opened(str(request.param), tmp_path) as empty:
        yield empty


def test_a_transaction_is_all_or_nothing(store: BoroughStore) -> None:
    """When something goes wrong in the middle, nothing of it was there: of no table."""

    def stopped() -> None:
        with store.transaction():
            store.pseudonyms.add({CHILD: b"p" * 32})
            store.sessions.add(session(1))
            store.published.add([row(1)])
            store.published.see([b"tag"])
            store.outbox.take_sequence(5)
            store.outbox.add(outgoing(1))
            raise Stop

    with pytest.raises(Stop):
        stopped()
    with store.transaction():
        assert store.pseudonyms.find([CHILD]) == {}
        assert store.sessions.in_use(("havering",)) is None
        assert store.published.counts() == {}
        assert store.published.seen([b"tag"]) == set()
        assert store.outbox.take_sequence(0) == 1
        assert store.outbox.waiting() == 0


def test_the_latest_pseudonym_of_a_name_is_given(store: BoroughStore) -> None:
    """A renewed name goes by its new pseudonym, and others by theirs."""
    other: Name = ("stream", CHILD[1])
    with store.transaction():
        store.pseudonyms.add({CHILD: b"1" * 32, other: b"o" * 32})
        store.pseudonyms.add({CHILD: b"2" * 32})
    with store.transaction():
        missing: Name = ("episode", CHILD[1])
        found = store.pseudonyms.find([CHILD, other, missing])
    assert found == {CHILD: b"2" * 32, other: b"o" * 32}


def test_many_names_are_found_at_once(store: BoroughStore) -> None:
    """A stretch of drafts may name more than one statement can hold."""
    names: dict[Name, bytes] = {
        ("person", str(number)): number.to_bytes(32, "big") for number in range(1_201)
    }
    with store.transaction():
        store.pseudonyms.add(names)
        assert store.pseudonyms.find(list(names)) == names


def test_one_session_is_in_use_for_a_recipient_set(store: BoroughStore) -> None:
    """A session goes on with its secret and count, and each recipient set has its own."""
    with store.transaction():
        store.sessions.add(session(1, "havering"))
        store.sessions.add(session(2, "havering", "redbridge"))
        store.sessions.count(session(1).session, 4)
    with store.transaction():
        assert store.sessions.in_use(("havering",)) == replace(session(1), parts=7)
        assert store.sessions.in_use(("havering", "redbridge")) == session(
            2, "havering", "redbridge"
        )
        assert store.sessions.in_use(("redbridge",)) is None


@pytest.mark.parametrize(
    "end",
    [
        lambda store: store.sessions.close(session(1).session),
        lambda store: store.sessions.close_opened_by([event(9), event(1)]),
        lambda store: store.sessions.close_all(),
    ],
    ids=["closed", "refused", "all"],
)
def test_a_session_out_of_use_is_not_used(
    store: BoroughStore, end: Callable[[BoroughStore], None]
) -> None:
    """A closed session, or one whose opening was refused, makes room for the next."""
    with store.transaction():
        store.sessions.add(session(1))
        end(store)
        assert store.sessions.in_use(("havering",)) is None
        store.sessions.add(session(2))
        store.sessions.close_opened_by([event(1)])
    with store.transaction():
        assert store.sessions.in_use(("havering",)) == session(2)


def test_sequence_numbers_count_on(store: BoroughStore) -> None:
    """A source's numbers begin with 1 and none is given twice or left out."""
    with store.transaction():
        assert store.outbox.take_sequence(0) == 1
        assert store.outbox.take_sequence(3) == 1
    with store.transaction():
        assert store.outbox.take_sequence(2) == 4
        assert store.outbox.take_sequence(0) == 6


def test_the_outbox_is_emptied_in_order(store: BoroughStore) -> None:
    """The oldest submission comes first, byte for byte, until it is answered."""
    sent = [outgoing(1, 10, 11), replace(outgoing(2, 20), atomic=True), outgoing(3, 30)]
    with store.transaction():
        for one in sent:
            store.outbox.add(one)
    with store.transaction():
        assert store.outbox.waiting() == 3
        assert store.outbox.next_try() == sent[0]
        assert store.outbox.next_try() == replace(sent[0], tries=1)
        assert store.outbox.acknowledge(sent[0].submission, b"answer", {})
        assert store.outbox.next_try() == sent[1]
        assert store.outbox.refuse(sent[1].submission, [Fault(-1, "", "too-large")])
        assert store.outbox.next_try() == sent[2]
        assert store.outbox.acknowledge(sent[2].submission, b"answer 3", {})
        assert store.outbox.next_try() is None
        assert store.outbox.waiting() == 0


def test_an_answer_is_kept_for_ever(store: BoroughStore) -> None:
    """The first answer stands: neither another nor a refusal takes its place."""
    with store.transaction():
        store.outbox.add(outgoing(1))
        submission = outgoing(1).submission
        assert store.outbox.acknowledgement(submission) is None
        assert store.outbox.acknowledge(submission, b"first", {})
        assert not store.outbox.acknowledge(submission, b"second", {})
        assert not store.outbox.refuse(submission, [Fault(-1, "", "late")])
        assert store.outbox.acknowledgement(submission) == b"first"
        assert store.outbox.refusals(0, 10) == []


def test_acknowledgements_are_listed_in_the_order_of_sending(store: BoroughStore) -> None:
    """Whoever holds the hub to its word has every answer once, a page at a time."""
    with store.transaction():
        for number in (1, 2, 3):
            store.outbox.add(outgoing(number))
        for number in (1, 2):
            store.outbox.acknowledge(outgoing(number).submission, b"answer %d" % number, {})
        first = store.outbox.acknowledgements(0, 1)
        rest = store.outbox.acknowledgements(first[-1][0], 10)
    assert [answer for _, answer in (*first, *rest)] == [b"answer 1", b"answer 2"]


def test_refusals_are_listed_in_order(store: BoroughStore) -> None:
    """What the hub found wrong can be read, page by page: of events, and of whole submissions."""
    faults = [Fault(0, "time", "in-the-future"), Fault(0, "purpose", "not-covered")]
    with store.transaction():
        store.outbox.add(outgoing(1, 10, 11))
        store.outbox.add(outgoing(2, 20))
        store.outbox.acknowledge(outgoing(1).submission, b"answer", {event(11): faults})
        store.outbox.refuse(outgoing(2).submission, [Fault(-1, "", "too-large")])
    with store.transaction():
        first = store.outbox.refusals(0, 2)
        rest = store.outbox.refusals(first[-1].number, 10)
    assert [(one.event, one.place, one.code) for one in (*first, *rest)] == [
        (event(11), "time", "in-the-future"),
        (event(11), "purpose", "not-covered"),
        (None, "", "too-large"),
    ]
    assert {one.submission for one in rest} == {outgoing(2).submission}
