"""Setting the stage: homes, keys, trust, reference data and tokens.

What takes people and telephones in earnest (comparing fingerprints, carrying the recovery key off)
is done here by one process, because every body is played by one machine.
"""

from __future__ import annotations

import datetime
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from adapters.assembly import ceremonies
from adapters.assembly.deciding import sign_decision
from adapters.assembly.hub import Rooms, open_hub
from adapters.assembly.identities import open_issuer, trust_file
from adapters.assembly.ledgers import init_ledger
from adapters.assembly.stepped_clock import SteppedClock
from adapters.demonstration.loads import Load
from adapters.log_settings import POLICY_VARIABLE, LogSettings, write_log
from adapters.reference.police_figures import AGENCY
from adapters.reference.shipped import AGREEMENT as AGREEMENT_FILE
from adapters.reference.shipped import (
    PARTICIPANTS,
    documents_for,
    shipped_document,
    shipped_documents,
)
from adapters.returns.published_figures import Authority, PublishedTable
from adapters.settings import (
    HOME_VARIABLE,
    BoroughHome,
    BoroughSettings,
    borough_home,
    hub_home,
    write_borough,
)
from domain.decisions import AgreementBound, AgreementDecision
from domain.reference import participants
from domain.reference.agreements import Agreement
from domain.reference.body_keys import fingerprint
from domain.reference.documents import read_as
from domain.reference.participants import PARTNERSHIP, Participants
from domain.values import to_bytes, to_text
from domain.vocabulary.offices import RightGranted
from services.ports import Caller
from services.trust import Vouched

COST = 2**12
"""scrypt's n for keys that are thrown away when the demonstration ends."""
AGREEMENT = "bhr-themes@1"
PURPOSE = "partnership-themes"
OFFICE = "analyst"
TOKEN_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True)
class Feed:
    """A source: what `participant` tells of an authority; the authority's own has no `name`."""

    about: Authority
    participant: str
    name: str = ""

    @property
    def source(self) -> str:
        """What it publishes as."""
        return f"/participants/{self.participant}/{self.name or 'children-social-care'}"

    def home(self) -> BoroughHome:
        """Give the home that it publishes from."""
        return borough_home(self.participant, self.name)


@dataclass(frozen=True, slots=True)
class Stage:
    """A demonstration that is set up: where, on which port, who plays in it, and what."""

    folder: Path
    passphrase: str
    port: int
    table: PublishedTable
    loads: tuple[Load, ...]

    def url(self) -> str:
        """Give the hub's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def years(self) -> tuple[int, ...]:
        """Years that are loaded, each ending on its 31 March, earliest first."""
        return tuple(dict.fromkeys(load.year for load in self.loads))

    @property
    def authorities(self) -> tuple[Authority, ...]:
        """Everyone with figures in any of the years, by code, called as in the last of them."""
        found = {one.code: one for year in self.years for one in self.table.authorities(year)}
        return tuple(one for _, one in sorted(found.items()))

    @property
    def police(self) -> str | None:
        """The police command that serves these authorities, where the shipped draft knows one."""
        return AGENCY if _is_drafted_for(self.authorities) else None

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Every source that publishes: each authority's, and the police command's about each."""
        own = (Feed(one, one.slug) for one in self.authorities)
        police = self.police
        about = (Feed(one, police, one.slug) for one in self.authorities if police)
        return (*own, *about)

    def clock(self) -> SteppedClock:
        """Give the clock that all play by."""
        return SteppedClock(self.folder / "clock")

    def file_of(self, authority: Authority, year: int) -> Path:
        """Give where an authority's invented return stands."""
        return self.folder / "returns" / f"CIN_{authority.code}_{year}.xml"

    @property
    def policy(self) -> Path:
        """Whose cosignatures are enough."""
        return self.folder / "policy"

    @property
    def reader_token(self) -> Path:
        """Where the token of the analyst stands who reads the views."""
        return self.folder / "reader.token"

    def step(self, load: Load | None = None) -> None:
        """Begin a load's day, or come back to the machine's own; tokens are handed out anew."""
        clock = self.clock()
        moment = load.moment() if load else None
        if moment is None:
            clock.step_home()
        else:
            clock.step_to(moment)
        _hand_out_tokens(self, clock)


def arrangements_begin() -> datetime.date:
    """Give the first day of the shipped agreement: nothing is recorded under it before."""
    agreement = read_as(Agreement, shipped_document(AGREEMENT_FILE).raw)
    return datetime.date.fromisoformat(agreement.effective_from)


