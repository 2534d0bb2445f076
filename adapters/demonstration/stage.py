"""Setting the stage: homes, keys, trust, reference data, tokens and invented returns.

What takes people and telephones in earnest (comparing fingerprints, carrying the recovery key off)
is done here by one process, because every body is played by one machine.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly import ceremonies
from adapters.assembly.hub import Rooms, init_ledger, init_ledgers, open_hub
from adapters.assembly.identities import trust_file
from adapters.reference.shipped import (
    PARTICIPANTS,
    documents_for,
    shipped_document,
    shipped_documents,
)
from adapters.returns.invented import write_invented_return
from adapters.returns.published_figures import Authority, PublishedTable
from adapters.settings import (
    HOME_VARIABLE,
    BoroughSettings,
    borough_home,
    hub_home,
    write_borough,
)
from domain.reference import participants
from domain.reference.body_keys import fingerprint
from domain.reference.documents import read_as
from domain.reference.participants import PARTNERSHIP, Participants
from domain.values import to_bytes
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
class Stage:
    """A demonstration that is set up: where, on which port, and who plays in it."""

    folder: Path
    passphrase: str
    port: int
    year: int
    authorities: tuple[Authority, ...]
    reader_token: str

    def url(self) -> str:
        """Give the hub's address."""
        return f"http://127.0.0.1:{self.port}"

    def file_of(self, authority: Authority) -> Path:
        """Give where an authority's invented return stands."""
        return self.folder / "returns" / f"CIN_{authority.code}_{self.year}.xml"


def set_stage(folder: Path, table: PublishedTable, year: int, port: int) -> Stage:
    """Set everything up in an empty folder."""
    os.environ[HOME_VARIABLE] = str(folder)
    authorities = table.authorities(year)
    passphrase = secrets.token_urlsafe(24)
    recovery = folder / "recovery.json"
    ceremonies.make_recovery(recovery, passphrase, cost=COST)
    public = recovery.with_name("recovery.json.pub")
    ceremonies.make_hub(hub_home(), passphrase, public, cost=COST)
    stage = Stage(folder, passphrase, port, year, authorities, "")
    init_ledgers(hub_home(), passphrase, demo=True)
    linkage = secrets.token_bytes(32)
    with open_hub(hub_home(), passphrase, demo=True) as rooms:
        _register_documents(rooms, authorities)
        for authority in authorities:
            init_ledger(hub_home(), authority.slug, demo=True)
            _make_borough(stage, authority, public, linkage)
            _introduce(rooms, authority)
        token = _reader(rooms, authorities[0])
    _write_returns(stage, table)
    return Stage(folder, passphrase, port, year, authorities, token)


def _register_documents(rooms: Rooms, authorities: tuple[Authority, ...]) -> None:
    ours = [participants.Authority(one.slug, one.name, one.code, one.gss) for one in authorities]
    shipped = read_as(Participants, shipped_document(PARTICIPANTS).raw)
    drafted_for = {(one.la_code, one.code) for one in shipped.boroughs(rooms.hub.registry.today())}
    same = drafted_for == {(one.la_code, one.code) for one in ours}
    for one in shipped_documents() if same else documents_for(ours):
        rooms.registering.register(one.raw)
    rooms.registering.register(hub_home().public_keys.read_bytes())


def _make_borough(stage: Stage, authority: Authority, recovery: Path, linkage: bytes) -> None:
    home = borough_home(authority.slug)
    said = BoroughSettings(
        agreement=AGREEMENT,
        authority=authority.code,
        hub=stage.url(),
        participant=authority.slug,
        purpose=PURPOSE,
        source=f"/participants/{authority.slug}/children-social-care",
    )
    write_borough(home, said)
    ceremonies.make_borough(home, stage.passphrase, recovery, cost=COST)
    ceremonies.make_linkage(home, stage.passphrase, recovery, secret=linkage, cost=COST)


def _introduce(rooms: Rooms, authority: Authority) -> None:
    """Let hub and borough believe each other's keys, and give the borough its token."""
    home = borough_home(authority.slug)
    rooms.registering.register(home.public_keys.read_bytes())
    marks = ceremonies.fingerprints(home)
    ours, theirs = trust_file(None), trust_file(authority.slug)
    ours.add(Vouched(authority.slug, "signing", to_bytes(marks["signing"])))
    ours.add(Vouched(authority.slug, "recipient", to_bytes(marks["recipient"])))
    theirs.add(Vouched(authority.slug, "recipient", to_bytes(marks["recipient"])))
    theirs.add(Vouched(PARTNERSHIP, "hub", fingerprint("hub", rooms.hub_public)))
    source = f"/participants/{authority.slug}/children-social-care"
    caller = Caller(authority.slug, source, None, "demonstration")
    home.token.touch(mode=0o600)
    home.token.write_text(rooms.issuer.mint(caller, life_seconds=TOKEN_SECONDS), encoding="ascii")


def _reader(rooms: Rooms, authority: Authority) -> str:
    """Give an analyst of the first authority the right to read live figures, and a token."""
    facts = RightGranted.Facts(
        effective_from=rooms.hub.registry.today(),
        office=OFFICE,
        participant=authority.slug,
        purposes=(PURPOSE,),
        right="live",
    )
    rooms.registering.grant(facts)
    caller = Caller(authority.slug, None, OFFICE, "demonstration")
    return rooms.issuer.mint(caller, life_seconds=TOKEN_SECONDS)


def _write_returns(stage: Stage, table: PublishedTable) -> None:
    (stage.folder / "returns").mkdir(exist_ok=True)
    for authority in stage.authorities:
        with stage.file_of(authority).open("wb") as target:
            write_invented_return(target, table, year=stage.year, authority=authority)
