"""Taking in what comes by a queue: recorded once and answered, or put away before moving on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from adapters.ledger.memory import MemoryLedger
from domain.errors import Unavailable
from domain.queued import KEY_HEADER, MANNER_HEADER, MESSAGE_BYTES_MAX, headers_of, sealing_info
from domain.values import to_text
from services.committing import Committer
from services.intake_ports import Advance, Arrived, OffsetMoved
from services.publishing import Publishing
from services.taking_in import TAKEN, TAKEN_BEFORE, Means, TakingIn
from tests.fakes_queue import QUEUE, MemoryDeadLetters, MemoryIntakeKeys
from tests.hub_rig import POLICE_IN_HAVERING, REDBRIDGE, HubRig, open_rig
from tests.rig_publisher import Publisher, stated


@dataclass
class Desk:
    """Havering's queue at a hub in memory, and its publisher."""

    rig: HubRig
    publisher: Publisher
    keys: MemoryIntakeKeys
    away: MemoryDeadLetters
    taking: TakingIn

    @property
    def ledger(self) -> MemoryLedger:
        """Give Havering's ledger."""
        ledger = self.rig.stands["havering"].ledger
        assert isinstance(ledger, MemoryLedger)
        return ledger

    @property
    def reached(self) -> int:
        """Give where the queue stands."""
        return self.ledger.offsets.reached(QUEUE)

    def message(self, offset: int = 0) -> Arrived:
        """Give a message with one right event."""
        return self.keys.message(self.publisher.submission(self.publisher.event()), offset)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Open it."""
    with open_rig() as rig:
        ledger = rig.stands["havering"].ledger
        assert isinstance(ledger, MemoryLedger)
        keys, away = MemoryIntakeKeys(), MemoryDeadLetters()
        taking = TakingIn("havering", ledger.offsets, rig.publishing, Means(keys, away))
        yield Desk(rig, rig.publisher(), keys, away, taking)


def test_what_is_right_is_recorded_and_its_answer_kept(desk: Desk) -> None:
    """A submission by a queue is committed with the queue's offset; its answer waits for it."""
    document = desk.publisher.submission(desk.publisher.event(), desk.publisher.event())
    before = desk.ledger.head().size
    assert desk.taking.take(desk.keys.message(document, 4), 0) == 5
    assert (desk.ledger.head().size, desk.reached) == (before + 2, 5)
    over_http = desk.publisher.send(document)
    kept = desk.ledger.answered(uuid.UUID(json.loads(document)["submission"]["id"]))
    assert kept is not None
    assert kept[1] == over_http.acknowledgement
    assert desk.ledger.head().size == before + 2
    assert desk.away.letters == []


def test_redelivery_is_recorded_once(desk: Desk) -> None:
    """The same bytes, put into the queue three times over, are recorded once, and all passed."""
    document = desk.publisher.submission(desk.publisher.event())
    before = desk.ledger.head().size
    reached = 0
    for offset in range(3):
        reached = desk.taking.take(desk.keys.message(document, offset), reached)
    assert (desk.ledger.head().size, desk.reached, reached) == (before + 1, 3, 3)


def test_an_overtaken_reader_records_nothing(desk: Desk) -> None:
    """Who believes to have the queue still, and has not, neither records nor puts away."""
    desk.taking.take(desk.message(0), 0)
    after = desk.ledger.head().size
    with pytest.raises(OffsetMoved):
        desk.taking.take(desk.message(0), 0)
    assert (desk.ledger.head().size, desk.reached) == (after, 1)


def test_refused_events_are_recorded_as_refused_once(desk: Desk) -> None:
    """One bad event does not hold up its neighbour; its refusal is recorded with the offset."""
    bad = desk.publisher.event(purpose="weather")
    document = desk.publisher.submission(bad, desk.publisher.event())
    message = desk.keys.message(document)
    desk.taking.take(message, 0)
    refusals = desk.rig.stands["havering"].refusals
    assert len(refusals()) == 1
    desk.taking.take(message._replace(offset=1), 1)
    assert (len(refusals()), desk.reached) == (1, 2)


