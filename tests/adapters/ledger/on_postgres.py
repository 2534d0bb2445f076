"""A ledger in PostgreSQL, opened and filled as a hub does it."""

from adapters.ledger.postgres import PostgresLedger
from adapters.postgres_connections import Place
from tests.contracts.ledger_builders import answer_to, batch, open_postgres
from tests.postgres_server import HUB, seen_by


def as_hub(place: Place) -> PostgresLedger:
    """Open a ledger as the hub does."""
    return open_postgres(seen_by(place, HUB))


def of_entries(place: Place, count: int) -> None:
    """Append so many entries."""
    ledger = as_hub(place)
    answer_to(ledger, batch(1, 0, count))
    ledger.close()
