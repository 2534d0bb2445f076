"""Opening a hub's home: settings in, services out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from adapters.assembly.answered import proves_by
from adapters.assembly.erasing import Erasing, erasing
from adapters.assembly.folding import VERSIONS, folding_rules
from adapters.assembly.guarding import Lookout, lookout_of
from adapters.assembly.identities import WallClock, embedded_issuer, identity
from adapters.assembly.key_stores import open_key_store
from adapters.assembly.ledgers import ledgers_of
from adapters.assembly.nudging import nudging
from adapters.assembly.parked import Parked
from adapters.assembly.stands import Bench, Stand, stand_on, wire
from adapters.assembly.view_stores import generations_of, locks_of
from adapters.assembly.wrapping import wrapping
from adapters.identity.tokens import EmbeddedIssuer
from adapters.identity.trust_file import TrustFile
from adapters.keys import signing
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation
from adapters.keys.intake_keys import published
from adapters.keys.sealed_file import Purpose, open_sealed
from adapters.keys.signing import Ed25519Signer
from adapters.ledger.late import LateLedger
from adapters.settings import HubHome
from adapters.views.generations import Generations
from domain.errors import HomeNotReady
from domain.reference.body_keys import fingerprint
from domain.reference.participants import PARTNERSHIP
from services.answering import Answering, Means
from services.audit.handing_over import HandingOver
from services.committing import Committer
from services.confirming import Confirming
from services.custody import KeyCustody
from services.deciding import Deciding
from services.explaining import Explaining
from services.fetching import Fetching, Shelf
from services.folding import FoldingRules
from services.hub import Hub, OtherViews
from services.hub_events import HubEvents
from services.leases import Leases
from services.log_ports import ProvenLedger
from services.log_reading import LogReading
from services.notices import Notices
from services.plain import PlainDesk, PlainPublishing
from services.plain_sessions import PlainSessions, SealingMeans
from services.ports import Clock
from services.projecting import Projector
from services.publishing import Publishing
from services.querying import Querying
from services.queued_answers import QueuedAnswers
from services.reading import ReadingDesk
from services.receipts import Receipts
from services.redriving import Redriving
from services.registering import Registering
from services.registry import Registry
from services.releases.publishing import Releasing
from services.releases.reading import ReleaseReading
from services.releases.solver import Solver
from services.rewrapping import Rewrapped
from services.source_numbers import SourceNumbers
from services.taking import Books, Desk, Taking
from services.trust import Belief
from services.views import ViewStore
from services.watching import Watch, unwatched

HUB_PURPOSES: tuple[Purpose, ...] = ("hub-signing", "token-issuer")


@dataclass(frozen=True, slots=True)
class HubKeys:
    """The hub's opened secrets, but for the one that wraps its data keys (`wrapping`)."""

    signing: bytes = field(repr=False)
    token_issuer: bytes = field(repr=False)


def open_hub_keys(home: HubHome, passphrase: str) -> HubKeys:
    """Open the hub's key files; raises HomeNotReady or NotOpened."""
    refuse_no_home(home)
    return HubKeys(
        *(
            open_sealed(home.key_file(one), passphrase, purpose=one, owner=PARTNERSHIP)
            for one in HUB_PURPOSES
        )
    )


def refuse_no_home(home: HubHome) -> None:
    """Raise HomeNotReady where no keys were made."""
    if not home.key_files.is_dir():
        raise HomeNotReady(f"{home.folder} is no hub's home yet: run `bhr keys init`")


@dataclass(frozen=True, slots=True)
class Rooms:
    """An open hub: its services, and what commands and workers need beside them."""

    hub: Hub
    registering: Registering
    releasing: Callable[[], Releasing]
    """Loads the solver: for who publishes a release alone."""
    issuer: EmbeddedIssuer
    projector: Projector
    redriving: Redriving
    generations: Generations
    rules: FoldingRules
    ledgers: Mapping[str, ProvenLedger]
    committers: Mapping[str, Committer]
    erasing: Erasing
    handing_over: HandingOver
    custody: KeyCustody
    events: HubEvents
    lookout: Lookout
    hub_public: bytes
    stands: Mapping[str, Stand]
    rewrapped: Rewrapped | None = None
    """What was left to do of replacing the key-encryption key, and was done on opening."""


@contextmanager
def open_hub(
    home: HubHome,
    passphrase: str,
    *,
    demo: bool = False,
    clock: Clock | None = None,
    watch: Watch = unwatched,
) -> Iterator[Rooms]:
    """Open a hub's home; what was queued is finished before it closes.

    Raises HomeNotReady or NotOpened.
    """
    keys = open_hub_keys(home, passphrase)
    with ExitStack() as closing:
        wrapped = closing.enter_context(wrapping(home, passphrase, VERSIONS))
        with wrapped.encryption.steady():
            store = open_key_store(home)
        closing.callback(store.close)
        ledgers = closing.enter_context(ledgers_of(home, demo=demo, clock=clock))
        bench = Bench(
            store,
            KeyCustody(store, wrapped.encryption, steady=wrapped.encryption.steady),
            AesGcmCipher(),
            clock or WallClock(),
            watch,
        )
        stands = {name: stand_on(ledger, bench) for name, ledger in ledgers.items()}
        committers = {name: stand.committer for name, stand in stands.items()}
        closing.enter_context(nudging(home, ledgers, committers))
        for committer in committers.values():
            closing.callback(committer.close)
        generations = generations_of(home, wrapped.encryption, steady=wrapped.encryption.steady)
        closing.callback(generations.close)
        generations.sweep()
        rooms = _rooms(home, keys, bench, stands, generations)
        leases = Leases(locks_of(home), list(ledgers))
        closing.callback(leases.close)
        rooms.projector.shared_out = leases.look
        rooms.projector.watch = watch
        for name, committer in rooms.committers.items():
            rooms.lookout.stand_before(committer, name)
        _resume(rooms, ledgers)
        wrapped.settle(rooms.custody, rooms.ledgers[PARTNERSHIP], rooms.events)
        yield replace(rooms, rewrapped=wrapped.rewrapped)


