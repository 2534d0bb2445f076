"""Opening, sharing and closing a ledger in PostgreSQL."""

import threading
from dataclasses import replace

import psycopg
import pytest

from adapters.ledger.postgres import PostgresLedger, ReadOnlyPostgresLedger
from adapters.ledger.postgres_schema import create_schema
from adapters.postgres_connections import Patience, Place, connect
from domain.errors import HomeNotReady, TreeDiffers, Unavailable
from services.ports import Head
from tests.adapters.ledger.on_postgres import as_hub, of_entries
from tests.contracts.ledger_builders import (
    NAME,
    NOON,
    SteppedClock,
    answer_to,
    batch,
    open_postgres,
    spelt,
    statements_of,
    submission_id,
)
from tests.postgres_server import HUB, empty_place, seen_by

pytestmark = pytest.mark.postgres


def altered(place: Place, *statements: str) -> None:
    """Change a ledger by hand, the triggers out of the way."""
    with connect(place) as plain:
        for table in ("ledger", "head", "record", "tile", "migration"):
            plain.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            plain.execute(statement)


def test_everything_is_there_after_reopening(place: Place) -> None:
    """What was acknowledged is read again by whoever opens the schema next."""
    first = as_hub(place)
    answer = answer_to(first, batch(1, 0, 3))
    entries = first.read(0, 9)
    first.close()
    second = as_hub(place)
    assert (second.head(), second.read(0, 9)) == (Head(3, NOON, 0), entries)
    assert answer_to(second, batch(1, 0, 3)) == answer
    second.close()


def test_a_tree_goes_on_after_reopening(place: Place) -> None:
    """Made again from full tiles and later entries, the edge goes on where it was."""
    of_entries(place, 600)
    ledger, other = as_hub(place), as_hub(place)
    answer_to(other, batch(2, 600, 300))
    answer_to(ledger, batch(3, 900, 1))
    assert ledger.tiles.root(901) == other.tiles.root(901)
    assert other.tiles.tile(0, 3, 133) == ledger.tiles.tile(0, 3, 133)
    ledger.close()
    other.close()


def test_what_is_no_ledger_is_refused(place: Place) -> None:
    """A schema that is not there, or another ledger's, is not opened; nor is one of a demo."""
    with pytest.raises(HomeNotReady, match="bhr ledger init"):
        as_hub(empty_place())
    with pytest.raises(HomeNotReady, match="is not the ledger redbridge"):
        PostgresLedger(seen_by(place, HUB), "redbridge", origin="demo")
    with pytest.raises(HomeNotReady, match="is not the ledger havering"):
        PostgresLedger(seen_by(place, HUB), NAME, origin="hub")


def test_a_server_that_may_forget_is_refused(place: Place) -> None:
    """Commits that are not flushed before they are acknowledged are no commits of a ledger."""
    hub = seen_by(place, HUB)
    careless = Place(f"{hub.conninfo} options='-c synchronous_commit=off'", hub.schema)
    with pytest.raises(HomeNotReady, match="synchronous_commit"):
        open_postgres(careless)


# --- what was changed by hand ---------------------------------------------------------------------


def test_head_that_differs_from_the_records_is_refused(place: Place) -> None:
    """A head that was moved by hand would leave a gap, so nothing is appended to it."""
    altered(place, "UPDATE head SET size = 4")
    with pytest.raises(HomeNotReady, match="head and records"):
        as_hub(place)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET state = set_byte(state, 20, 255) WHERE notification_id = 300",
        "UPDATE head SET root = sha256('')",
        "UPDATE tile SET top = sha256('')",
        "DELETE FROM tile",
    ],
)
def test_a_tree_that_differs_is_refused_but_for_an_audit(place: Place, statement: str) -> None:
    """A ledger whose tree is not the one that its head has the root of is not appended to."""
    of_entries(place, 300)
    altered(place, statement)
    with pytest.raises(HomeNotReady, match="head and tree"):
        as_hub(place)
    reader = ReadOnlyPostgresLedger(seen_by(place, HUB), NAME, origin="demo")
    assert reader.head() == Head(300, NOON, 0)
    with pytest.raises(TreeDiffers):
        reader.tiles.tile(0, 1, 44)
    reader.close()


def test_a_head_that_is_moved_while_open_stops_appending(place: Place) -> None:
    """A ledger that is changed by hand under a running hub is not appended to."""
    ledger = as_hub(place)
    answer_to(ledger, batch(1, 0, 3))
    altered(place, "UPDATE head SET root = sha256('')")
    with pytest.raises(TreeDiffers):
        answer_to(ledger, batch(2, 3, 1))
    assert len(statements_of(ledger)) == 3
    ledger.close()


# --- at once --------------------------------------------------------------------------------------


def test_reading_goes_on_while_somebody_writes(place: Place) -> None:
    """A writer, in whichever process, holds up no reader; readers see what is committed."""
    writer, reader = as_hub(place), as_hub(place)
    answer_to(writer, batch(1, 0, 2))
    sizes = []

    def look(_: object) -> bytes:
        sizes.extend([reader.head().size, len(writer.read(0, 9))])
        return b"answer"

    answer_to(writer, replace(batch(2, 2, 1), answer=look))
    assert (sizes, reader.head().size) == ([2, 2], 3)
    writer.close()
    reader.close()


def test_a_lock_held_too_long_is_unavailable(place: Place) -> None:
    """A writer that waited in vain says so in a constant sentence, and works once it may."""
    ledger = PostgresLedger(
        seen_by(place, HUB),
        NAME,
        origin="demo",
        watch=SteppedClock().watch(),
        patience=Patience(lock_ms=20),
    )
    with connect(place) as plain, plain.transaction():
        plain.execute("SELECT 1 FROM head FOR UPDATE")
        with pytest.raises(Unavailable, match=r"^the ledger is not available; nothing was"):
            answer_to(ledger, batch(1, 0, 1))
        assert ledger.head().size == 0
    assert answer_to(ledger, batch(1, 0, 1))
    ledger.close()


def test_closing_waits_for_who_is_in_it(place: Place) -> None:
    """An append that has begun ends well; closing waits for it, and later calls are refused."""
    ledger = as_hub(place)
    closer = threading.Thread(target=ledger.close)

    def close_meanwhile(_: object) -> bytes:
        closer.start()
        closer.join(0.05)
        assert closer.is_alive()
        return spelt([])

    assert answer_to(ledger, replace(batch(1, 0, 1), answer=close_meanwhile)) == spelt([])
    closer.join()
    with pytest.raises(Unavailable):
        ledger.answered(submission_id(1))
    ledger.close()


def test_a_password_is_not_shown(place: Place) -> None:
    """How a server is reached may hold a password: it is in nothing that is printed."""
    assert "host" not in repr(place)
    with pytest.raises(HomeNotReady) as caught:
        create_schema(Place("host=/nowhere password=secret", "x"), NAME, origin="demo")
    assert "secret" not in str(caught.value)
    assert not isinstance(caught.value.__cause__, psycopg.Error)
