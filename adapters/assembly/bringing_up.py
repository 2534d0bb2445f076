"""Bringing what stands on servers to the tables of this release, before a hub is opened."""

from __future__ import annotations

from adapters.assembly.key_stores import bring_up_key_store
from adapters.assembly.ledgers import bring_up_ledgers
from adapters.assembly.view_stores import prepare_views
from adapters.settings import HubHome


def bring_up(home: HubHome) -> None:
    """Bring key store and ledgers up, and make the roles that views are kept under.

    Views are not brought up: those of other projections are refused, and made anew by `bhr views
    rebuild`. Raises HomeNotReady, Unavailable.
    """
    prepare_views(home)
    bring_up_key_store(home)
    bring_up_ledgers(home)
