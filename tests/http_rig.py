"""The HTTP application over a hub in memory, with tokens for a publisher, a plain source, a reader.

What is served is what `bhr serve` serves: the guarded application, its middleware included. Tokens
are minted by the embedded issuer and checked as any token is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.types import ASGIApp, Message, Scope

from adapters.http.application import guarded
from adapters.http.bodies import BATCH_TYPE, ONE_TYPE
from adapters.http.documents import Problem
from adapters.http.problems import PROBLEM_TYPE, TITLES
from adapters.identity.tokens import EmbeddedIssuer, TokenVerifier
from adapters.ledger.memory import MemoryLedger
from adapters.reference.shipped import PARTICIPANTS
from domain.canonical import JsonValue
from domain.envelope import Header
from domain.queued import IntakeKey, PublishedIntakeKey
from domain.values import to_text
from domain.vocabulary.offices import RightGranted
from domain.wire import SIGNED_TYPE
from projections.catalogue import PROJECTIONS
from services.answering import Answering, Means
from services.confirming import Confirming
from services.explaining import Explaining
from services.fetching import Shelf
from services.folded import view_versions
from services.folding import FoldingRules
from services.hub import Hub, OtherViews
from services.log_reading import LogReading
from services.notices import Notices
from services.ports import Caller
from services.projecting import Projector
from services.querying import Querying
from services.queued_answers import QueuedAnswers
from services.receipts import Receipts
from services.releases.reading import ReleaseReading
from services.source_numbers import SourceNumbers
from services.views import ViewStore
from services.watching import Watch, unwatched
from tests.fakes_views import FakeViews
from tests.hub_rig import HAVERING, HubRig, next_participants, open_rig, shipped_fields
from tests.rig_erasing import ErasingRig
from tests.rig_publisher import AGREEMENT, PURPOSE, Json, Publisher, token

ISSUER, AUDIENCE = "urn:test:issuer", "urn:test:hub"
PLAIN = "/participants/havering/early-help"
EVENTS = "/v1/events"
PLAIN_TYPES = (ONE_TYPE, BATCH_TYPE)
WHY = {"agreement": AGREEMENT, "purpose": PURPOSE}
VERSIONS = view_versions([(one.name, one.version) for one in PROJECTIONS.all()])
LIFE_S = 3600
INTAKE_KEY = PublishedIntakeKey(
    intake_key=IntakeKey(
        hub_key=to_text(bytes(32)), made="2025-06-15T00:00:00Z", public=to_text(bytes(1216))
    ),
    signature=to_text(bytes(64)),
).canonical()


def sources_with_a_plain_one() -> list[JsonValue]:
    """Give the registered sources and a plain one of Havering's."""
    listed = shipped_fields(PARTICIPANTS)["sources"]
    assert isinstance(listed, list)
    plain: Json = {
        "controller": "havering",
        "description": "A system that cannot run the client.",
        "ledger": "havering",
        "name": PLAIN,
        "participant": "havering",
        "plain": True,
    }
    return [*listed, plain]


