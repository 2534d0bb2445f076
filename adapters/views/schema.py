"""The tables of a view file, what each row holds, and making a file or refusing it.

A contribution says once and for all what an event adds to, `told` what it says, `child` whom it
counts and `linkage` by which tokens they are known elsewhere; `standing` says when it did. So a
correction or withdrawal touches one row, and an event that stands again gets one, however many
cells and children it has. `amending` has the entries that correct or withdraw, which are few.
`touched` says as of which position a month's rows last changed: what was counted in it before then
may be remembered for as long as that stays so. Whatever changes rows must say so there, but for an
erasure, after which nothing is remembered. `keyed` says under which keys the parts of an event are,
`destroyed` which keys are gone; a ledger that is folded anew is read again once it is `again_to`.
`restriction`, `lifting` and `day` say whom questions leave out (`restricting`); `total` has figures
that were counted once (`totals`).

No pseudonym and nothing else of a person stands in a column. Subjects and episodes are numbers: the
first 64 bits of HMAC-SHA-256(view key, ledger ‖ pseudonym). That two of a million children share
one has a chance of one in thirty million; a table that gives out numbers, and its random pages,
made each event half as dear again. A linkage token is re-keyed in the same way, over all ledgers,
since it is there to meet. What is said of a child (age band, sex and the like) stands as the number
of a row of `trait`, where it is sealed under the view key: without that key, which goes with the
file, a number says only who is alike. An `entry` is an event's place over all ledgers, ledger
number × 2^40 + position; a `place` is a month over all ledgers, ledger number × 2^20 + month, so
that a figure reads the rows of its own months alone. Days are proleptic Gregorian ordinals, months
count from year 0.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from adapters.views.door import FileDoor
from adapters.views.tables import Door
from domain.errors import HomeNotReady, Unavailable

_POSITION_BITS = 40
_MONTH_BITS = 20

TABLES = """
CREATE TABLE meta (versions TEXT NOT NULL, forgotten INTEGER NOT NULL DEFAULT 0);
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position INTEGER NOT NULL,
    again_to INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE link (
    event_id BLOB NOT NULL, ledger INTEGER NOT NULL, position INTEGER NOT NULL,
    source INTEGER NOT NULL, stream BLOB NOT NULL, kind INTEGER NOT NULL, day INTEGER NOT NULL,
    names BLOB, root BLOB, depth INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
    PRIMARY KEY (event_id, ledger)
) WITHOUT ROWID;
CREATE INDEX naming ON link (names, ledger) WHERE names IS NOT NULL;
CREATE INDEX corrections ON link (root, ledger, depth, position)
    WHERE names IS NOT NULL AND withdrawn = 0;
CREATE TABLE standing (
    entry INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER,
    day INTEGER NOT NULL, month INTEGER NOT NULL,
    PRIMARY KEY (entry, since)
) WITHOUT ROWID;
CREATE TABLE contribution (
    cell INTEGER NOT NULL, place INTEGER NOT NULL, entry INTEGER NOT NULL,
    subject INTEGER NOT NULL, episode INTEGER NOT NULL,
    PRIMARY KEY (cell, place, entry, subject, episode)
) WITHOUT ROWID;
CREATE TABLE touched (
    ledger INTEGER NOT NULL, month INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (ledger, month)
) WITHOUT ROWID;
CREATE TABLE total (
    asked BLOB NOT NULL, reads INTEGER NOT NULL, number INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, version INTEGER NOT NULL,
    events INTEGER NOT NULL, episodes INTEGER NOT NULL, children INTEGER NOT NULL,
    tag BLOB NOT NULL,
    PRIMARY KEY (asked, reads, number, first, last)
) WITHOUT ROWID;
CREATE TABLE child (
    entry INTEGER NOT NULL, subject INTEGER NOT NULL, trait INTEGER NOT NULL,
    PRIMARY KEY (entry, subject)
) WITHOUT ROWID;
CREATE TABLE trait (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE linkage (
    entry INTEGER NOT NULL, subject INTEGER NOT NULL, token INTEGER NOT NULL,
    PRIMARY KEY (entry, subject, token)
) WITHOUT ROWID;
CREATE TABLE told (
    telling INTEGER NOT NULL, entry INTEGER NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (telling, entry)
) WITHOUT ROWID;
CREATE TABLE restriction (
    entry INTEGER NOT NULL, subject INTEGER NOT NULL, event BLOB NOT NULL, last_day INTEGER,
    PRIMARY KEY (entry, subject)
) WITHOUT ROWID;
CREATE TABLE lifting (entry INTEGER PRIMARY KEY, placed BLOB NOT NULL);
CREATE TABLE day (
    ledger INTEGER NOT NULL, day INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (ledger, day)
) WITHOUT ROWID;
CREATE TABLE keyed (
    entry INTEGER NOT NULL, key INTEGER NOT NULL, PRIMARY KEY (entry, key)
) WITHOUT ROWID;
CREATE TABLE destroyed (
    ledger INTEGER NOT NULL, key BLOB NOT NULL, PRIMARY KEY (ledger, key)
) WITHOUT ROWID;
CREATE TABLE amending (entry INTEGER PRIMARY KEY, withdraws INTEGER NOT NULL);
CREATE TABLE state (
    register TEXT NOT NULL, ledger INTEGER NOT NULL, key TEXT NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (register, ledger, key)
) WITHOUT ROWID;
CREATE TABLE parked (
    ledger INTEGER NOT NULL, position INTEGER NOT NULL, stream BLOB NOT NULL,
    since INTEGER NOT NULL, reason TEXT, source TEXT, sequence INTEGER,
    PRIMARY KEY (ledger, position)
) WITHOUT ROWID;
CREATE INDEX parked_stream ON parked (ledger, stream);
CREATE TABLE left_out (
    ledger INTEGER NOT NULL, agreement TEXT NOT NULL, entries INTEGER NOT NULL,
    PRIMARY KEY (ledger, agreement)
) WITHOUT ROWID;
"""


def first_entry(ledger: int) -> int:
    """Give the entry of a ledger's position 0; its others follow."""
    return ledger << _POSITION_BITS


def place(ledger: int, month: int) -> int:
    """Give the place of a ledger's month; those of its later months follow."""
    return (ledger << _MONTH_BITS) + month


def create(path: Path, versions: str) -> None:
    """Make a view file with empty tables, readable by its owner alone; refuses one that exists."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        raise HomeNotReady(f"{path} exists already; choose another file") from None
    except OSError:
        raise HomeNotReady(f"{path} cannot be made; make its folder writable") from None
    door = FileDoor(path)
    door.script(f"PRAGMA journal_mode = WAL; {TABLES}")
    with door.writing() as tables:
        tables.execute("INSERT INTO meta (versions) VALUES (?)", [versions])
    door.close()


def make(path: Path, versions: str) -> None:
    """Make a view file in one step, so that nobody opens a half; one made meanwhile stays."""
    beside = path.with_name(f"{path.stem}-{secrets.token_hex(8)}.new")
    create(beside, versions)
    try:
        os.link(beside, path)
    except FileExistsError:
        pass  # another process was quicker
    except OSError:
        raise Unavailable("the view store") from None
    finally:
        beside.unlink()


def check_versions(door: Door, versions: str, where: str) -> None:
    """Refuse views that other projections made; raises Unavailable for what cannot be asked."""
    with door.reading() as tables:
        row = tables.execute("SELECT versions FROM meta").fetchone()
    if row is None or row[0] != versions:
        raise HomeNotReady(
            f"{where} was made by other projections than these; run `bhr views rebuild`"
        )