def _resume(rooms: Rooms, ledgers: Mapping[str, object]) -> None:
    """Destroy what ledgers say is destroyed; what one says that opens late, when it does."""
    for ledger in ledgers.values():
        if isinstance(ledger, LateLedger):
            ledger.when_opened = rooms.erasing.carrying_out.resume
    rooms.erasing.carrying_out.resume()


def _rooms(
    home: HubHome,
    keys: HubKeys,
    bench: Bench,
    stands: Mapping[str, Stand],
    generations: Generations,
) -> Rooms:
    registry = _registry(home, stands[PARTNERSHIP], bench.clock)
    committers = {name: stand.committer for name, stand in stands.items()}
    events = HubEvents(committers, bench.clock)
    issuer = embedded_issuer(keys.token_issuer, bench.clock)
    signer = Ed25519Signer(keys.signing)
    ledgers = {name: stand.ledger for name, stand in stands.items()}
    openings = {name: stand.opening for name, stand in stands.items()}
    rules = folding_rules(openings, registry)
    parked = Parked(ledgers, openings, bench.custody, events)
    desk = Desk(signer, fingerprint("hub", signer.public), signing.verify)
    deciding = Deciding(registry, signing.verify)
    erase = erasing(bench, stands, deciding, events)
    doors = _Doors(desk, issuer, generations.live, erase, partial(published, home.intake_keys))
    registering = Registering(registry, events, PARTNERSHIP)
    return Rooms(
        hub=_hub(bench, stands, deciding, events, doors),
        registering=registering,
        releasing=lambda: Releasing(generations.live, registering, _solver(), VERSIONS),
        issuer=issuer,
        projector=Projector(ledgers, generations.live, rules, parked.parking(VERSIONS).record),
        redriving=parked.redriving(),
        generations=generations,
        rules=rules,
        ledgers=ledgers,
        committers=committers,
        erasing=erase,
        handing_over=HandingOver(deciding, ledgers, openings, events),
        custody=bench.custody,
        events=events,
        lookout=lookout_of(home, ledgers, generations.folded, bench.clock),
        hub_public=signer.public,
        stands=stands,
    )


def _registry(home: HubHome, book: Stand, clock: Clock) -> Registry:
    belief = Belief(TrustFile(home.trust), signing.verify)
    return Registry(book.ledger, book.opening, belief, clock)


@dataclass(frozen=True, slots=True)
class _Doors:
    """What the hub answers with."""

    desk: Desk
    issuer: EmbeddedIssuer
    views: Callable[[], ViewStore]
    erasing: Erasing
    intake_key: Callable[[], bytes | None]


def _hub(
    bench: Bench,
    stands: Mapping[str, Stand],
    deciding: Deciding,
    events: HubEvents,
    doors: _Doors,
) -> Hub:
    registry = deciding.registry
    books = {one: Books(s.ledger, s.committer, s.sessions) for one, s in stands.items()}
    shelves = {one: Shelf(s.ledger, s.opening, s.sessions) for one, s in stands.items()}
    taking = Taking(books, registry, events, doors.desk)
    means = SealingMeans(bench.cipher, HybridEncapsulation(), bench.clock)
    openings = {name: stand.opening for name, stand in stands.items()}
    plain = PlainDesk(bench.custody, openings, PlainSessions(registry, events, means), bench.clock)
    desk = ReadingDesk(deciding, events, PARTNERSHIP)
    proven = {name: stand.ledger for name, stand in stands.items()}
    views = Means(doors.views, proven, VERSIONS, proves=proves_by(proven))
    answering = Answering(views, registry, desk)
    answering.watch = taking.watch = bench.watch
    notices = Notices(shelves, registry)
    return Hub(
        identity=identity(doors.issuer, bench.clock),
        erasures=doors.erasing.answers,
        decisions=doors.erasing.decisions,
        publishing=Publishing(taking, deciding, wire()),
        queued=QueuedAnswers(proven, taking, doors.intake_key),
        plain=PlainPublishing(taking, deciding, wire(), plain),
        querying=Querying(answering),
        others=OtherViews.of(answering),
        explaining=Explaining(registry, desk, events, doors.views),
        fetching=Fetching(shelves, deciding, notices, events),
        notices=notices,
        numbers=SourceNumbers(taking, shelves, events),
        confirming=Confirming(deciding, notices, events),
        registry=registry,
        releases=ReleaseReading(answering, desk),
        taking=taking,
        logs=LogReading(proven, registry, events),
        receipts=Receipts(proven, shelves, registry),
    )


def _solver() -> Solver:
    from adapters.suppression.highs import Highs  # noqa: PLC0415 - SciPy takes half a second to import

    return Highs()
