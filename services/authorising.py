"""May this source publish this event, now, under this agreement? Every reason at once.

Pure but for what it is given: the registered reference data in force on the day, the sealing
sessions that the source has opened, and the time. Nothing here is a branch on a borough's name.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

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
from services.preparing import PreparedEvent, PreparedPart

EARLIEST = datetime.datetime(1990, 1, 1, tzinfo=datetime.UTC)
AHEAD_MAX = datetime.timedelta(days=1)

_RECIPIENTS = "data.subjects.restricted.recipients"

SessionLookup = Callable[[str], "Session | None"]
Place = tuple[str, str]
"""Where something is wrong with an event, and what: of a fault all but whose."""


class Terms(NamedTuple):
    """Who tells what under which agreement: what can be judged of it once for many events."""

    source: str
    type: str
    dataschema: str
    agreement: str
    purpose: str


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
    judged: dict[Terms, tuple[Place, ...]] = field(init=False, default_factory=dict)
    """What is wrong with terms that were met: the events of a submission share very few."""


def faults_of(
    index: int, header: Header, event: PreparedEvent, standing: Standing
) -> tuple[Fault, ...]:
    """Give every reason why an event may not be recorded; empty when it may."""
    found = (
        *_of_terms(header, standing),
        *_of_time(header, standing.now),
        *_of_kind(header, event, standing.catalogue),
        *_of_sealing(header, event, standing),
    )
    if event.size() > EVENT_BYTES_MAX:
        found = (*found, ("", "event-too-large"))
    return tuple([Fault(index, place, code) for place, code in found])


def _of_terms(header: Header, standing: Standing) -> tuple[Place, ...]:
    terms = Terms(header.source, header.type, header.dataschema, header.agreement, header.purpose)
    found = standing.judged.get(terms)
    if found is None:
        found = standing.judged[terms] = (
            *_of_source(terms, standing),
            *_of_agreement(terms, header.kind_name(), standing),
        )
    return found


def _of_source(terms: Terms, standing: Standing) -> Iterator[Place]:
    if terms.source != standing.source.name:
        yield "source", "not-of-this-token"
    kind = standing.catalogue.kind(terms.type)
    if terms.dataschema != kind.schema_id():
        yield "dataschema", "another-schema"
    # Whom folds leave out, and for whom fetches are refused, the ledger's own body says alone.
    if kind.name in RESTRICTIONS and standing.source.controller != standing.keeper:
        yield "type", "of-the-ledgers-controller-alone"


def _of_agreement(terms: Terms, kind: str, standing: Standing) -> Iterator[Place]:
    agreement = standing.agreement(terms.agreement)
    if agreement is None:
        yield "agreement", "not-in-force"
        return
    if not standing.bound(standing.source.controller, terms.agreement):
        yield "agreement", "not-signed-by-the-controller"
    if standing.source.participant not in agreement.parties:
        yield "agreement", "not-a-party"
    if not agreement.covers_type(kind):
        yield "type", "not-covered-by-the-agreement"
    elif not agreement.covers_purpose(kind, terms.purpose):
        yield "purpose", "not-covered-by-the-agreement"


def _of_time(header: Header, now: datetime.datetime) -> tuple[Place, ...]:
    occurred = instant_of(header.time)
    if occurred < EARLIEST:
        return (("time", "before-1990"),)
    return (("time", "in-the-future"),) if occurred > now + AHEAD_MAX else ()


def _of_kind(header: Header, event: PreparedEvent, catalogue: Catalogue) -> list[Place]:
    kind = catalogue.kind(header.type)
    people = [part.key_name for part in event.parts if part.part_class is PartClass.SHARED]
    found: list[Place] = []
    if people and not kind.about_a_person:
        found.append(("data.subjects", "about-no-person"))
    if kind.about_a_person and not kind.takes_subjects(len(people)):
        found.append(("data.subjects", "too-few-or-too-many"))
    if kind.name == RecordWithdrawn.name and header.supersedes is None:
        found.append(("supersedes", "missing"))
    if len(set(people)) != len(people):
        found.append(("data.subjects", "same-person-twice"))
    return found


def _of_sealing(header: Header, event: PreparedEvent, standing: Standing) -> list[Place]:
    restricted = [part for part in event.parts if part.part_class is PartClass.RESTRICTED]
    if not restricted:
        return []
    found = [*_of_recipients(header, restricted, standing)]
    if header.sealingsession is None:
        return [*found, ("sealingsession", "missing")]
    session = standing.session(header.sealingsession)
    if session is None or session.source != header.source:
        found.append(("sealingsession", "not-opened-by-this-source"))
    elif {part.recipients for part in restricted} != {session.recipients}:
        found.append((_RECIPIENTS, "not-of-the-session"))
    elif standing.source.controller not in session.recipients:
        found.append((_RECIPIENTS, "without-the-controller"))
    return found


def _of_recipients(
    header: Header, restricted: Sequence[PreparedPart], standing: Standing
) -> tuple[Place, ...]:
    agreement = standing.agreement(header.agreement)
    others = {name for part in restricted for name in part.recipients}
    others.discard(standing.source.controller)
    if agreement is None or not others:
        return ()
    kind, purpose = header.kind_name(), header.purpose
    if all(agreement.may_receive(kind, name, purpose=purpose) for name in others):
        return ()
    return ((_RECIPIENTS, "not-allowed"),)


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
