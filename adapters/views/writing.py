"""Writing one folded batch, inside a transaction that the caller begins and ends.

Texts and pseudonyms become numbers first, all of a batch at once; then every table is written by
one statement for all its rows.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence

from adapters.views.periods import month_of
from adapters.views.schema import first_entry
from domain.keyed import hmac_sha256
from projections.standing import Link
from services.views import FoldedBatch, PositionMoved

_MOST_PARAMETERS = 500
_KNOWN_WORDS = "SELECT text, id FROM word WHERE text IN ({})"


def write(connection: sqlite3.Connection, key: bytes, batch: FoldedBatch) -> None:
    """Write a batch; raises PositionMoved when another runner was first."""
    ledger = _ledger(connection, batch)
    words = _words(connection, batch)
    _write_links(connection, ledger, words, batch)
    _write_standing(connection, ledger, batch)
    _write_contributions(connection, ledger, words, batch, key)
    _write_apart(connection, ledger, batch)


def cut(values: Collection[object]) -> Iterator[tuple[str, Sequence[object]]]:
    """Cut values into lists that one statement takes, each with its question marks."""
    every = list(values)
    for start in range(0, len(every), _MOST_PARAMETERS):
        some = every[start : start + _MOST_PARAMETERS]
        yield ",".join("?" * len(some)), some


def _ledger(connection: sqlite3.Connection, batch: FoldedBatch) -> int:
    """Move the ledger's position, if it is still where the batch began; gives its number."""
    if batch.before == 0:
        connection.execute(
            "INSERT OR IGNORE INTO ledger (name, position) VALUES (?, 0)", [batch.ledger]
        )
    moved = connection.execute(
        "UPDATE ledger SET position = ? WHERE name = ? AND position = ? RETURNING id",
        [batch.after, batch.ledger, batch.before],
    ).fetchall()
    if not moved:
        raise PositionMoved
    number: int = moved[0][0]
    return number


def _words(connection: sqlite3.Connection, batch: FoldedBatch) -> dict[str, int]:
    """Number the sources, types and cells of a batch: few, and the same again and again."""
    words = {folded.link.source for folded in batch.events}
    words |= {folded.link.kind for folded in batch.events}
    words |= {one.cell for folded in batch.events for one in folded.contributions}
    numbers: dict[str, int] = {}
    for marks, some in cut(words):
        numbers.update(connection.execute(_KNOWN_WORDS.format(marks), some).fetchall())
    for new in sorted(words - numbers.keys()):
        row = connection.execute(
            "INSERT INTO word (text) VALUES (?) RETURNING id", [new]
        ).fetchone()
        numbers[new] = row[0]
    return numbers


def _write_links(
    connection: sqlite3.Connection, ledger: int, words: Mapping[str, int], batch: FoldedBatch
) -> None:
    connection.executemany(
        "INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_link_row(folded.link, ledger, words) for folded in batch.events],
    )
    connection.executemany(
        "UPDATE link SET root = ?, depth = ?, withdrawn = ? WHERE event_id = ? AND ledger = ?",
        [
            (link.root and link.root.bytes, link.depth, link.withdrawn, link.event_id.bytes, ledger)
            for link in batch.changed
        ],
    )


def _link_row(link: Link, ledger: int, words: Mapping[str, int]) -> tuple[object, ...]:
    return (
        link.event_id.bytes,
        ledger,
        link.position,
        words[link.source],
        link.stream_tag.bytes,
        words[link.kind],
        link.day.toordinal(),
        link.names and link.names.bytes,
        link.root and link.root.bytes,
        link.depth,
        link.withdrawn,
    )


def _write_standing(connection: sqlite3.Connection, ledger: int, batch: FoldedBatch) -> None:
    first = first_entry(ledger)
    connection.executemany(
        "UPDATE standing SET until = ? WHERE entry = ? AND until IS NULL",
        [(one.until, first + one.position) for one in batch.ended],
    )
    connection.executemany(
        "INSERT INTO standing VALUES (?, ?, ?, ?, ?)",
        [
            (first + i.position, i.since, i.until, i.day.toordinal(), month_of(i.day))
            for i in batch.begun
        ],
    )


def _write_contributions(
    connection: sqlite3.Connection,
    ledger: int,
    words: Mapping[str, int],
    batch: FoldedBatch,
    key: bytes,
) -> None:
    first = first_entry(ledger)
    tag = functools.cache(functools.partial(keyed_tag, key, batch.ledger))
    connection.executemany(
        "INSERT OR IGNORE INTO contribution VALUES (?, ?, ?, ?)",  # one given twice is given once
        [
            (words[cell], first + folded.link.position, tag(subject), tag(episode))
            for folded in batch.events
            for cell, subject, episode in folded.contributions
        ],
    )


def keyed_tag(key: bytes, ledger: str, pseudonym: str | None) -> int:
    """Give the number that stands for a child or episode; 0 is nobody."""
    if pseudonym is None:
        return 0
    tag = hmac_sha256(key, f"{ledger}\n{pseudonym}".encode())
    return int.from_bytes(tag[:8], "big", signed=True) or 1


def _write_apart(connection: sqlite3.Connection, ledger: int, batch: FoldedBatch) -> None:
    """Write registers, and what stays out of the views."""
    connection.executemany(
        "INSERT INTO state VALUES (?, ?, ?, ?) "
        "ON CONFLICT (register, ledger, key) DO UPDATE SET state = excluded.state",
        [(one.register, ledger, one.key, one.state) for one in batch.states],
    )
    connection.executemany(
        "INSERT INTO parked VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (ledger, e.position, e.stream_tag.bytes, e.since, e.reason, e.source, e.sequence)
            for e in batch.parked
        ],
    )
    connection.executemany(
        "INSERT INTO left_out VALUES (?, ?, ?) "
        "ON CONFLICT (ledger, agreement) DO UPDATE SET entries = entries + excluded.entries",
        [(ledger, one.agreement, one.entries) for one in batch.left_out],
    )
