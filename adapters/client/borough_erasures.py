"""Erasure in the borough's SQLite store: whom it is about, what is heeded, and forgetting."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from adapters.client.borough_outbox import OUTGOING_COLUMNS, OutgoingRow, outgoing_of
from adapters.client.borough_published import PUBLISHED_COLUMNS, PublishedRow, published_of
from adapters.client.store_file import in_lists
from services.borough.pseudonyms import spelled
from services.client_ports import Name, Outgoing, Published
from services.erasing_ports import Asked, Fence

_TAG_BYTES = 16


class SqliteErasures:
    """The `ErasureTable` port: of every source that the file holds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use an open file, inside its transactions."""
        self._connection = connection

    def ask(self, request: uuid.UUID, asked: Asked) -> None:
        """Remember whom a request for erasure is about, until they are forgotten."""
        self._connection.execute(
            "INSERT INTO erasure SELECT ?, coalesce(max(number), 0) + 1, ? FROM erasure",
            (request.bytes, asked.mis_sent),
        )
        self._connection.executemany(
            "INSERT INTO erasure_person (person, request) VALUES (?, ?)",
            ((person, request.bytes) for person in asked.persons),
        )
        self._connection.executemany(
            "INSERT INTO erasure_tag (tag, request) VALUES (?, ?)",
            ((tag, request.bytes) for tag in asked.tags),
        )

    def asked(self) -> Mapping[uuid.UUID, Asked]:
        """Give the requests that are not done, the oldest first."""
        rows = self._connection.execute("SELECT request, mis_sent FROM erasure ORDER BY number")
        return {
            uuid.UUID(bytes=request): Asked(
                self._persons_of(request), bool(mis_sent), self._tags_of(request)
            )
            for request, mis_sent in rows.fetchall()
        }

    def dated(self, tags: Collection[bytes]) -> None:
        """Take these tags from every request."""
        self._each("DELETE FROM erasure_tag WHERE tag = ?", ((tag,) for tag in tags))

    def done(self, request: uuid.UUID) -> None:
        """Forget a request."""
        for table in ("erasure", "erasure_person", "erasure_tag"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE request = ?",  # noqa: S608 - our own words
                (request.bytes,),
            )

    def fences(self) -> frozenset[Fence]:
        """Give every fence that this store heeds."""
        rows = self._connection.execute("SELECT person, since, facts, erased FROM fence")
        return frozenset(
            Fence(person, since, tuple(_cut(facts)), bool(erased))
            for person, since, facts, erased in rows
        )

    def heed(self, fences: Collection[Fence]) -> None:
        """Keep fences as heeded."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO fence (person, since, facts, erased) VALUES (?, ?, ?, ?)",
            ((one.person, one.since, b"".join(one.facts), one.erased) for one in fences),
        )

    def persons(self) -> frozenset[str]:
        """Give every person of whom there is a pseudonym or a published row."""
        rows = self._connection.execute(
            "SELECT key FROM pseudonym WHERE class = 'person'"
            " UNION SELECT person FROM published WHERE scope <> '' AND person <> ''"
        )
        return frozenset(person for (person,) in rows)

    def about(self, persons: Collection[str]) -> list[Published]:
        """Give every row of any source that tells of one of these persons, in any place."""
        return [published_of(row) for row in self._about(persons)]

    def unanswered(self, texts: Collection[str]) -> list[Outgoing]:
        """Give the submissions of any source that wait and hold one of these texts, in order."""
        rows: list[OutgoingRow] = [
            self._connection.execute(
                f"SELECT {OUTGOING_COLUMNS} FROM outbox WHERE number = ?",  # noqa: S608 - our own words
                (number,),
            ).fetchone()
            for number in self._holding(texts, "waiting")
        ]
        return [outgoing_of(row) for row in rows]

    def put(self, submission: uuid.UUID, instead: Outgoing) -> None:
        """Put another submission in the place of one that waits, its rows along."""
        self._connection.execute(
            "UPDATE outbox SET submission = ?, events = ?, statements = ?, document = ?,"
            " renamed = ? WHERE submission = ?",
            (
                instead.submission.bytes,
                b"".join(event.bytes for event in instead.events),
                b"".join(instead.statements),
                instead.document,
                instead.renamed,
                submission.bytes,
            ),
        )
        self._connection.executemany(
            "UPDATE published SET submission = ? WHERE event = ?",
            ((instead.submission.bytes, event.bytes) for event in instead.events),
        )

    def again(self, events: Mapping[uuid.UUID, uuid.UUID | None]) -> None:
        """Make rows pending, whatever they were, each superseding what is given with it."""
        self._each(
            "UPDATE published SET state = 'pending', supersedes = ? WHERE event = ?",
            ((target.bytes if target else None, event.bytes) for event, target in events.items()),
        )

    def forget(
        self, persons: Collection[str], texts: Collection[str], but: Collection[uuid.UUID]
    ) -> frozenset[Name]:
        """Forget persons: rows, pseudonyms, requests; gives the names that were forgotten."""
        kept = {event.bytes for event in but}
        rows = self._about(persons)
        for row in rows:
            self._forget_row(row, persons, kept)
        names: set[Name] = {("person", person) for person in persons}
        own = {row[0] for row in rows if not _others(row, persons)}
        told = [published_of(row) for row in rows]
        names.update(self._free([row.stream for row in told], own, "stream"))
        names.update(self._free([row.episode for row in told], own, "episode"))
        self._each("DELETE FROM pseudonym WHERE class = ? AND key = ?", names)
        self._each("DELETE FROM erasure_person WHERE person = ?", ((one,) for one in persons))
        refused = self._holding(texts, "refused")
        self._each("UPDATE outbox SET document = NULL WHERE number = ?", ((n,) for n in refused))
        self._connection.execute("UPDATE session SET secret = NULL WHERE secret IS NOT NULL")
        return frozenset(names)

    def _forget_row(self, row: PublishedRow, persons: Collection[str], kept: set[bytes]) -> None:
        number, event = row[0], row[1]
        others = _others(row, persons)
        if event in kept:
            return
        if others:
            self._connection.execute(
                "UPDATE published SET person = ?, beside = ? WHERE number = ?",
                (others[0], spelled(tuple(others[1:])), number),
            )
            return
        self._connection.execute("DELETE FROM published WHERE number = ?", (number,))
        if published_of(row).stands():
            self._connection.execute(
                "UPDATE published SET digest = x'' WHERE scope <> '' AND fact = ? AND number < ?",
                (row[9], number),
            )

    def _free(
        self,
        named: Collection[str | None],
        own: Collection[int],
        column: Literal["stream", "episode"],
    ) -> Iterator[Name]:
        """Give those of the named streams or episodes that no row but `own` names."""
        free = {text for text in named if text}
        for marks, some in in_lists(sorted(free)):
            found = self._connection.execute(
                f"SELECT number, {column} FROM published WHERE {column} IN ({marks})",  # noqa: S608 - our own words and question marks
                tuple(some),
            )
            free -= {text for number, text in found if number not in own}
        for text in free:
            yield column, text

    def _about(self, persons: Collection[str]) -> list[PublishedRow]:
        rows: dict[int, PublishedRow] = {}
        listed = sorted(persons)
        for marks, some in in_lists(listed):
            found: list[PublishedRow] = self._connection.execute(
                f"SELECT {PUBLISHED_COLUMNS} FROM published"  # noqa: S608 - our own words and question marks
                f" WHERE scope <> '' AND person IN ({marks})",
                tuple(some),
            ).fetchall()
            rows.update({row[0]: row for row in found})
        for person in listed:
            found = self._connection.execute(
                f"SELECT {PUBLISHED_COLUMNS} FROM published"  # noqa: S608 - our own words
                " WHERE beside <> '' AND instr(beside, ?)",
                (spelled((person,)),),
            ).fetchall()
            rows.update({row[0]: row for row in found if person in published_of(row).beside})
        return [rows[number] for number in sorted(rows)]

    def _holding(self, texts: Collection[str], state: str) -> list[int]:
        """Give the numbers of submissions in a state whose bytes hold one of the texts."""
        found: set[int] = set()
        for text in texts:
            found.update(
                number
                for (number,) in self._connection.execute(
                    "SELECT number FROM outbox WHERE state = ? AND instr(document, ?)",
                    (state, text.encode()),
                )
            )
        return sorted(found)

    def _persons_of(self, request: bytes) -> tuple[str, ...]:
        rows = self._connection.execute(
            "SELECT person FROM erasure_person WHERE request = ? ORDER BY person", (request,)
        )
        return tuple(person for (person,) in rows)

    def _tags_of(self, request: bytes) -> tuple[bytes, ...]:
        rows = self._connection.execute(
            "SELECT tag FROM erasure_tag WHERE request = ? ORDER BY tag", (request,)
        )
        return tuple(tag for (tag,) in rows)

    def _each(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        self._connection.executemany(statement, rows)


def _others(row: PublishedRow, persons: Collection[str]) -> list[str]:
    """Give the persons of a row who are not forgotten."""
    found = published_of(row)
    return [one for one in (found.person, *found.beside) if one not in persons]


def _cut(joined: bytes) -> list[bytes]:
    return [joined[at : at + _TAG_BYTES] for at in range(0, len(joined), _TAG_BYTES)]
