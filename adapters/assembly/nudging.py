"""Nudges between the processes of a hub whose ledgers are on servers: files have none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from adapters.ledger.late import LateLedger
from adapters.ledger.postgres import PostgresLedger
from adapters.ledger.postgres_nudges import Listening, Nudges
from adapters.settings import HubHome
from adapters.stores_settings import stores_of
from services.committing import Committer


@contextmanager
def nudging(
    home: HubHome, ledgers: Mapping[str, object], committers: Mapping[str, Committer]
) -> Iterator[None]:
    """Nudge those who listen at a ledger's server after each commit of these."""
    servers = _servers(home, ledgers)
    nudges = {conninfo: Nudges(conninfo) for conninfo in set(servers.values())}
    for name, conninfo in servers.items():
        committers[name].after_commit = nudges[conninfo].ring
    try:
        yield
    finally:
        for one in nudges.values():
            one.close()


@contextmanager
def listening(
    home: HubHome, ledgers: Mapping[str, object], told: Callable[[], None]
) -> Iterator[None]:
    """Be told when any process may have appended to a ledger that is on a server."""
    heard = [Listening(one, told) for one in sorted(set(_servers(home, ledgers).values()))]
    try:
        yield
    finally:
        for one in heard:
            one.close()


def _servers(home: HubHome, ledgers: Mapping[str, object]) -> dict[str, str]:
    """Say how the server of each ledger that is on one is reached."""
    stores = stores_of(home)
    return {
        name: server.connect
        for name, ledger in ledgers.items()
        if isinstance(ledger, PostgresLedger | LateLedger)
        and (server := stores.server_of(name)) is not None
    }
