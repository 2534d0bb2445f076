"""Opening a borough's store whose newest copy is lost: it counts on behind what was used."""

from __future__ import annotations

from contextlib import closing

from adapters.client.borough_store import SqliteBoroughStore
from adapters.client.http_hub import HttpHub, HubAddress
from adapters.settings import borough_home, read_borough
from services.borough.going_on import WentOn, go_on


def go_on_with(name: str, feed: str = "") -> tuple[str, WentOn]:
    """Ask the hub of a borough's source, and count on; gives the source.

    Raises HomeNotReady, NotAuthorised, NotFound, Unavailable.
    """
    home = borough_home(name, feed)
    said = read_borough(home)
    with (
        closing(HttpHub(HubAddress(said.hub), home.token)) as door,
        closing(SqliteBoroughStore(home.store, said.source, lost=True)) as store,
    ):
        return said.source, go_on(store, door, said.source)
