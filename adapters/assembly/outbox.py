"""Putting together what tells participants: the one place where anything of ours is given one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from adapters.assembly.hub import Rooms
from adapters.assembly.view_stores import locks_of
from adapters.kafka.outgoing import KafkaOutgoing
from adapters.kafka_settings import KafkaSettings
from adapters.keys import signing
from adapters.settings import HubHome
from domain.reference.participants import PARTNERSHIP
from services.deciding import Deciding
from services.fetching import Shelf
from services.leases import Leases
from services.outbox import Outbox
from services.reading import ReadingDesk
from services.telling import Telling
from services.watching import Watch


@contextmanager
def telling(rooms: Rooms, home: HubHome, settings: KafkaSettings, watch: Watch) -> Iterator[Outbox]:
    """Give what tells participants of an open hub's ledgers, as far as leases give them to it."""
    deciding = Deciding(rooms.hub.registry, signing.verify)
    shelves = {one: Shelf(s.ledger, s.opening, s.sessions) for one, s in rooms.stands.items()}
    desk = ReadingDesk(deciding, rooms.events, PARTNERSHIP)
    leases = Leases(locks_of(home), list(rooms.ledgers), work="outbox")
    with closing(leases), closing(KafkaOutgoing(settings)) as outgoing:
        outbox = Outbox(rooms.ledgers, Telling(shelves, deciding), outgoing, desk)
        outbox.shared_out, outbox.watch = leases.look, watch
        yield outbox
