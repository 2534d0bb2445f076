"""Where a hub keeps ledgers, keys and views: in files of its home, or on PostgreSQL servers.

`stores.json` in the hub's home says which servers there are. `ledgers` names a server for one
ledger, so that a borough's may stand on its own; `others` is for all that are not named. Without
either a ledger is a file. In its database each ledger has a schema of its own name. `keys` is for
the key store, better on a server apart, since its backups must lapse and theirs need not. `views`
is for the views, better in a database of their own, of which no backup is made.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from adapters.settings import HubHome
from domain.errors import HomeNotReady
from domain.values import ParticipantCode, Strict

Conninfo = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""What libpq connects by. A password belongs in the passfile that it names, not in it."""


class Server(Strict):
    """A database that ledgers are kept in, under the roles that a hub has there."""

    connect: Conninfo
    """As who may append: in the role `bhr_writer`, and no more."""
    make: Conninfo | None = None
    """As who may make schemas and roles: for `bhr ledger init` alone."""
    read: Conninfo | None = None
    """As who may look: for audits; as who appends, but writing nothing, where it is left out."""


class KeyServer(Strict):
    """A database that the key store is kept in, under the roles that a hub has there."""

    connect: Conninfo
    """As who may add keys: in the role `bhr_keys`, and no more."""
    erase: Conninfo
    """As who may destroy them: in the role `bhr_eraser`."""
    make: Conninfo | None = None
    """As who may make schemas and roles: for `bhr keys init` alone."""
    read: Conninfo | None = None
    """As who may look, in the role `bhr_keys_reader`: for audits; as the hub where left out."""


class ViewServer(Strict):
    """A database that views are kept in, under the roles that a hub has there."""

    connect: Conninfo
    """As who makes, writes and drops schemas of views: in the role `bhr_views`, and no more."""
    make: Conninfo | None = None
    """As who may make roles and grant on the database: for `bhr ledger init` alone."""
    read: Conninfo | None = None
    """As who may look: for audits; as who writes, but writing nothing, where it is left out."""


class Stores(Strict):
    """Which servers there are."""

    keys: KeyServer | None = None
    ledgers: dict[ParticipantCode, Server] = Field(default_factory=dict)
    others: Server | None = None
    views: ViewServer | None = None

    def server_of(self, ledger: str) -> Server | None:
        """Give the server of a ledger; None where it is a file."""
        return self.ledgers.get(ledger, self.others)


def stores_of(home: HubHome) -> Stores:
    """Read what a home says of its stores; raises HomeNotReady for what is no such file."""
    try:
        return Stores.model_validate_json(home.stores.read_bytes())
    except FileNotFoundError:
        return Stores()
    except (OSError, ValidationError):
        raise HomeNotReady(
            f"{home.stores} cannot be read, or does not say where stores are"
        ) from None
