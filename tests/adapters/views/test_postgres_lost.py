"""Views on a server that goes away: what it lost is folded again, and nobody gives up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from signal import SIGQUIT

import pytest

from adapters.postgres_connections import Place
from adapters.views.ledger_schemas import LedgerSchemas, OnServer
from adapters.views.postgres_schema import prepare
from domain.errors import Unavailable
from tests.adapters.ledger.faults import Fault, on_postgres
from tests.adapters.views.test_forgetting import KEY, assess, bands, fold
from tests.postgres_server import VIEWS, Server, as_user
from tests.projections.builders import Borough

pytestmark = pytest.mark.postgres(own=True)


@pytest.fixture(scope="module")
def forgetful(server: Server) -> Server:
    """A server that has a transaction which nobody waits for on its disk ten seconds later."""
    prepare(Place(server.conninfo, "pg_catalog"))
    server.stop()
    server.settings["wal_writer_delay"] = "10s"
    server.start()
    return server


@pytest.fixture
def folder(forgetful: Server, tmp_path: Path) -> Path:
    """The folder of a generation that was begun there."""
    OnServer(as_user(forgetful.conninfo, VIEWS)).begin(tmp_path)
    return tmp_path


def views(server: Server, folder: Path) -> LedgerSchemas:
    """Open a generation as another process would."""
    keeping = OnServer(as_user(server.conninfo, VIEWS))
    return keeping.open(folder, versions="v1", key=KEY)


def test_what_a_crash_takes_is_folded_again(forgetful: Server, folder: Path) -> None:
    """A process that outlives it goes on from what is left, and numbers nothing that is not there.

    What anybody may have read of combinations of traits was on the disk.
    """
    borough = Borough("havering")
    store = views(forgetful, folder)
    assess(borough, "mia", "1-4")
    fold(store, borough)
    assess(borough, "noah", "1-4")
    fold(store, borough)
    assert store.position("havering") == 2
    forgetful.stop(SIGQUIT)
    forgetful.start()
    assert store.position("havering") == 1
    assess(borough, "zoe", "5-9")
    fold(store, borough)
    later = views(forgetful, folder)
    assess(borough, "ada", "10-15")
    fold(later, borough)
    assert bands(later) == bands(store) == [("1-4", 2), ("10-15", 1), ("5-9", 1)]
    assert later.digest("havering") == store.digest("havering")


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fault]:
    """Every statement and copy from here on fails when this says so."""
    yield from on_postgres(monkeypatch)


def test_the_server_may_go_at_each_statement(forgetful: Server, folder: Path, fault: Fault) -> None:
    """Whichever is not answered, of opening and folding: it is told, and the next try goes on.

    Nothing but `Unavailable` is told: whatever else it were, the runner would end.
    """
    borough = Borough("havering")
    assess(borough, "child 0", "1-4")
    fold(views(forgetful, folder), borough)
    for number in count(1):
        assess(borough, f"child {number}", "1-4")
        fault.calls, fault.at = 0, number
        with suppress(Unavailable):
            fold(views(forgetful, folder), borough)
        if fault.calls < number:
            break
    assert number > 20
    fault.at = 0  # else the count goes on, and may come to it in what is read now
    assert bands(views(forgetful, folder)) == [("1-4", number + 1)]
