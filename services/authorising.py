"""May this source publish this event, now, under this agreement? Every reason at once.

Pure but for what it is given: the registered reference data in force on the day, the sealing
sessions that the source has opened, and the time. Nothing here is a branch on a borough's name.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
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
from services.preparing import PreparedEvent

EARLIEST = datetime.datetime(1990, 1, 1, tzinfo=datetime.UTC)
AHEAD_MAX = datetime.timedelta(days=1)

_RECIPIENTS = "data.subjects.restricted.recipients"

SessionLookup = Callable[[str], "Session | None"]
Place = tuple[str, str]
"""Where something is wrong with an event, and what: of a fault all but whose."""


class Terms(NamedTuple):
    """Who tells what, how and under which agreement: what many events of a submission say alike."""

    source: str
    type: str
    dataschema: str
    agreement: str
    purpose: str
    session: str | None
    corrects: bool
    """It names an event that it supersedes."""
    people: int
    recipients: frozenset[tuple[str, ...]]
    """Of each of its restricted parts; none where there are none."""


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
    latest: datetime.datetime = field(init=False)
    """The latest time at which an event can have happened."""
    judged: dict[Terms, tuple[Place, ...]] = field(init=False, default_factory=dict)
    """What is wrong with terms that were met: the events of a submission share very few."""

    def __post_init__(self) -> None:
        """Look a little ahead: clocks differ."""
        object.__setattr__(self, "latest", self.now + AHEAD_MAX)


def faults_of(
    index: int, header: Header, event: PreparedEvent, standing: Standing
) -> tuple[Fault, ...]:
    """Give every reason why an event may not be recorded; empty when it may."""
    people = [part.key_name for part in event.parts if part.part_class is PartClass.SHARED]
    terms = Terms(
        header.source,
        header.type,
        header.dataschema,
        header.agreement,
        header.purpose,
        header.sealingsession,
        header.supersedes is not None,
        len(people),
        frozenset(
            [part.recipients for part in event.parts if part.part_class is PartClass.RESTRICTED]
        ),
    )
    found = standing.judged.get(terms)
    if found is None:
        found = standing.judged[terms] = tuple(_of_terms(terms, header.kind_name(), standing))
    occurred = instant_of(header.time)
    if not EARLIEST <= occurred <= standing.latest:
        found = (*found, ("time", "before-1990" if occurred < EARLIEST else "in-the-future"))
    if len(people) > 1 and len(set(people)) != len(people):
        found = (*found, ("data.subjects", "same-person-twice"))
    if event.size() > EVENT_BYTES_MAX:
        found = (*found, ("", "event-too-large"))
    return tuple([Fault(index, place, code) for place, code in found]) if found else ()


def _of_terms(terms: Terms, kind: str, standing: Standing) -> Iterator[Place]:
    yield from _of_source(terms, standing)
    yield from _of_agreement(terms, kind, standing)
    yield from _of_kind(terms, standing.catalogue)
    if terms.recipients:
        yield from _of_recipients(terms, kind, standing)
        yield from _of_session(terms, standing)


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


def _of_kind(terms: Terms, catalogue: Catalogue) -> Iterator[Place]:
    kind = catalogue.kind(terms.type)
    if terms.people and not kind.about_a_person:
        yield "data.subjects", "about-no-person"
    if kind.about_a_person and not kind.takes_subjects(terms.people):
        yield "data.subjects", "too-few-or-too-many"
    if kind.name == RecordWithdrawn.name and not terms.corrects:
        yield "supersedes", "missing"


def _of_session(terms: Terms, standing: Standing) -> Iterator[Place]:
    if terms.session is None:
        yield "sealingsession", "missing"
        return
    session = standing.session(terms.session)
    if session is None or session.source != terms.source:
        yield "sealingsession", "not-opened-by-this-source"
    elif terms.recipients != {session.recipients}:
        yield _RECIPIENTS, "not-of-the-session"
    elif standing.source.controller not in session.recipients:
        yield _RECIPIENTS, "without-the-controller"


def _of_recipients(terms: Terms, kind: str, standing: Standing) -> Iterator[Place]:
    agreement = standing.agreement(terms.agreement)
    others = {name for names in terms.recipients for name in names}
    others.discard(standing.source.controller)
    if agreement is None:
        return
    if not all(agreement.may_receive(kind, name, purpose=terms.purpose) for name in others):
        yield _RECIPIENTS, "not-allowed"


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
