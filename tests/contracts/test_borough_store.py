"""What every borough's store promises, over SQLite and over the one in memory."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.client.borough_store import SqliteBoroughStore
from domain.errors import Fault
from services.client_ports import (
    OWN_SCOPE,
    BoroughStore,
    Name,
    OpenSession,
    Outgoing,
    Published,
    State,
)
from tests.fakes_borough import MemoryBoroughStore

SOURCE = "/participants/havering/social-care"
CHILD: Name = ("person", "2:C1")


class Stop(Exception):
    """Something that goes wrong in the middle."""


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BoroughStore]:
    """Give an empty store of either kind."""
    if request.param == "memory":
        yield MemoryBoroughStore()
        return
    tmp_path.chmod(0o700)
    with SqliteBoroughStore(tmp_path / "borough.sqlite", SOURCE) as opened:
        yield opened


def event(number: int) -> uuid.UUID:
    """Give an id by number."""
    return uuid.UUID(int=(7 << 76) | (2 << 62) | number)


def row(number: int, **changes: object) -> Published:
    """Build the row of an event by number."""
    made = Published(
        event=event(number),
        sequence=number,
        submission=event(1000),
        kind="referral-received",
        scope="cin-census",
        person="C1",
        key="2:C1",
        stream="2:S1",
        time="2023-04-03T09:00:00Z",
        fact=b"fact".ljust(16),
        digest=b"digest".ljust(32),
        likeness=b"likeness".ljust(32),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # each test names a field's own


def outgoing(number: int, *events: int) -> Outgoing:
    """Build a submission by number."""
    ids = tuple(map(event, events or (number * 10,)))
    digests = tuple(bytes([number]) * 32 for _ in ids)
    return Outgoing(event(1000 + number), b"document %d" % number, ids, digests)


def session(number: int, *recipients: str) -> OpenSession:
    """Build a session by number."""
    return OpenSession(
        bytes([number]) * 32, recipients or ("havering",), b"s" * 32, 1_000, event(number), 3
    )


def states(store: BoroughStore, *rows: Published) -> list[State]:
    """Give the states of rows, by the submission that they went in."""
    with store.transaction():
        found = {one.event: one.state for one in store.published.of_submission(event(1000))}
    return [found[one.event] for one in rows]


def keep(store: BoroughStore, *rows: Published) -> None:
    """Keep rows, with the submission that they went in."""
    with store.transaction():
        store.outbox.add(replace(outgoing(0), events=tuple(one.event for one in rows)))
        store.published.add(rows)


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
    ],
    ids=["closed", "refused"],
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


def test_rows_come_back_as_they_were_kept(store: BoroughStore) -> None:
    """Every field of a row is the one that was written, in the order of making."""
    rows = [row(3, supersedes=event(1)), row(4, person="Ü2", key="9:\x00odd", fact=b"f" * 16)]
    keep(store, *rows)
    with store.transaction():
        assert store.published.of_submission(event(1000)) == rows
        assert store.published.of_submission(event(77)) == []


def test_what_stands_is_neither_refused_nor_withdrawn(store: BoroughStore) -> None:
    """The source is held against what the hub still has, or may have."""
    keep(store, *(row(number) for number in range(1, 6)), row(6, scope=OWN_SCOPE))
    with store.transaction():
        store.published.settle([event(1), event(2)], [event(3)])
        store.published.withdraw({event(2): event(6)})
    with store.transaction():
        standing = [one.sequence for one in store.published.standing([row(1).fact])]
        assert standing == [1, 4, 5]
        of_child = store.published.standing_of("cin-census", ["C1", "C2"])
        assert [one.sequence for one in of_child] == standing
        assert store.published.standing_of("annex-a", ["C1"]) == []
        assert store.published.standing([b"other".ljust(16)]) == []
        assert store.published.counts() == {
            ("cin-census", "referral-received", "recorded"): 1,
            ("cin-census", "referral-received", "refused"): 1,
            ("cin-census", "referral-received", "pending"): 2,
            (OWN_SCOPE, "referral-received", "pending"): 1,
        }


def test_a_correction_of_what_was_refused_is_adrift(store: BoroughStore) -> None:
    """What corrects nothing never stands, nor what corrects that; another correction does."""
    keep(
        store,
        *(row(1), row(2, supersedes=event(1)), row(3, supersedes=event(2))),
        *(row(4), row(5, supersedes=event(4))),
    )
    with store.transaction():
        store.published.settle([event(2), event(3), event(4), event(5)], [event(1)])
    expected = ["refused", "adrift", "adrift", "recorded", "recorded"]
    assert states(store, *(row(number) for number in range(1, 6))) == expected


def test_a_refused_withdrawal_took_nothing_back(store: BoroughStore) -> None:
    """When the hub refuses a withdrawal, what it was about stands again."""
    keep(store, row(1), row(2, scope=OWN_SCOPE))
    with store.transaction():
        store.published.settle([event(1)], [])
        store.published.withdraw({event(1): event(2)})
        assert store.published.standing([row(1).fact]) == []
        store.published.settle([], [event(2)])
        assert store.published.standing([row(1).fact]) == [row(1, state="recorded")]


def test_what_was_settled_stays_settled(store: BoroughStore) -> None:
    """A late second answer changes nothing."""
    keep(store, row(1), row(2))
    with store.transaction():
        store.published.settle([event(1)], [event(2)])
        store.published.settle([event(2)], [event(1)])
        store.published.doubt([event(1), event(2)])
    assert states(store, row(1), row(2)) == ["recorded", "refused"]


def test_in_doubt_is_adrift(store: BoroughStore) -> None:
    """Events that the hub may have taken are adrift, and what they would have taken back too."""
    keep(store, row(1), row(2, scope=OWN_SCOPE), row(3))
    with store.transaction():
        store.published.settle([event(1)], [])
        store.published.withdraw({event(1): event(2)})
        store.published.doubt([event(2), event(3)])
        assert [one.sequence for one in store.published.standing([row(1).fact])] == [1, 3]
    assert states(store, row(1), row(2), row(3)) == ["adrift", "adrift", "adrift"]


def test_the_client_finds_its_own_last_event(store: BoroughStore) -> None:
    """The latest of a kind and state is found among the client's own events alone."""
    keep(
        store,
        *(row(number, scope=OWN_SCOPE, kind="canary", person="") for number in (1, 2, 3)),
        row(4, kind="canary"),
    )
    with store.transaction():
        store.published.settle([event(1), event(2), event(4)], [])
        recorded = store.published.latest_own("canary", "recorded")
        either = store.published.latest_own("canary", "recorded", "pending")
        assert recorded is not None
        assert either is not None
        assert (recorded.sequence, either.sequence) == (2, 3)
        assert store.published.latest_own("canary", "refused") is None
        assert store.published.latest_own("view-read", "recorded") is None


def test_what_was_not_seen_is_given_page_by_page(store: BoroughStore) -> None:
    """What a return leaves out is found: each standing fact once, by its last row, in order."""
    facts = [bytes([number]) * 16 for number in range(6)]
    keep(
        store,
        *(row(number + 1, fact=fact) for number, fact in enumerate(facts)),
        row(7, fact=facts[0], digest=b"later".ljust(32)),
        row(8, fact=facts[1], scope="annex-a"),
        row(9, fact=facts[2]),
    )
    with store.transaction():
        store.published.settle([], [event(9)])
        store.published.withdraw({event(4): event(9)})
        store.published.see([facts[4], b"else".ljust(16)])
        assert store.published.seen([facts[4], facts[5]]) == {facts[4]}
        assert [one.sequence for one in store.published.unseen("cin-census", 0, 2)] == [3, 6]
        assert [one.sequence for one in store.published.unseen("cin-census", 6, 2)] == [7]
        store.published.forget_seen()
        assert store.published.seen([facts[4]]) == set()
        assert len(store.published.unseen("cin-census", 0, 10)) == 4


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