def broken(desk: Desk, how: str) -> Arrived:
    """Give a message with one thing wrong, of those that cannot be opened or read."""
    right = desk.message()
    cases = {
        "headers-malformed": right._replace(headers={KEY_HEADER: desk.keys.key}),
        "too-large": right._replace(value=bytes(MESSAGE_BYTES_MAX + 1)),
        "key-unknown": right._replace(headers=headers_of(bytes(32), atomic=False)),
        "not-opened": right._replace(value=right.value[:-1] + bytes([right.value[-1] ^ 1])),
        "not-json": desk.keys.message(b"not json"),
        "not-a-submission": desk.keys.message(b'{"submission":1}'),
    }
    return cases[how]


@pytest.mark.parametrize(
    "how",
    ["headers-malformed", "too-large", "key-unknown", "not-opened", "not-json", "not-a-submission"],
)
def test_what_cannot_be_read_is_put_away_sealed(desk: Desk, how: str) -> None:
    """It is kept as it came, with a reason, and the next message is taken."""
    message, before = broken(desk, how), desk.ledger.head().size
    assert desk.taking.take(message, 0) == 1
    [letter] = desk.away.letters
    assert (letter.reason, letter.sealed, letter.headers) == (how, message.value, message.headers)
    assert (desk.ledger.head().size, desk.reached) == (before, 1)
    assert desk.taking.take(desk.message(1), 1) == 2
    assert desk.taking.counts == {how: 1, TAKEN: 1}


@pytest.mark.parametrize("change", [{MANNER_HEADER: b"atomic"}, {MANNER_HEADER: b"whatever"}])
def test_no_header_can_be_changed(desk: Desk, change: dict[str, bytes]) -> None:
    """What stands in a header is bound by the sealing: a broker cannot change how it is taken."""
    message = desk.message()
    desk.taking.take(message._replace(headers={**message.headers, **change}), 0)
    assert [one.reason for one in desk.away.letters] != []
    assert desk.taking.counts[TAKEN] == 0


def test_a_message_moved_to_another_ledgers_queue_does_not_open(desk: Desk) -> None:
    """A message is sealed for one ledger's queue, and is nothing in another's."""
    document = desk.publisher.submission(desk.publisher.event())
    desk.taking.take(desk.keys.message(document, ledger="redbridge"), 0)
    assert [one.reason for one in desk.away.letters] == ["not-opened"]


def whose(desk: Desk, how: str) -> bytes:
    """Give a submission that opens, and is not the sender's to send, or not here."""
    other = desk.rig.publisher(REDBRIDGE)
    police = desk.rig.publisher(POLICE_IN_HAVERING)
    stranger = Publisher(
        desk.rig.clock, desk.rig.publishing, "/participants/havering/nobody", "havering"
    )
    document = json.loads(desk.publisher.submission(desk.publisher.event()))
    stolen = json.loads(police.submission(police.event()))
    stolen["submission"]["source"] = desk.publisher.source
    forged = {**document, "submission": {**document["submission"], "signature": to_text(bytes(64))}}
    return {
        "another-ledger": lambda: other.submission(other.event()),
        "source-not-registered": lambda: stranger.submission(stranger.event()),
        "signing-key-not-trusted": lambda: json.dumps(stolen).encode(),
        "signature-does-not-hold": lambda: json.dumps(forged).encode(),
    }[how]()


@pytest.mark.parametrize(
    "how",
    [
        *("another-ledger", "source-not-registered"),
        *("signing-key-not-trusted", "signature-does-not-hold"),
    ],
)
def test_what_is_not_the_senders_leaves_reason_and_ids_alone(desk: Desk, how: str) -> None:
    """What opened, and may not be taken, is not kept: its id and a reason are."""
    document, before = whose(desk, how), desk.ledger.head().size
    desk.taking.take(desk.keys.message(document), 0)
    [letter] = desk.away.letters
    assert (letter.reason, letter.sealed, letter.headers) == (how, b"", {})
    assert str(letter.submission) == json.loads(document)["submission"]["id"]
    assert (desk.ledger.head().size, desk.reached) == (before, 1)


def test_a_taken_id_with_other_content_is_put_away(desk: Desk) -> None:
    """A submission id that stands for something else is put away by its id."""
    document = json.loads(desk.publisher.submission(desk.publisher.event()))
    taken = uuid.UUID(document["submission"]["id"])
    desk.taking.take(desk.keys.message(json.dumps(document).encode()), 0)
    event = desk.publisher.event()
    again = desk.publisher.over([event], [stated(event)], str(taken))
    desk.taking.take(desk.keys.message(again, 1), 1)
    [letter] = desk.away.letters
    assert (letter.reason, letter.submission) == ("already-recorded-differently", taken)
    assert desk.reached == 2


