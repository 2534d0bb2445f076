"""Writing one folded batch, inside a transaction that the caller begins and ends.

Texts and pseudonyms become numbers first, all of a batch at once; then every table is written by
one statement for all its rows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from adapters.views.asking import cut
from adapters.views.forgetting import begin_again, forget, write_keys
from adapters.views.periods import month_of
from adapters.views.restricting import write_days, write_restrictions
from adapters.views.schema import first_entry, place
from adapters.views.tables import Tables
from adapters.views.trait_book import NOTHING_SAID, TraitBook
from domain.keyed import hmac_sha256
from projections.standing import Link
from services.folded import FoldedBatch, FoldedEvent, PositionMoved

_Tag = Callable[[str | None], int]
_NEW_WORD = "INSERT INTO word (text) VALUES (?) RETURNING id"
_KNOWN_WORDS = "SELECT text, id FROM word WHERE text IN ({})"


@dataclass(frozen=True, slots=True)
class Pen:
    """What a batch is written with: the view key, and the numbers of traits."""

    key: bytes
    book: TraitBook


def write(tables: Tables, pen: Pen, batch: FoldedBatch) -> None:
    """Write a batch; raises PositionMoved when another runner was first."""
    ledger = _ledger(tables, batch)
    if batch.anew:
        begin_again(tables, ledger, batch.before, batch.destroyed)
        return
    if batch.destroyed:
        forget(tables, ledger, batch.destroyed, batch.again)
    given = [*batch.again, *batch.events]
    words = _words(tables, given)
    tag: _Tag = functools.cache(functools.partial(keyed_tag, pen.key, batch.ledger))
    _write_links(tables, ledger, words, batch)
    _write_standing(tables, ledger, batch)
    _touch(tables, ledger, batch)
    _write_contributions(tables, (ledger, words, tag), given)
    _write_children(tables, ledger, given, pen, tag)
    _write_told(tables, ledger, words, given)
    write_keys(tables, ledger, pen.key, given)
    write_restrictions(tables, ledger, given, tag)
    write_days(tables, ledger, batch.days)
    _write_apart(tables, ledger, batch)


def _ledger(tables: Tables, batch: FoldedBatch) -> int:
    """Move the ledger's position, if it is still where the batch began; gives its number."""
    if batch.before == 0:
        tables.execute(
            "INSERT INTO ledger (name, position) VALUES (?, 0) ON CONFLICT DO NOTHING",
            [batch.ledger],
        )
    moved = tables.execute(
        "UPDATE ledger SET position = ? WHERE name = ? AND position = ? RETURNING id",
        [batch.after, batch.ledger, batch.before],
    ).fetchall()
    if not moved:
        raise PositionMoved
    number: int = moved[0][0]
    return number


def _words(tables: Tables, events: Sequence[FoldedEvent]) -> dict[str, int]:
    """Number sources, types, cells and tellings: few, and the same again and again."""
    words = {folded.link.source for folded in events}
    words |= {folded.link.kind for folded in events}
    words |= {one.cell for folded in events for one in folded.contributions}
    words |= {telling for folded in events for telling, _ in folded.told}
    numbers: dict[str, int] = {}
    for marks, some in cut(words):
        known = tables.execute(_KNOWN_WORDS.format(marks), some)
        numbers |= dict(known)
    for new in sorted(words - numbers.keys()):
        for (number,) in tables.execute(_NEW_WORD, [new]):
            numbers[new] = number
    return numbers


