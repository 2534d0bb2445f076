"""A stage for journeys: one hub and the boroughs around it, each on a machine of its own.

What takes people and telephones in earnest is done here as the demonstration does it, but with no
home beside another: `BHR_HOME` of each body is a folder that no other body is told of.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from adapters.assembly import ceremonies
from adapters.assembly.borough import borough_client
from adapters.assembly.bringing_up import init_ledgers
from adapters.assembly.deciding import sign_decision
from adapters.assembly.hub import Rooms, open_hub
from adapters.assembly.ledgers import init_ledger
from adapters.client.http_hub import HttpHub, HubAddress
from adapters.identity.trust_file import TrustFile
from adapters.reference.shipped import AGREEMENT as AGREEMENT_FILE
from adapters.reference.shipped import shipped_document, shipped_documents
from adapters.settings import BoroughHome, BoroughSettings, HubHome, write_borough
from adapters.stores_settings import Stores
from domain.canonical import JsonValue, canonical, strict_json
from domain.decisions import AgreementBound, AgreementDecision
from domain.logged_checkpoint import is_event
from domain.reference.body_keys import fingerprint
from domain.reference.participants import PARTNERSHIP
from domain.values import to_bytes, to_text
from domain.vocabulary.offices import RightGranted
from services.borough.client import BoroughClient
from services.ports import Caller, Ledger
from services.trust import Vouched
from tests.journeys.machines import PATIENCE_S, Machine, Running, free_port, listens, wait_until

AUTHORITIES = {"barking-and-dagenham": "301", "havering": "311", "redbridge": "317"}
AGREEMENT, PURPOSE, OFFICE = "bhr-themes@1", "partnership-themes", "analyst"
READER = "redbridge"
"""Whose analyst has the right to read live figures."""
COST = 2**10
"""scrypt's n: the least that a key file may have, for keys of tests."""
TOKEN_S = 12 * 3600
PAGE = 500


def source_of(borough: str) -> str:
    """Give the source that a borough of the stage publishes as."""
    return f"/participants/{borough}/children-social-care"


@dataclass(frozen=True, slots=True)
class Stage:
    """A hub and three boroughs that believe each other; nothing runs yet."""

    folder: Path
    port: int = field(default_factory=free_port)

    def machine(self, body: str) -> Machine:
        """Give a body's machine; its passphrase is its own."""
        return Machine(self.folder / body, f"the passphrase of {body}")

    @property
    def hub(self) -> Machine:
        """Give the hub's machine."""
        return self.machine("hub")

    @property
    def hub_home(self) -> HubHome:
        """Give the hub's home."""
        return HubHome(self.hub.folder / "hub")

    def home(self, borough: str) -> BoroughHome:
        """Give a borough's home."""
        return BoroughHome(self.machine(borough).folder / "boroughs" / borough, borough)

    @property
    def url(self) -> str:
        """Give the hub's address."""
        return f"http://127.0.0.1:{self.port}"

    def recovery(self, body: str) -> Path:
        """Give where a body's offline recovery key lies: on no machine at all."""
        return self.folder / f"recovery-{body}.json"

    def start_hub(self, *options: str, **environment: str) -> Running:
        """Start `bhr serve`, and `bhr project` in it unless told otherwise; gives it listening."""
        running = self.hub.start("serve", "--port", self.port, *options, **environment)
        wait_until(lambda: listens(self.port) or not running.alive(), "the hub listens")
        assert running.alive(), running.said()
        return running

    @contextmanager
    def rooms(self) -> Iterator[Rooms]:
        """Open the hub's home in this process, to look into it or to administer it."""
        with open_hub(self.hub_home, self.hub.passphrase) as rooms:
            yield rooms

    @contextmanager
    def client(self, borough: str, *, patience_s: float = 60.0) -> Iterator[BoroughClient]:
        """Open a borough's client in this process."""
        machine = self.machine(borough)
        with (
            at_home(machine),
            borough_client(borough, machine.passphrase, patience_s=patience_s) as client,
        ):
            yield client

    def read(self, path: str, **query: str) -> Mapping[str, JsonValue]:
        """Read a view over HTTP as the analyst with a right does."""
        with HttpHub(HubAddress(self.url), self.folder / "reader-token") as door:
            asked = {"agreement": AGREEMENT, "purpose": PURPOSE, **query}
            answer = door.get(f"/v1/{path}", list(asked.items()))
        assert answer.status == 200, answer.body
        document = strict_json(answer.body)
        assert isinstance(document, Mapping)
        return document

    def sizes(self) -> dict[str, int]:
        """Give how many entries each borough's ledger has."""
        with self.rooms() as rooms:
            return {name: rooms.ledgers[name].head().size for name in AUTHORITIES}

    def events(self) -> dict[str, int]:
        """Give how many events each borough's ledger has: its own checkpoints come at any time."""
        with self.rooms() as rooms:
            return {name: _events(rooms.ledgers[name]) for name in AUTHORITIES}

    def read_folded(
        self, path: str, within_s: float = PATIENCE_S, **query: str
    ) -> Mapping[str, JsonValue]:
        """Read a view once everything that the boroughs' ledgers hold by now is in it."""
        sizes = self.sizes()
        found: list[Mapping[str, JsonValue]] = []

        def folded() -> bool:
            found[:] = [self.read(path, **query)]
            positions = found[0]["positions"]
            assert isinstance(positions, Mapping)
            folded = {name: positions.get(name, 0) for name in sizes}
            # A serving hub may have logged a checkpoint since: more than enough is enough.
            return all(isinstance(at, int) and at >= sizes[name] for name, at in folded.items())

        wait_until(folded, "everything is folded", within_s=within_s)
        return found[0]


