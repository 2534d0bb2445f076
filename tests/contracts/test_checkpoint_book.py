"""What every book of checkpoints promises, over each implementation of the port."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import NotFound, RootDiffers
from services.log_ports import (
    CheckpointBook,
    Cosignature,
    KeptCheckpoint,
    ProvenLedger,
    PublishedCheckpoint,
)
from tests.contracts.ledger_builders import (
    KINDS,
    NOON,
    SteppedClock,
    answer_to,
    batch,
    digest,
    opened,
)

ROOT = digest("root")


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProvenLedger]:
    """A ledger of nine entries, of each kind."""
    with opened(request.param, tmp_path, SteppedClock()) as ledger:
        answer_to(ledger, batch(1, 0, 9))
        yield ledger


@pytest.fixture
def book(ledger: ProvenLedger) -> CheckpointBook:
    """Its checkpoints, of which there are none yet."""
    return ledger.checkpoints


def test_nothing_is_kept_at_first(book: CheckpointBook) -> None:
    """A new ledger has no checkpoint of any kind."""
    assert book.latest_kept() is None
    assert book.latest_published() is None
    assert book.published_covering(0) is None
    assert book.kept(0, 9) == []
    assert book.cosignatures(5) == []
    assert book.published(5) == []


def test_a_checkpoint_is_kept_as_it_was_signed(book: CheckpointBook) -> None:
    """Size, root, note and time come back as they were given."""
    kept = book.keep(5, ROOT, b"note", now_ms=NOON)
    assert kept == KeptCheckpoint(5, ROOT, b"note", NOON) == book.latest_kept()
    assert book.kept(0, 9) == [kept]


def test_the_first_of_a_size_stands(book: CheckpointBook) -> None:
    """Signed twice, by two processes or after a restart, a size keeps its first note."""
    first = book.keep(5, ROOT, b"note", now_ms=NOON)
    assert book.keep(5, ROOT, b"signed again", now_ms=NOON + 1) == first
    assert book.kept(0, 9) == [first]


def test_no_size_has_two_roots(book: CheckpointBook) -> None:
    """Another root for a size is refused, and the first stands."""
    first = book.keep(5, ROOT, b"note", now_ms=NOON)
    with pytest.raises(RootDiffers) as caught:
        book.keep(5, digest("another"), b"note", now_ms=NOON)
    assert caught.value.size == 5
    assert book.kept(0, 9) == [first]


@pytest.mark.parametrize("size", [-1, 0, 10, 10**30])
def test_only_what_is_there_is_signed(book: CheckpointBook, size: int) -> None:
    """No checkpoint is kept of nothing, or of entries that are not there."""
    with pytest.raises(NotFound):
        book.keep(size, ROOT, b"note", now_ms=NOON)
    with pytest.raises(NotFound):
        book.cosign(size, [b"line"], now_ms=NOON)
    with pytest.raises(NotFound):
        book.publish(size, b"note", now_ms=NOON)
    assert book.latest_kept() is None
    assert book.cosignatures(size) == []
    assert book.published(size) == []


def test_all_are_kept_in_order_of_size(book: CheckpointBook) -> None:
    """Whatever the order they were signed in, they are read in order, page by page."""
    for size in (7, 2, 9, 4):
        book.keep(size, digest(size), b"%d" % size, now_ms=NOON)
    assert [one.size for one in book.kept(0, 99)] == [2, 4, 7, 9]
    assert [one.size for one in book.kept(3, 2)] == [4, 7]
    assert [one.size for one in book.kept(-1, 1)] == [2]
    assert book.kept(10**30, 9) == book.kept(0, -1) == []
    latest = book.latest_kept()
    assert latest is not None
    assert latest.size == 9


def test_each_line_is_kept_once_with_its_time(book: CheckpointBook) -> None:
    """Lines come back in the order in which they came, each at its first time."""
    book.keep(5, ROOT, b"note", now_ms=NOON)
    book.keep(6, digest(6), b"note", now_ms=NOON)
    book.cosign(5, [b"b", b"a", b"b"], now_ms=NOON)
    book.cosign(5, [b"a", b"c"], now_ms=NOON + 1)
    book.cosign(5, [], now_ms=NOON + 2)
    book.cosign(6, [b"a"], now_ms=NOON + 3)
    assert book.cosignatures(5) == [
        Cosignature(5, b"b", NOON),
        Cosignature(5, b"a", NOON),
        Cosignature(5, b"c", NOON + 1),
    ]
    assert book.cosignatures(6) == [Cosignature(6, b"a", NOON + 3)]


def test_what_is_published_is_kept_beside_what_was(book: CheckpointBook) -> None:
    """The latest is the largest as it was handed out last; what was handed out before stays."""
    for size in (4, 8):
        book.keep(size, digest(size), b"note", now_ms=NOON)
    book.publish(8, b"eight", now_ms=NOON)
    book.publish(4, b"four", now_ms=NOON + 1)
    book.publish(8, b"eight again", now_ms=NOON + 2)
    assert book.latest_published() == PublishedCheckpoint(8, b"eight again", NOON + 2)
    assert [one.note for one in book.published(8)] == [b"eight", b"eight again"]
    assert [one.note for one in book.published(4)] == [b"four"]
    assert book.published(5) == []


def test_a_position_is_covered_by_the_first_that_has_it(book: CheckpointBook) -> None:
    """A position lies in checkpoints of larger sizes; the smallest that was published counts."""
    for size in (4, 6, 8):
        book.keep(size, digest(size), b"note", now_ms=NOON)
    for size, note in ((8, b"eight"), (4, b"four"), (4, b"four again")):
        book.publish(size, note, now_ms=NOON)
    covering = {at: book.published_covering(at) for at in (0, 3, 4, 7, 8, 10**30)}
    assert {at: one and one.note for at, one in covering.items()} == {
        0: b"four",
        3: b"four",
        4: b"eight",
        7: b"eight",
        8: None,
        10**30: None,
    }


def test_checkpoints_stand_apart_from_appending(ledger: ProvenLedger) -> None:
    """Keeping, cosigning and publishing move neither head nor root."""
    before = ledger.head(), ledger.tiles.root(9)
    ledger.checkpoints.keep(9, before[1], b"note", now_ms=NOON)
    ledger.checkpoints.cosign(9, [b"line"], now_ms=NOON)
    ledger.checkpoints.publish(9, b"note", now_ms=NOON)
    assert (ledger.head(), ledger.tiles.root(9)) == before
