"""Everything a door of the hub is handed, in one frozen bundle."""

from __future__ import annotations

from dataclasses import dataclass

from services.fetching import Fetching
from services.plain import PlainPublishing
from services.ports import Identity
from services.publishing import Publishing
from services.querying import Querying
from services.registry import Registry
from services.taking import Taking


@dataclass(frozen=True, slots=True)
class Hub:
    """The services of one running hub."""

    identity: Identity
    publishing: Publishing
    plain: PlainPublishing
    querying: Querying
    fetching: Fetching
    registry: Registry
    taking: Taking