def set_stage(folder: Path, table: PublishedTable, loads: tuple[Load, ...], port: int) -> Stage:
    """Set everything up in an empty folder, on the day of the first load."""
    os.environ[HOME_VARIABLE] = str(folder)
    os.environ.pop(POLICY_VARIABLE, None)  # the machine's own witnesses have no part in this
    stage = Stage(folder, secrets.token_urlsafe(24), port, table, loads)
    recovery = folder / "recovery.json"
    ceremonies.make_recovery(recovery, stage.passphrase, cost=COST)
    public = recovery.with_name("recovery.json.pub")
    since = loads[0].day.isoformat() if loads[0].day else None
    ceremonies.make_hub(hub_home(), stage.passphrase, public, cost=COST, since=since)
    write_log(hub_home(), LogSettings(name="demo.invalid"))
    stage.step(loads[0])
    init_ledger(hub_home(), PARTNERSHIP, demo=True)
    with open_hub(hub_home(), stage.passphrase, demo=True, clock=stage.clock()) as rooms:
        _register_documents(rooms, stage.authorities)
        for authority in stage.authorities:
            init_ledger(hub_home(), authority.slug, demo=True)
        _make_bodies(stage, public)
        bodies = tuple(dict.fromkeys(feed.participant for feed in stage.feeds))
        for body in bodies:
            _introduce(rooms, body, bodies)
            _bind(stage, rooms, body)
        for authority in stage.authorities:
            _grant_reading(rooms, authority)
    (folder / "returns").mkdir()
    stage.step(loads[0])
    return stage


def _is_drafted_for(authorities: tuple[Authority, ...]) -> bool:
    """Say whether the shipped documents are drafted for just these authorities."""
    shipped = read_as(Participants, shipped_document(PARTICIPANTS).raw)
    drafted_for = {one.la_code for one in shipped.participants if one.kind == "borough"}
    return drafted_for == {one.code for one in authorities}


def _register_documents(rooms: Rooms, authorities: tuple[Authority, ...]) -> None:
    ours = [participants.Authority(one.slug, one.name, one.code, one.gss) for one in authorities]
    same = _is_drafted_for(authorities)
    for one in shipped_documents() if same else documents_for(ours):
        rooms.registering.register(one.raw)
    rooms.registering.register(hub_home().public_keys.read_bytes())


def _make_bodies(stage: Stage, recovery: Path) -> None:
    """Make every body's home: keys once, and settings for each of its sources."""
    linkage = secrets.token_bytes(32)
    day = stage.loads[0].day
    since = day.isoformat() if day else None
    for feed in stage.feeds:
        home = feed.home()
        fresh = not home.folder.exists()
        said = BoroughSettings(
            agreement=AGREEMENT,
            authority=feed.about.code,
            hub=stage.url(),
            ledger=feed.about.slug,
            participant=feed.participant,
            purpose=PURPOSE,
            source=feed.source,
        )
        write_borough(home, said)
        if fresh:
            ceremonies.make_borough(home, stage.passphrase, recovery, cost=COST, since=since)
        if not feed.name:
            ceremonies.make_linkage(home, stage.passphrase, recovery, secret=linkage, cost=COST)


def _introduce(rooms: Rooms, body: str, bodies: tuple[str, ...]) -> None:
    """Let hub and body believe each other's keys, and the body the others' to seal parts to."""
    home = borough_home(body)
    rooms.registering.register(home.public_keys.read_bytes())
    ours, theirs = trust_file(None), trust_file(body)
    marks = ceremonies.fingerprints(home)
    ours.add(Vouched(body, "signing", to_bytes(marks["signing"])))
    ours.add(Vouched(body, "deciding", to_bytes(marks["deciding"])))
    for other in bodies:
        mark = to_bytes(ceremonies.fingerprints(borough_home(other))["recipient"])
        theirs.add(Vouched(other, "recipient", mark))
        if other == body:
            ours.add(Vouched(body, "recipient", mark))
    theirs.add(Vouched(PARTNERSHIP, "hub", fingerprint("hub", rooms.hub_public)))


def _bind(stage: Stage, rooms: Rooms, body: str) -> None:
    """Have a body sign the agreement that was registered, as its director would."""
    digest = rooms.hub.registry.agreement_digest(AGREEMENT)
    about = AgreementBound(agreement=AGREEMENT, digest=to_text(digest or b""))
    signed = sign_decision(
        borough_home(body),
        stage.passphrase,
        "director",
        lambda heading: AgreementDecision(about=about, **asdict(heading)),
        clock=stage.clock(),
    )
    rooms.hub.decisions.record(signed)


def _grant_reading(rooms: Rooms, authority: Authority) -> None:
    """Give an authority's director and analyst the right to read live figures."""
    for office in (OFFICE, "director"):
        facts = RightGranted.Facts(
            effective_from=rooms.hub.registry.today(),
            office=office,
            participant=authority.slug,
            purposes=(PURPOSE,),
            right="live",
        )
        rooms.registering.grant(facts)


def _hand_out_tokens(stage: Stage, clock: SteppedClock) -> None:
    """Give everybody a token that holds from now on: a step leaves those of before behind."""
    issuer = open_issuer(hub_home(), stage.passphrase, clock=clock)
    reader = Caller(stage.authorities[0].slug, None, OFFICE, "demonstration")
    _replace(stage.reader_token, issuer.mint(reader, life_seconds=TOKEN_SECONDS))
    for feed in stage.feeds:
        if feed.home().folder.is_dir():
            caller = Caller(feed.participant, feed.source, None, "demonstration")
            _replace(feed.home().token, issuer.mint(caller, life_seconds=TOKEN_SECONDS))


def _replace(path: Path, token: str) -> None:
    """Put a token in its place at once: somebody may be reading the one before."""
    fresh = path.with_suffix(".fresh")
    fresh.touch(mode=0o600)
    fresh.write_text(token, encoding="ascii")
    fresh.replace(path)