def _events(ledger: Ledger) -> int:
    """Count a ledger's events, a page at a time."""
    pages = (ledger.read(at, PAGE) for at in range(0, ledger.head().size, PAGE))
    return sum(is_event(entry.record) for page in pages for entry in page)


@contextmanager
def at_home(machine: Machine) -> Iterator[None]:
    """Let this process be one of a machine for a while."""
    before = {name: os.environ.get(name) for name in machine.environment()}
    os.environ.update(machine.environment())
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def set_stage(folder: Path, *, waits: bool = True, stores: Stores | None = None) -> Stage:
    """Set everything up in an empty folder: homes, keys, trust, reference data, tokens.

    Ledgers and keys are files, or stand where these stores say. Unless the stage `waits`, its
    bodies agree on erasures for which nobody has to wait.
    """
    stage = Stage(folder)
    agreed = shipped_document(AGREEMENT_FILE).raw
    if not waits:
        agreed = canonical({**json.loads(agreed), "erasure_waiting_days": 0})
    folder.mkdir(mode=0o700)
    stage.hub.folder.mkdir(mode=0o700, parents=True)
    ceremonies.make_recovery(stage.recovery("hub"), "the recovery of hub", cost=COST)
    if stores is not None:
        stage.hub_home.folder.mkdir(mode=0o700)
        stage.hub_home.stores.write_bytes(stores.canonical())
    ceremonies.make_hub(stage.hub_home, stage.hub.passphrase, _public(stage, "hub"), cost=COST)
    init_ledgers(stage.hub_home, stage.hub.passphrase)
    linkage = secrets.token_bytes(32)
    for borough, authority in AUTHORITIES.items():
        init_ledger(stage.hub_home, borough)
        _make_borough(stage, borough, authority, linkage)
    _make_keys(stage, PARTNERSHIP)
    with stage.rooms() as rooms:
        for one in shipped_documents():
            rooms.registering.register(agreed if one.file == AGREEMENT_FILE else one.raw)
        today = rooms.hub.registry.today()
        rooms.registering.register(stage.hub_home.public_keys.read_bytes())
        for borough in AUTHORITIES:
            introduce(stage, rooms, borough)
        for body in (*AUTHORITIES, PARTNERSHIP):
            let_decide(stage, rooms, body)
        _let_read(stage, rooms, today)
    return stage


def _public(stage: Stage, body: str) -> Path:
    recovery = stage.recovery(body)
    return recovery.with_name(f"{recovery.name}.pub")


def _make_borough(stage: Stage, borough: str, authority: str, linkage: bytes) -> None:
    home = stage.home(borough)
    said = BoroughSettings(
        agreement=AGREEMENT,
        authority=authority,
        hub=stage.url,
        participant=borough,
        purpose=PURPOSE,
        source=source_of(borough),
    )
    write_borough(home, said)
    _make_keys(stage, borough)
    passphrase = stage.machine(borough).passphrase
    recovery = _public(stage, borough)
    ceremonies.make_linkage(home, passphrase, recovery, secret=linkage, cost=COST)


def _make_keys(stage: Stage, body: str) -> None:
    ceremonies.make_recovery(stage.recovery(body), f"the recovery of {body}", cost=COST)
    passphrase = stage.machine(body).passphrase
    ceremonies.make_borough(stage.home(body), passphrase, _public(stage, body), cost=COST)


def introduce(stage: Stage, rooms: Rooms, borough: str) -> None:
    """Let hub and borough believe each other's keys, and give the borough its token."""
    home = stage.home(borough)
    rooms.registering.register(home.public_keys.read_bytes())
    marks = {name: to_bytes(text) for name, text in ceremonies.fingerprints(home).items()}
    ours, theirs = TrustFile(stage.hub_home.trust), TrustFile(home.trust)
    ours.add(Vouched(borough, "signing", marks["signing"]))
    ours.add(Vouched(borough, "recipient", marks["recipient"]))
    theirs.add(Vouched(borough, "recipient", marks["recipient"]))
    theirs.add(Vouched(PARTNERSHIP, "hub", fingerprint("hub", rooms.hub_public)))
    caller = Caller(borough, source_of(borough), None, "journey")
    _write_token(home.token, rooms.issuer.mint(caller, life_seconds=TOKEN_S))


def let_decide(stage: Stage, rooms: Rooms, body: str) -> None:
    """Believe a body's deciding key, and have the body sign the registered agreement."""
    home = stage.home(body)
    rooms.registering.register(home.public_keys.read_bytes())
    mark = to_bytes(ceremonies.fingerprints(home)["deciding"])
    TrustFile(stage.hub_home.trust).add(Vouched(body, "deciding", mark))
    digest = rooms.hub.registry.agreement_digest(AGREEMENT)
    assert digest is not None
    about = AgreementBound(agreement=AGREEMENT, digest=to_text(digest))
    signed = sign_decision(
        home,
        stage.machine(body).passphrase,
        "director",
        lambda heading: AgreementDecision(about=about, **asdict(heading)),
    )
    rooms.hub.decisions.record(signed)


def _let_read(stage: Stage, rooms: Rooms, today: str) -> None:
    facts = RightGranted.Facts(
        effective_from=today,
        office=OFFICE,
        participant=READER,
        purposes=(PURPOSE,),
        right="live",
    )
    rooms.registering.grant(facts)
    caller = Caller(READER, None, OFFICE, "journey")
    _write_token(stage.folder / "reader-token", rooms.issuer.mint(caller, life_seconds=TOKEN_S))


def _write_token(path: Path, token: str) -> None:
    path.touch(mode=0o600)
    path.write_text(token, encoding="ascii")