def _write_links(tables: Tables, ledger: int, words: Mapping[str, int], batch: FoldedBatch) -> None:
    tables.add(
        "link",
        [_link_row(folded.link, ledger, words) for folded in batch.events],
    )
    first = first_entry(ledger)
    tables.add(
        "amending",
        [
            (first + folded.link.position, int(folded.link.withdraws))
            for folded in batch.events
            if folded.link.names is not None
        ],
    )
    tables.each(
        "UPDATE link SET root = ?, depth = ?, withdrawn = ? WHERE event_id = ? AND ledger = ?",
        [
            (
                link.root and link.root.bytes,
                link.depth,
                int(link.withdrawn),
                link.event_id.bytes,
                ledger,
            )
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
        int(link.withdrawn),
    )


def _write_standing(tables: Tables, ledger: int, batch: FoldedBatch) -> None:
    first = first_entry(ledger)
    tables.each(
        "UPDATE standing SET until = ? WHERE entry = ? AND until IS NULL",
        [(one.until, first + one.position) for one in batch.ended],
    )
    tables.add(
        "standing",
        [
            (first + i.position, i.since, i.until, i.day.toordinal(), month_of(i.day))
            for i in batch.begun
        ],
    )


def _touch(tables: Tables, ledger: int, batch: FoldedBatch) -> None:
    """Say in which months events stand, or no longer stand, since this batch."""
    first = first_entry(ledger)
    months = {month_of(one.day) for one in batch.begun}
    for marks, some in cut([first + one.position for one in batch.ended]):
        found = tables.execute(
            f"SELECT DISTINCT month FROM standing WHERE entry IN ({marks})",  # noqa: S608 - marks
            some,
        )
        months |= {row[0] for row in found}
    tables.each(
        "INSERT INTO touched VALUES (?, ?, ?) "
        "ON CONFLICT (ledger, month) DO UPDATE SET position = excluded.position",
        [(ledger, month, batch.after) for month in months],
    )


def _write_contributions(
    tables: Tables,
    numbered: tuple[int, Mapping[str, int], _Tag],
    events: Sequence[FoldedEvent],
) -> None:
    ledger, words, tag = numbered
    first = first_entry(ledger)
    given = {  # given twice is given once
        (words[cell], month, first + folded.link.position, tag(subject), tag(episode))
        for folded in events
        for month in [place(ledger, month_of(folded.link.day))]
        for cell, subject, episode in folded.contributions
    }
    # As the table is, so that each page is looked for once.
    tables.add("contribution", sorted(given))


def _write_children(
    tables: Tables,
    ledger: int,
    events: Sequence[FoldedEvent],
    pen: Pen,
    tag: _Tag,
) -> None:
    """Write for whom each event adds to cells, with what it says of them."""
    first = first_entry(ledger)
    met = [
        (first + folded.link.position, subject, folded.traits.get(subject, NOTHING_SAID))
        for folded in events
        for subject in {one.subject for one in folded.contributions}
    ]
    numbers = pen.book.numbers(tables, {traits for _, _, traits in met})
    tables.add(
        "child",
        [(entry, tag(subject), numbers[traits]) for entry, subject, traits in met],
    )
    linkage_tag = functools.cache(functools.partial(linked_tag, pen.key))
    tables.add(
        "linkage",
        {
            (first + folded.link.position, tag(subject), linkage_tag(*token))
            for folded in events
            for subject, tokens in folded.tokens.items()
            for token in tokens
        },
    )


def _write_told(
    tables: Tables,
    ledger: int,
    words: Mapping[str, int],
    events: Sequence[FoldedEvent],
) -> None:
    first = first_entry(ledger)
    tables.add(
        "told",
        [
            (words[telling], first + folded.link.position, told.key, told.body.canonical())
            for folded in events
            for telling, told in folded.told
        ],
    )


def keyed_tag(key: bytes, ledger: str, pseudonym: str | None) -> int:
    """Give the number that stands for a child or episode; 0 is nobody."""
    if pseudonym is None:
        return 0
    tag = hmac_sha256(key, f"{ledger}\n{pseudonym}".encode())
    return int.from_bytes(tag[:8], "big", signed=True) or 1


def linked_tag(key: bytes, basis: str, key_id: bytes, token: bytes) -> int:
    """Give the number of a linkage token: the same in every ledger, under one basis and key."""
    tag = hmac_sha256(key, b"linkage\n" + basis.encode() + b"\n" + key_id + token)
    return int.from_bytes(tag[:8], "big", signed=True)


def _write_apart(tables: Tables, ledger: int, batch: FoldedBatch) -> None:
    """Write registers, and what stays out of the views."""
    tables.each(
        "INSERT INTO state VALUES (?, ?, ?, ?) "
        "ON CONFLICT (register, ledger, key) DO UPDATE SET state = excluded.state",
        [(one.register, ledger, one.key, one.state) for one in batch.states],
    )
    tables.add(
        "parked",
        [
            (ledger, e.position, e.stream_tag.bytes, e.since, e.reason, e.source, e.sequence)
            for e in batch.parked
        ],
    )
    tables.each(
        "INSERT INTO left_out VALUES (?, ?, ?) ON CONFLICT (ledger, agreement) "
        "DO UPDATE SET entries = left_out.entries + excluded.entries",
        [(ledger, one.agreement, one.entries) for one in batch.left_out],
    )