@dataclass
class HttpRig:
    """A served hub, and a client at its door."""

    rig: HubRig
    views: ViewStore = field(default_factory=FakeViews)
    watch: Watch = unwatched

    def __post_init__(self) -> None:
        """Register a plain source and a reader, and open the door."""
        self.rig.registering.register(next_participants(sources=sources_with_a_plain_one()))
        self.issuer = EmbeddedIssuer(bytes(range(1, 33)), ISSUER, AUDIENCE, self.rig.clock)
        self.publisher = self.rig.publisher()
        self.rig.registering.grant(
            RightGranted.Facts(
                effective_from="2020-01-01",
                office="analyst",
                participant="havering",
                purposes=(PURPOSE,),
                right="live",
            )
        )
        self.publishing = self.bearer(Caller("havering", HAVERING, None, "system"))
        self.plain = self.bearer(Caller("havering", PLAIN, None, "system"))
        self.reading = self.bearer(Caller("havering", None, "analyst", "person-1"))
        self.hub = self._hub()

    @cached_property
    def app(self) -> ASGIApp:
        """What is served: made when it is first asked for, since pages serve another."""
        return guarded(self.hub)

    @cached_property
    def client(self) -> TestClient:
        """A client at the door."""
        return TestClient(self.app)

    def _hub(self) -> Hub:
        rig = self.rig
        recorded = {name: stand.ledger for name, stand in rig.stands.items()}
        means = Means(lambda: self.views, recorded, VERSIONS)
        answering = Answering(means, rig.registry, rig.reading)
        answering.watch = rig.taking.watch = self.watch
        for stand in rig.stands.values():
            stand.committer.watch = self.watch
        proven = {n: one for n, one in recorded.items() if isinstance(one, MemoryLedger)}
        shelves = {n: Shelf(s.ledger, s.opening, s.sessions) for n, s in rig.stands.items()}
        notices = Notices(shelves, rig.registry)
        return Hub(
            identity=TokenVerifier(ISSUER, AUDIENCE, keys=self.issuer.keys, clock=rig.clock),
            decisions=rig.decisions,
            erasures=ErasingRig(rig).answers,
            publishing=rig.publishing,
            queued=QueuedAnswers(proven, rig.taking, lambda: INTAKE_KEY),
            plain=rig.plain,
            querying=Querying(answering),
            others=OtherViews.of(answering),
            explaining=Explaining(rig.registry, rig.reading, rig.hub_events, lambda: self.views),
            fetching=rig.fetching,
            notices=notices,
            numbers=SourceNumbers(rig.taking, shelves, rig.hub_events),
            confirming=Confirming(rig.deciding, notices, rig.hub_events),
            registry=rig.registry,
            releases=ReleaseReading(answering, rig.reading),
            taking=rig.taking,
            logs=LogReading(proven, rig.registry, rig.hub_events),
            receipts=Receipts(proven, shelves, rig.registry),
        )

    def serve(self, change: Callable[[Hub], Hub]) -> TestClient:
        """Give a client at the door of a hub in which something is another thing."""
        return TestClient(guarded(change(self.hub)))

    def token(self, caller: Caller, *, life_seconds: int = LIFE_S) -> str:
        """Mint a token."""
        return self.issuer.mint(caller, life_seconds=life_seconds)

    def bearer(self, caller: Caller) -> dict[str, str]:
        """Give the header that a caller shows."""
        return {"authorization": f"Bearer {self.token(caller)}"}

    def post(
        self,
        body: bytes,
        kind: str = SIGNED_TYPE,
        *,
        query: Mapping[str, str] | None = None,
        as_plain: bool | None = None,
        **headers: str,
    ) -> Response:
        """Publish bytes: as the plain source for plain types, otherwise as the case system.

        Further headers are named with `_` for `-`.
        """
        plain = kind in PLAIN_TYPES if as_plain is None else as_plain
        who = self.plain if plain else self.publishing
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            EVENTS, content=body, params=query, headers={**who, "content-type": kind, **named}
        )

    def get(self, path: str, held: str | None = None, /, **query: str) -> Response:
        """Read as Havering's analyst, under the shipped agreement; `held` are tags that it has."""
        condition = {} if held is None else {"if-none-match": held}
        return self.client.get(path, params={**WHY, **query}, headers={**self.reading, **condition})

    def plain_event(self, **changes: JsonValue) -> Json:
        """Give a valid event as a plain source sends it; `changes` replace header fields."""
        event = self.publisher.event(source=PLAIN)
        subject: Json = {
            "pseudonym": token(),
            "restricted": {"date_of_birth": "2017-03-04", "name": "Invented Child"},
            "role": "child",
            "shared": {"age_band": "5-9", "primary_need": "N1", "sex": "female"},
        }
        data: Json = {"facts": {"source_code": "2A"}, "subjects": [subject]}
        return {**event, "data": data, **changes}

    def publisher_of_plain_source(self) -> Publisher:
        """Give a publisher that signs for the plain source, with Havering's keys."""
        made = self.rig.stranger(PLAIN)
        made.signer, made.key = self.publisher.signer, self.publisher.key
        return made

    def project(self) -> None:
        """Fold everything into the views."""
        rules = FoldingRules(
            open_entries=lambda ledger, entries: self.rig.stands[ledger].opening.events(entries),
            projections=PROJECTIONS,
            takes=_every_purpose,
        )
        ledgers = {name: stand.ledger for name, stand in self.rig.stands.items()}
        projector = Projector(ledgers, lambda: self.views, rules)
        projector.watch = self.watch
        while projector.step():
            pass

    def refusals(self, ledger: str = "havering") -> list[tuple[str, ...]]:
        """Give the codes of every refusal that a ledger holds, in order."""
        return [facts.codes for facts in self.rig.stands[ledger].refusals()]


def _every_purpose(_: Header) -> bool:
    return True


def problem_in(response: Response, status: int, code: str) -> Problem:
    """Give the problem that a response is, having checked all that every problem has."""
    assert response.status_code == status, response.content
    assert response.headers["content-type"] == PROBLEM_TYPE
    assert response.headers["cache-control"] == "no-store"
    assert ("retry-after" in response.headers) == (status == 503)
    assert ("www-authenticate" in response.headers) == (status == 401)
    told = Problem.model_validate_json(response.content)
    assert (told.status, told.type) == (status, f"urn:bhr:problem:{code}")
    assert told.title == TITLES[status]
    return told


def faults_in(told: Problem) -> set[tuple[int, str, str]]:
    """Give event, place and code of everything that a problem says is wrong."""
    return {(one.event, one.place, one.code) for one in told.faults or ()}


def asked(
    door: HttpRig,
    messages: Iterator[Message],
    headers: Mapping[str, str],
    *,
    app: ASGIApp | None = None,
) -> Response:
    """Publish in the server's own messages, given one by one: as no client would send them.

    After the last the sender is silent.
    """
    answer = asyncio.run(_asked(app or door.app, messages, {**door.publishing, **headers}))
    begun = next(one for one in answer if one["type"] == "http.response.start")
    body = b"".join(one.get("body", b"") for one in answer)
    return Response(begun["status"], headers=begun["headers"], content=body)


async def _asked(
    app: ASGIApp, messages: Iterator[Message], headers: Mapping[str, str]
) -> list[Message]:
    answer: list[Message] = []

    async def receive() -> Message:
        for message in messages:
            return message
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answer.append(message)

    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": EVENTS,
        "raw_path": EVENTS.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await app(scope, receive, send)
    return answer


@contextmanager
def open_door() -> Iterator[HttpRig]:
    """Give a served hub, and stop its writers afterwards."""
    with open_rig() as rig:
        door = HttpRig(rig)
        with door.client:
            yield door