def test_nothing_is_passed_over_that_was_not_put_away(desk: Desk) -> None:
    """While dead letters cannot be put away, the queue stands where it stood."""
    message = broken(desk, "not-opened")
    desk.away.away = True
    with pytest.raises(Unavailable):
        desk.taking.take(message, 0)
    assert desk.reached == 0
    desk.away.away = False
    desk.taking.take(message, 0)
    assert [one.reason for one in desk.away.letters] == ["not-opened"]
    assert desk.reached == 1


def test_a_crash_between_putting_away_and_moving_on_repeats_the_same_letter(desk: Desk) -> None:
    """What is put away twice is put away under one id, so that readers know it for one."""
    message = broken(desk, "not-opened")
    desk.taking.take(message, 0)
    with pytest.raises(OffsetMoved):  # as it is delivered again to who had not heard of it
        desk.taking.take(message, 0)
    first, second = desk.away.letters
    assert first == second


@pytest.mark.parametrize("failing", [(Publishing, "take_in"), (Committer, "_sealed")])
def test_one_message_that_we_fail_at_holds_up_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, failing: tuple[type, str]
) -> None:
    """A fault of ours over one message puts it away, sealed, to be tried again once mended."""
    message = desk.message()

    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(*failing, fails)
    assert desk.taking.again(message, dry_run=False) == "unexpected-fault"
    desk.taking.take(message, 0)
    monkeypatch.undo()
    [letter] = desk.away.letters
    assert (letter.reason, letter.sealed) == ("unexpected-fault", message.value)
    before = desk.ledger.head().size
    again = Arrived(letter.queue, letter.offset, letter.headers, letter.sealed)
    assert desk.taking.again(again, dry_run=True) == TAKEN
    assert desk.ledger.head().size == before
    assert desk.taking.again(again, dry_run=False) == TAKEN
    for dry_run in (True, False):
        assert desk.taking.again(again, dry_run=dry_run) == TAKEN_BEFORE
    assert (desk.ledger.head().size, desk.reached) == (before + 1, 1)


def test_a_letter_that_we_still_fail_at_hides_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault that is not mended yet is what became of its letter, and nothing was recorded."""
    message, before = desk.message(), desk.ledger.head().size

    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Publishing, "take_in", fails)
    assert desk.taking.again(message, dry_run=False) == "unexpected-fault"
    assert desk.ledger.head().size == before


def test_that_a_message_is_put_away_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """The log says of which ledger, where and why, and nothing of what it was."""
    desk.taking.take(broken(desk, "not-opened"), 0)
    assert caplog.messages == ["intake-put-away ledger=havering offset=0 reason=not-opened"]


def test_all_or_nothing_by_a_queue(desk: Desk) -> None:
    """A publisher that asks for all or nothing by a queue gets nothing of it with one bad event."""
    document = desk.publisher.submission(
        desk.publisher.event(), desk.publisher.event(purpose="weather")
    )
    before = len(desk.rig.stands["havering"].opened())
    desk.taking.take(desk.keys.message(document, atomic=True), 0)
    recorded = desk.rig.stands["havering"].opened()[before:]
    assert [type(one.facts).__qualname__ for one in recorded] == ["SubmissionRefused.Facts"] * 2


def test_offsets_with_gaps(desk: Desk) -> None:
    """Numbers that a queue leaves out, as transactions do, are nothing that was missed."""
    assert desk.taking.take(desk.message(7), 0) == 8
    assert desk.taking.take(desk.message(12), 8) == 13
    with pytest.raises(OffsetMoved):
        desk.ledger.offsets.advance(Advance(QUEUE, 8, 9))


def test_sealings_of_one_document_differ(desk: Desk) -> None:
    """The same bytes sealed again are other bytes: nobody sees that something was sent again."""
    document = desk.publisher.submission(desk.publisher.event())
    first, second = desk.keys.message(document), desk.keys.message(document)
    assert first.value != second.value
    info = sealing_info("havering", desk.keys.key, atomic=False)
    opened = [desk.keys.opened(desk.keys.key, one.value, info) for one in (first, second)]
    assert opened[0] == opened[1]
