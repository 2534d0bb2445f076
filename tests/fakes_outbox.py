"""Participants' topics in memory, for whoever tells them, and an outbox of a rig that does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.ledger.memory import MemoryLedger
from domain.canonical import JsonValue, strict_json
from services.fetching import Shelf
from services.log_ports import ProvenLedger
from services.outbox import Outbox
from services.outbox_ports import Message, NobodyTold, Outrun
from services.telling import Telling
from tests.hub_rig import HubRig


@dataclass
class Topics:
    """What everybody was told; `unmade` are the bodies that have no topic yet."""

    told: list[Message] = field(default_factory=list)
    away: bool = False
    unmade: set[str] = field(default_factory=set)
    begun: dict[str, int] = field(default_factory=dict)
    """How often anybody began to tell of each ledger."""

    def of(self, participant: str) -> list[Message]:
        """Give what a body was told, in order."""
        return [one for one in self.told if one.participant == participant]

    def documents(self, participant: str) -> list[Mapping[str, JsonValue]]:
        """Give what a body was told, as it reads it."""
        found = [strict_json(one.value) for one in self.of(participant)]
        return [one for one in found if isinstance(one, Mapping)]


class MemoryOutgoing:
    """The `Outgoing` port over topics in memory."""

    def __init__(self, topics: Topics) -> None:
        """Tell of nothing yet."""
        self._topics = topics
        self._begun: dict[str, int] = {}

    def begin(self, ledger: str) -> None:
        """Be who tells of this ledger."""
        if ledger in self._begun:
            return
        self._refuse_away()
        self._topics.begun[ledger] = self._begun[ledger] = self._topics.begun.get(ledger, 0) + 1

    def tell(self, ledger: str, messages: Sequence[Message]) -> None:
        """Put messages into topics."""
        mine = self._begun.pop(ledger)
        if mine != self._topics.begun[ledger]:
            raise Outrun
        self._refuse_away()
        if self._topics.unmade & {one.participant for one in messages}:
            raise NobodyTold("a topic")
        self._begun[ledger] = mine
        self._topics.told += messages

    def _refuse_away(self) -> None:
        if self._topics.away:
            raise NobodyTold("topics in memory")


def ledgers_of(rig: HubRig) -> dict[str, ProvenLedger]:
    """Give a rig's ledgers."""
    found: dict[str, ProvenLedger] = {}
    for name, stand in rig.stands.items():
        assert isinstance(stand.ledger, MemoryLedger)
        found[name] = stand.ledger
    return found


def outbox_of(rig: HubRig, topics: Topics) -> Outbox:
    """Give one more outbox of a rig's ledgers."""
    shelves = {n: Shelf(s.ledger, s.opening, s.sessions) for n, s in rig.stands.items()}
    telling = Telling(shelves, rig.deciding)
    return Outbox(ledgers_of(rig), telling, MemoryOutgoing(topics), rig.reading)


def told_all(outbox: Outbox) -> None:
    """Let an outbox tell of everything that there is."""
    while outbox.step():
        pass
