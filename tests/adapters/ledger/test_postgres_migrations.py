"""Making a ledger in PostgreSQL, and moving it on from release to release."""

from collections.abc import Sequence

import pytest

from adapters.ledger.postgres_migrations import MIGRATIONS
from adapters.ledger.postgres_schema import create_schema, ledger_stands, migrate_ledger
from adapters.postgres_connections import Place, connect
from domain.errors import HomeNotReady
from tests.adapters.ledger.on_postgres import as_hub, of_entries
from tests.contracts.ledger_builders import (
    NAME,
    answer_to,
    batch,
    submission_id,
)
from tests.postgres_server import HUB, empty_place, new_schema, seen_by

pytestmark = pytest.mark.postgres


def test_a_ledger_is_made_once(place: Place) -> None:
    """Making a ledger where one stands is refused, and the one there is untouched."""
    of_entries(place, 3)
    with pytest.raises(HomeNotReady, match="already"):
        create_schema(place, "redbridge", origin="hub")
    assert ledger_stands(place)
    ledger = as_hub(place)
    assert ledger.head().size == 3
    ledger.close()


def test_making_is_whole_or_nothing() -> None:
    """Where one statement fails nothing is left, and the next try makes it."""
    place = empty_place()
    broken = (*MIGRATIONS, ("CREATE TABLE nothing (",))
    with pytest.raises(HomeNotReady, match="no ledger can be made"):
        create_schema(place, NAME, origin="demo", migrations=broken)
    assert not ledger_stands(place)
    create_schema(place, NAME, origin="demo")
    as_hub(place).close()


def test_only_who_may_makes_a_ledger(place: Place) -> None:
    """The hub's own role makes no tables: `bhr ledger init` is somebody else's."""
    with pytest.raises(HomeNotReady, match="no ledger can be made"):
        create_schema(seen_by(empty_place(), HUB), NAME, origin="demo")


# --- migrations -----------------------------------------------------------------------------------

LATER = (
    "ALTER TABLE submission ADD COLUMN offset_of_source bigint",
    "GRANT SELECT ON submission TO bhr_reader",
)


@pytest.mark.parametrize("begun", range(1, len(MIGRATIONS) + 1))
def test_every_older_ledger_is_brought_to_this_release(begun: int) -> None:
    """From whichever version it was made, a ledger comes to the same tables, once."""
    place, fresh = empty_place(), new_schema(NAME)
    create_schema(place, NAME, origin="demo", migrations=MIGRATIONS[:begun])
    if begun < len(MIGRATIONS):
        with pytest.raises(HomeNotReady):
            as_hub(place)
    assert migrate_ledger(place, NAME) == (begun < len(MIGRATIONS))
    assert not migrate_ledger(place, NAME)
    assert shape(place) == shape(fresh)
    as_hub(place).close()


def test_a_migration_keeps_what_is_recorded(place: Place) -> None:
    """Rehearsed with one more than there are: entries, answers and root stand, and it goes on."""
    of_entries(place, 300)
    before = as_hub(place)
    stood = before.read(0, 999), before.tiles.root(300), before.answered(submission_id(1))
    before.close()
    broken: Sequence[Sequence[str]] = (*MIGRATIONS, (*LATER, "SELECT 1 / 0"))
    with pytest.raises(HomeNotReady):
        migrate_ledger(place, NAME, migrations=broken)
    as_hub(place).close()  # it stands as it stood
    assert migrate_ledger(place, NAME, migrations=(*MIGRATIONS, LATER))
    with pytest.raises(HomeNotReady, match="not this release's"):
        as_hub(place)
    with pytest.raises(HomeNotReady, match="later release"):
        migrate_ledger(place, NAME)
    with connect(place) as plain:
        plain.execute("ALTER TABLE migration DISABLE TRIGGER USER")
        plain.execute("DELETE FROM migration WHERE version > %s", (len(MIGRATIONS),))
    after = as_hub(place)
    now = after.read(0, 999), after.tiles.root(300), after.answered(submission_id(1))
    assert now == stood
    answer_to(after, batch(2, 300, 3))
    after.close()


def shape(place: Place) -> list[object]:
    """Give the columns, triggers, rights and functions of a schema."""
    asked = (
        (
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = current_schema() ORDER BY 1, 2"
        ),
        (
            "SELECT tgname, tgenabled, tgtype FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN"
            " (SELECT oid FROM pg_class"
            " WHERE relnamespace = quote_ident(current_schema())::regnamespace) ORDER BY 1"
        ),
        (
            "SELECT table_name, grantee, privilege_type FROM information_schema.table_privileges"
            " WHERE table_schema = current_schema() ORDER BY 1, 2, 3"
        ),
        (
            "SELECT proname, prosrc FROM pg_proc"
            " WHERE pronamespace = quote_ident(current_schema())::regnamespace ORDER BY 1"
        ),
    )
    with connect(place) as plain:
        return [plain.execute(statement).fetchall() for statement in asked]
