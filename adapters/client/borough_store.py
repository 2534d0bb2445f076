"""The borough's own store on SQLite: pseudonyms, sessions, what was published, the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.client.borough_erasures import SqliteErasures
from adapters.client.borough_fetches import SqliteFetches
from adapters.client.borough_names import SqlitePseudonyms, SqliteSessions
from adapters.client.borough_numbers import SqliteNumbers
from adapters.client.borough_outbox import SqliteOutbox
from adapters.client.borough_published import SqlitePublished
from adapters.client.store_file import StoreFile
from adapters.store_mark import StoreMark

_ADVICE = (
    "what was told since would be told again, under other names and with numbers that were given"
    " out. Put the newest back. Only if it is lost, `bhr borough go-on` asks the hub how far it had"
    " counted, and says what cannot be known any more"
)


class SqliteBoroughStore:
    """The `ErasingStore` port, for one source. Safe between threads and processes."""

    def __init__(self, path: Path, source: str, *, lost: bool = False) -> None:
        """Open the store, making one where there is none; raises HomeNotReady, Unavailable.

        Where the newest is `lost` an older one is opened all the same, to be counted on.
        """
        self._file = StoreFile(path)
        with ExitStack() as unless_opened:
            unless_opened.callback(self._file.close)
            self._mark = StoreMark(path, "borough's store", _ADVICE)
            if not lost:
                self._mark.refuse_another(self._file.life())
            with self._file.transaction():
                number = self._number(source)
            if not lost:
                self._mark.keep(self._file.life())
            unless_opened.pop_all()
        connection = self._file.connection
        self.pseudonyms = SqlitePseudonyms(connection)
        self.sessions = SqliteSessions(connection, number)
        self.numbers = SqliteNumbers(connection, number)
        self.published = SqlitePublished(connection, number)
        self.outbox = SqliteOutbox(connection, number)
        self.erasures = SqliteErasures(connection)
        self.fetches = SqliteFetches(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the store; commits at the end, rolls back when an exception leaves."""
        return self._held()

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._file.transaction():
            before = self._file.life()
            yield
            after = self._file.life()
        if after != before:
            self._mark.keep(after)

    def scrub(self) -> bool:
        """Leave no byte of what was deleted in the files; False while others read them."""
        return self._file.scrub()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _number(self, source: str) -> int:
        self._file.connection.execute(
            "INSERT INTO source (name) VALUES (?) ON CONFLICT (name) DO NOTHING", (source,)
        )
        row: tuple[int] = self._file.connection.execute(
            "SELECT number FROM source WHERE name = ?", (source,)
        ).fetchone()
        return row[0]
