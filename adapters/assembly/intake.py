"""Putting together what takes submissions from Kafka, and what a borough sends by it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from adapters.assembly.hub import Rooms
from adapters.assembly.intake_keys import intake_keys
from adapters.kafka.administering import Administering
from adapters.kafka.consuming import Consuming
from adapters.kafka.dead_letters import ID_HEADER, REASON_HEADER, KafkaDeadLetters, letters
from adapters.kafka.described import described
from adapters.kafka.rules import Wanted
from adapters.kafka_settings import KafkaSettings
from adapters.keys.intake_keys import OpenedIntakeKeys
from adapters.settings import HubHome
from domain.canonical import JsonValue
from services.intake_ports import Arrived
from services.taking_in import TAKEN, Means, TakingIn

NOT_KEPT = "not-kept"
"""What was refused once it had been read is not kept: its publisher has it still."""


@dataclass(frozen=True, slots=True)
class Redrive:
    """Which dead letters are tried again: of one ledger or of all, until so many were taken."""

    settings: KafkaSettings
    ledger: str | None
    limit: int
    dry_run: bool


@contextmanager
def consuming(
    rooms: Rooms, home: HubHome, passphrase: str, settings: KafkaSettings
) -> Iterator[Consuming]:
    """Give what takes in the topics of every ledger of an open hub."""
    with _taking(rooms, home, passphrase, settings) as taking:
        offsets = {name: ledger.offsets for name, ledger in rooms.ledgers.items()}
        yield Consuming(settings, offsets, taking.__getitem__)


@contextmanager
def _taking(
    rooms: Rooms, home: HubHome, passphrase: str, settings: KafkaSettings
) -> Iterator[Mapping[str, TakingIn]]:
    keys = OpenedIntakeKeys(intake_keys(home, passphrase))
    with ExitStack() as closing:
        found = {}
        for name, ledger in rooms.ledgers.items():
            away = KafkaDeadLetters(settings, name)
            closing.callback(away.close)
            found[name] = TakingIn(name, ledger.offsets, rooms.hub.publishing, Means(keys, away))
        yield found


@dataclass(frozen=True, slots=True)
class TriedAgain:
    """What became of one dead letter: why it was put away, and TAKEN or why it is not taken now."""

    ledger: str
    letter: uuid.UUID
    reason: str
    outcome: str


def redrive(rooms: Rooms, home: HubHome, passphrase: str, asked: Redrive) -> Iterator[TriedAgain]:
    """Try dead letters once more, the oldest first; what was taken since is left.

    Raises Unavailable.
    """
    with _taking(rooms, home, passphrase, asked.settings) as taking:
        ledgers = [asked.ledger] if asked.ledger else sorted(rooms.ledgers)
        found = ((name, *one) for name in ledgers for one in letters(asked.settings, name))

        def again(name: str, message: Arrived) -> str:
            return taking[name].again(message, dry_run=asked.dry_run)

        yield from tried_again(found, again, asked.limit)


def tried_again(
    found: Iterable[tuple[str, Mapping[str, bytes], bytes]],
    again: Callable[[str, Arrived], str],
    limit: int,
) -> Iterator[TriedAgain]:
    """Try letters once each, until so many were taken.

    No other counts: what can never be taken would else stand before what can, for a month.
    """
    seen: set[tuple[str, uuid.UUID]] = set()
    taken = 0
    for name, headers, value in found:
        mark = uuid.UUID(bytes=headers[ID_HEADER])
        if (name, mark) in seen:
            continue
        seen.add((name, mark))
        outcome = again(name, Arrived(mark, 0, headers, value)) if value else NOT_KEPT
        yield TriedAgain(name, mark, headers[REASON_HEADER].decode("ascii"), outcome)
        taken += outcome == TAKEN
        if taken == limit:
            return


def describe(rooms: Rooms, settings: KafkaSettings) -> JsonValue:
    """Give the AsyncAPI document of the topics that there are to be."""
    return described(settings, _wanted(rooms))


def bring_broker(rooms: Rooms, settings: KafkaSettings, *, copies: int) -> list[str]:
    """Make topics and access rules for ledgers, sources and participants that are registered."""
    return Administering(settings, copies=copies).bring(_wanted(rooms))


def _wanted(rooms: Rooms) -> Wanted:
    registry = rooms.hub.registry
    today, participants = registry.today(), registry.participants()
    writers: dict[str, set[str]] = {name: set() for name in participants.ledgers(today)}
    for source in participants.sources:
        standing = participants.source(source.name, today) is not None
        if standing and not source.plain and source.ledger in writers:
            writers[source.ledger].add(source.participant)
    told = [one.code for one in participants.participants if one.in_force(today)]
    return Wanted(writers, told)
