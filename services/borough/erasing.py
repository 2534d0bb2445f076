"""Asking for erasure, and tidying up here once the hub has destroyed the keys.

A request is an ordinary signed event in the borough's own ledger, whose subjects are every
pseudonym that the child ever had. What the hub says of it (`GET /v1/erasures/{request}`):

    requested, approved, waiting, held   nothing is done here yet
    destroyed, with the day              rows, bytes and pseudonyms go; a fence stays, for whom
                                         we forgot already by a refusal (`resending`) as well
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from domain.canonical import canonical, strict_json
from domain.decisions import subject_mark
from domain.errors import HomeNotReady, NotAuthorised, NotFound, QuestionRefused, Unavailable
from domain.values import Day, EventId, Instant, ParticipantCode, Strict, to_text
from domain.vocabulary.erasing import ErasureRequested
from services.borough.fencing import day_of
from services.borough.forgetting import Forgetting
from services.borough.problems import answered
from services.borough.scribe import Begin, Scribe
from services.borough.speaker import Speaker
from services.client_ports import Name
from services.erasing_ports import Asked, ErasingStore
from services.hub_door import HubDoor

Stage = Literal["approved", "destroyed", "held", "not-counted", "requested", "unknown", "waiting"]
"""How far an erasure is. `unknown`: the hub has no such request, or it is not sent yet;
`not-counted`: it has one that nobody may ask for."""

PERSONS_MAX: Final = ErasureRequested.most_subjects
MIS_SENT: Final = "mis-sent"
_NOT_COUNTED = "request-not-"
"""How the code begins of a request that the hub has and does not count."""
_ANSWER = "the hub's answer for an erasure"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: on what ground, by which office, and not before when."""

    ground: str
    office: str
    waiting_until: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """A body that fetched something of whom was erased, and whether it said what became of it."""

    participant: str
    fetched: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the hub says of one request; `lapses` is the last day of any backup of the keys.

    `tidied`: the borough's own copies went now.
    """

    request: uuid.UUID
    stage: Stage
    destroyed: str | None = None
    lapses: str | None = None
    recipients: tuple[Recipient, ...] = ()
    tidied: bool = False


class Erasing:
    """Asks for erasure and tidies up, for one source of a borough."""

    def __init__(
        self, scribe: Scribe, store: ErasingStore, door: HubDoor, forgetting: Forgetting
    ) -> None:
        """Work in a borough's store, and ask through its door."""
        self._scribe = scribe
        self._store = store
        self._door = door
        self._forgetting = forgetting

    def request(self, persons: tuple[str, ...], speaker: Speaker, wish: Wish) -> uuid.UUID:
        """Put a request into the outbox: about one child, by each id that its systems give it.

        Raises NotFound where none of them was ever published, and QuestionRefused where they have
        more pseudonyms than one event holds.
        """
        names: list[Name] = [("person", person) for person in dict.fromkeys(persons)]

        def work(begin: Begin) -> uuid.UUID:
            found = self._store.pseudonyms.generations(names)
            pseudonyms = tuple(to_text(one) for every in found.values() for one in every)
            if not pseudonyms:
                raise NotFound("child that was published")
            if len(pseudonyms) > PERSONS_MAX:
                raise QuestionRefused("more-pseudonyms-than-one-event-holds")
            writing = begin(())
            request = writing.ask_erasure(_facts(speaker, wish, pseudonyms), pseudonyms)
            writing.close()
            known = tuple(sorted(key for _, key in found))
            asked = Asked(known, wish.ground == MIS_SENT, self._forgetting.tags(known))
            self._store.erasures.ask(request, asked)
            return request

        return self._scribe.write(work)

    def tidy(self) -> list[Told]:
        """Ask the hub about every request, and forget whom it has erased.

        Raises NotAuthorised, Unavailable without an answer that can be read, and HomeNotReady for
        a day that has not come; what was tidied by then stays so.
        """
        with self._store.transaction():
            asked = self._store.erasures.asked()
        return [self._tidied(request) for request in asked]

    def _tidied(self, request: uuid.UUID) -> Told:
        told = self._asked(request)
        if told.stage != "destroyed" or told.destroyed is None:
            return told
        with self._store.transaction():
            # Another process may have tidied meanwhile; whoever is left was not forgotten.
            left = self._store.erasures.asked().get(request)
            if left is None:
                return told
            self._forget(left, told.destroyed)
        if not self._store.scrub():
            raise Unavailable("the store's journal, which another process reads,")
        with self._store.transaction():
            self._store.erasures.done(request)
        return replace(told, tidied=True)

    def _forget(self, left: Asked, destroyed: str) -> None:
        """Forget whoever is left, and leave out what is older than the erasure of the others too.

        Those were forgotten when the hub refused a pseudonym of theirs, and the day was not known.
        A day that has not come would leave out what happens until then, and is believed of nobody.
        """
        if destroyed > self._forgetting.today():
            raise HomeNotReady(
                f"the hub says that keys were destroyed on {destroyed}, which has not come; nobody "
                "was forgotten: set this machine's clock right, or ask whoever runs the hub"
            )
        here = self._forgetting.tags(left.persons)
        if left.persons:
            self._forgetting.erase(left.persons, None if left.mis_sent else destroyed)
            self._store.erasures.dated(here)
        others = set(left.tags) - set(here)
        if others and not left.mis_sent:
            self._forgetting.leave_out(others, destroyed)

    def _asked(self, request: uuid.UUID) -> Told:
        try:
            body = answered(self._door.get(f"/v1/erasures/{request}"), "erasure")
        except NotFound:
            return Told(request, "unknown")
        except NotAuthorised as refused:
            if refused.reason.startswith(_NOT_COUNTED):
                return Told(request, "not-counted")
            raise
        return _read(request, body)


def _facts(speaker: Speaker, wish: Wish, pseudonyms: tuple[str, ...]) -> ErasureRequested.Facts:
    marks = tuple(sorted(subject_mark(speaker.ledger, one) for one in pseudonyms))
    said = {"by_office": wish.office, "by_participant": speaker.participant, "ground": wish.ground}
    return ErasureRequested.Facts.model_validate(
        {**said, "marks": marks, "waiting_until": wish.waiting_until}
    )


class _Fetched(Strict):
    confirmed: int
    fetched: int
    participant: ParticipantCode


class _Said(Strict):
    """The fields of the hub's answer that are read here, in their form."""

    destroyed: Instant | None = None
    lapses: Day | None = None
    recipients: tuple[_Fetched, ...] = ()
    request: EventId
    state: Stage


def _read(request: uuid.UUID, body: bytes) -> Told:
    """Read an answer for what is wanted here; whatever else it says is for others."""
    try:
        document = strict_json(body)
        told = document if isinstance(document, Mapping) else {}
        wanted = {name: told[name] for name in _Said.model_fields if name in told}
        said = _Said.model_validate_json(canonical(wanted))
    except ValueError:
        raise Unavailable(_ANSWER) from None
    is_whole = said.state != "destroyed" or said.destroyed is not None
    if said.request != str(request) or not is_whole:
        raise Unavailable(_ANSWER)
    return Told(
        request,
        said.state,
        None if said.destroyed is None else day_of(said.destroyed),
        said.lapses,
        tuple(Recipient(one.participant, one.fetched, one.confirmed) for one in said.recipients),
    )
