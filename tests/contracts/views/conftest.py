"""The stores that are held to the promises: a file, one a ledger, schemas, and the fake."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.views.ledger_files import LedgerFiles
from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from services.views import ViewStore
from tests.contracts.views.builders import Reopen
from tests.fakes_views import FakeViews
from tests.views_on_server import views_on_server

ON_SERVER = pytest.param("ledger schemas", marks=pytest.mark.postgres)


@pytest.fixture(params=["sqlite", "ledger files", ON_SERVER, "fake"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Reopen:
    """Give the store as a process that starts now finds it."""
    if request.param == "fake":
        store = FakeViews()
        return lambda: store
    if request.param == "ledger schemas":
        keeping = views_on_server()
        keeping.begin(tmp_path)
        return lambda: keeping.open(tmp_path, versions="v1", key=bytes(32))
    if request.param == "ledger files":
        return lambda: LedgerFiles(tmp_path, versions="v1", key=bytes(32))
    create(tmp_path / "views.sqlite", "v1")
    return lambda: SqliteViews(tmp_path / "views.sqlite", versions="v1", key=bytes(32))


@pytest.fixture
def store(reopen: Reopen) -> ViewStore:
    """Give one store."""
    return reopen()
