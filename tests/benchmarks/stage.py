"""What is measured: one borough's invented return, its own client, and the hub on disk.

Everything is assembled as `bhr demo` does it, without HTTP between: ledgers, key store and views
are SQLite files, durable as in earnest, and the projector has its keys to fetch like one that runs
in a process of its own.
"""

from __future__ import annotations

import datetime
import itertools
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly.borough import borough_client, borough_source
from adapters.assembly.hub import Rooms, open_hub
from adapters.assembly.stands import stored_models
from adapters.assembly.wrapping import to_read_by
from adapters.demonstration.loads import Load
from adapters.demonstration.stage import Stage, set_stage
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.store import SqliteKeyStore
from adapters.returns.cin_child import Child
from adapters.returns.cin_events import events_of
from adapters.returns.cin_reader import read_cin_census
from adapters.returns.invented import InventedHistory
from adapters.returns.published_figures import shipped_table
from adapters.settings import borough_home, hub_home
from adapters.settled_memory import settle_memory
from domain.logged_checkpoint import checkpoint_in
from domain.values import LONDON
from services.borough.client import BoroughClient
from services.borough.drafting import Draft
from services.custody import KeyCustody
from services.opening import Opening
from services.ports import Caller, StoredEntry
from services.sealing import Sealing
from tests.benchmarks.floors import NotingCipher, Piece

YEAR = 2018
BOROUGH = "havering"
AT_ONCE = 10_000
NO_PORT = 1
"""Nobody listens: what the client would send is handed to the hub."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One borough's client with what it has to say, and the hub's two processes in this one."""

    drafts: list[Draft]
    client: BoroughClient
    caller: Caller
    hub: Rooms
    projector: Rooms
    passphrase: str

    def sent_since(self, number: int) -> list[tuple[int, bytes]]:
        """Give what went into the outbox after a number: numbers, and the bytes to be sent."""
        with closing(sqlite3.connect(borough_home(BOROUGH).store)) as store:
            rows = store.execute(
                "SELECT number, document FROM outbox WHERE number > ? ORDER BY number", (number,)
            )
            return rows.fetchall()

    def pieces(self, entries: list[StoredEntry]) -> list[Piece]:
        """Give every sealed piece that projecting these entries opens, with its key."""
        return pieces_of(BOROUGH, entries, self.passphrase)


def pieces_of(ledger: str, entries: list[StoredEntry], passphrase: str) -> list[Piece]:
    """Give every sealed piece that opening these entries opens, with its key."""
    encryption = to_read_by(hub_home(), passphrase)
    with closing(SqliteKeyStore(hub_home().key_store)) as store:
        custody = KeyCustody(store, encryption)
        cipher = NotingCipher(AesGcmCipher())
        opening = Opening(ledger, Sealing(ledger, cipher, custody), custody, stored_models())
        for entry in entries:
            if checkpoint_in(entry.record) is None:
                opening.event(entry)
    return cipher.pieces


@contextmanager
def open_bench(folder: Path) -> Iterator[Bench]:
    """Set everything up in an empty folder."""
    stage = set_stage(folder, shipped_table(), (Load(YEAR),), NO_PORT)
    drafts = list(_drafts(stage))
    with ExitStack() as closing_all:
        hub = closing_all.enter_context(open_hub(hub_home(), stage.passphrase, demo=True))
        projector = closing_all.enter_context(open_hub(hub_home(), stage.passphrase, demo=True))
        client = closing_all.enter_context(borough_client(BOROUGH, stage.passphrase))
        caller = Caller(BOROUGH, borough_source(BOROUGH), None, "benchmark")
        settle_memory()
        yield Bench(drafts, client, caller, hub, projector, stage.passphrase)


def _drafts(stage: Stage, borough: str = BOROUGH) -> Iterator[Draft]:
    today = datetime.datetime.now(LONDON).date()
    authority = next(one for one in stage.authorities if one.slug == borough)
    year = stage.loads[0].year
    with stage.file_of(authority, year).open("w+b") as source:
        InventedHistory(stage.table, authority.code).write(source, year)
        source.seek(0)
        for child in read_cin_census(source):
            if isinstance(child, Child):
                yield from (told.draft for told in events_of(child, today=today).told)


def filled(
    folder: Path,
    boroughs: Sequence[str],
    most: int,
    drafts: Callable[[Stage, str], Iterator[Draft]] = _drafts,
) -> str:
    """Fill the ledgers of some boroughs with at most so many events each; gives the passphrase."""
    stage = set_stage(folder, shipped_table(), (Load(shipped_table().years[-1]),), NO_PORT)
    with open_hub(hub_home(), stage.passphrase, demo=True) as hub:
        for borough in boroughs:
            caller = Caller(borough, borough_source(borough), None, "benchmark")
            waiting = itertools.islice(drafts(stage, borough), most)
            with borough_client(borough, stage.passphrase) as client:
                while some := list(itertools.islice(waiting, AT_ONCE)):
                    client.publish(some)
            with closing(sqlite3.connect(borough_home(borough).store)) as store:
                for (document,) in store.execute("SELECT document FROM outbox ORDER BY number"):
                    hub.hub.publishing.submit(document, caller)
    return stage.passphrase
