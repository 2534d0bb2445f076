"""May this source publish this event, now, under this agreement? Every reason at once.

Pure but for what it is given: the registered reference data in force on the day, the sealing
sessions that the source has opened, and the time. Nothing here is a branch on a borough's name.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from domain.envelope import Header
from domain.errors import Fault
from domain.reference.agreements import Agreement
from domain.reference.participants import Source
from domain.statement import PartClass
from domain.values import instant_of
from domain.vocabulary.catalogue import Catalogue
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.wire import EVENT_BYTES_MAX
from projections.restrictions import RESTRICTIONS
from services.preparing import PreparedEvent

EARLIEST = datetime.datetime(1990, 1, 1, tzinfo=datetime.UTC)
AHEAD_MAX = datetime.timedelta(days=1)

SessionLookup = Callable[[str], "Session | None"]


@dataclass(frozen=True, slots=True)
class Session:
    """A sealing session that a source opened, and who can open what is sealed in it."""

    event_id: str
    """The event that opened it."""
    source: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds while one submission is judged."""

    source: Source
    keeper: str | None
    """The body whose ledger the source's events stand in."""
    catalogue: Catalogue
    agreement: Callable[[str], Agreement | None]
    """Gives an agreement by `name@version` when it is in force and not suspended."""
    bound: Callable[[str, str], bool]
    """Says whether a body signed an agreement, `name@version`."""
    session: SessionLookup
    now: datetime.datetime


def faults_of(
    index: int, header: Header, event: PreparedEvent, standing: Standing
) -> tuple[Fault, ...]:
    """Give every reason why an event may not be recorded; empty when it may."""
    found = [
        *_of_source(index, header, standing.source),
        *_of_time(index, header, standing.now),
        *_of_kind(index, header, event, standing.catalogue),
        *_of_controller(index, header, standing),
        *_of_agreement(index, header, event, standing),
        *_of_sealing(index, header, event, standing),
    ]
    if event.size() > EVENT_BYTES_MAX:
        found.append(Fault(index, "", "event-too-large"))
    return tuple(found)


def _of_source(index: int, header: Header, source: Source) -> Iterator[Fault]:
    if header.source != source.name:
        yield Fault(index, "source", "not-of-this-token")


def _of_time(index: int, header: Header, now: datetime.datetime) -> Iterator[Fault]:
    occurred = instant_of(header.time)
    if occurred < EARLIEST:
        yield Fault(index, "time", "before-1990")
    if occurred > now + AHEAD_MAX:
        yield Fault(index, "time", "in-the-future")


def _of_kind(
    index: int, header: Header, event: PreparedEvent, catalogue: Catalogue
) -> Iterator[Fault]:
    kind = catalogue.kind(header.type)
    if header.dataschema != f"urn:bhr:schema:{kind.name}:v{kind.version}":
        yield Fault(index, "dataschema", "another-schema")
    people = [part for part in event.parts if part.part_class is PartClass.SHARED]
    if people and not kind.about_a_person:
        yield Fault(index, "data.subjects", "about-no-person")
    if kind.about_a_person and not kind.takes_subjects(len(people)):
        yield Fault(index, "data.subjects", "too-few-or-too-many")
    if kind.name == RecordWithdrawn.name and header.supersedes is None:
        yield Fault(index, "supersedes", "missing")
    if len({part.key_name for part in people}) != len(people):
        yield Fault(index, "data.subjects", "same-person-twice")


def _of_controller(index: int, header: Header, standing: Standing) -> Iterator[Fault]:
    """Whom folds leave out, and for whom fetches are refused, the ledger's own body says alone."""
    if header.kind_name() in RESTRICTIONS and standing.source.controller != standing.keeper:
        yield Fault(index, "type", "of-the-ledgers-controller-alone")


def _of_agreement(
    index: int, header: Header, event: PreparedEvent, standing: Standing
) -> Iterator[Fault]:
    agreement = standing.agreement(header.agreement)
    if agreement is None:
        yield Fault(index, "agreement", "not-in-force")
        return
    name = header.kind_name()
    if not standing.bound(standing.source.controller, header.agreement):
        yield Fault(index, "agreement", "not-signed-by-the-controller")
    if standing.source.participant not in agreement.parties:
        yield Fault(index, "agreement", "not-a-party")
    if not agreement.covers_type(name):
        yield Fault(index, "type", "not-covered-by-the-agreement")
    elif not agreement.covers_purpose(name, header.purpose):
        yield Fault(index, "purpose", "not-covered-by-the-agreement")
    for recipient in {name for part in event.parts for name in part.recipients}:
        allowed = recipient == standing.source.controller or agreement.may_receive(
            name, recipient, purpose=header.purpose
        )
        if not allowed:
            yield Fault(index, "data.subjects.restricted.recipients", "not-allowed")
            return


def _of_sealing(
    index: int, header: Header, event: PreparedEvent, standing: Standing
) -> Iterator[Fault]:
    restricted = [part for part in event.parts if part.part_class is PartClass.RESTRICTED]
    if not restricted:
        return
    if header.sealingsession is None:
        yield Fault(index, "sealingsession", "missing")
        return
    session = standing.session(header.sealingsession)
    if session is None or session.source != header.source:
        yield Fault(index, "sealingsession", "not-opened-by-this-source")
    elif any(part.recipients != session.recipients for part in restricted):
        yield Fault(index, "data.subjects.restricted.recipients", "not-of-the-session")
    elif standing.source.controller not in session.recipients:
        yield Fault(index, "data.subjects.restricted.recipients", "without-the-controller")


class Sessions:
    """The sealing sessions known here: those of this batch first, then those of the ledger."""

    def __init__(self, stored: SessionLookup, own: Mapping[str, Session]) -> None:
        """Look into `own` (opened in the same submission) before the ledger."""
        self._stored = stored
        self._own = own

    def __call__(self, session: str) -> Session | None:
        """Give a session by its id."""
        found = self._own.get(session)
        return found if found is not None else self._stored(session)
