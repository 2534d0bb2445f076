"""A witness behind a real port, with its book on disk."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.keys.checkpoint_key import ALGORITHMS
from adapters.witnesses import book_file
from adapters.witnesses.application import application
from adapters.witnesses.book import SqliteWitnessBook
from domain.checkpoint import Checkpoint, verified_checkpoint
from domain.signed_note import Note, read_lines
from services.witnessing import Witnessing
from tests.adapters.http.serving import HOST, PATIENCE_S, serving
from tests.fakes_witness import SetClock
from tests.log_rig import SmallLog
from tests.note_rig import WITNESSES

SIGNER = WITNESSES[0]


@dataclass
class Served:
    """A witness that is served."""

    port: int
    book: SqliteWitnessBook
    clock: SetClock
    path: Path

    def said(
        self, method: str, path: str, body: bytes | None = None
    ) -> tuple[int, bytes, str | None]:
        """Ask, and give status, body and content type."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read(), response.getheader("content-type")
        finally:
            connection.close()

    def add(self, body: bytes) -> tuple[int, bytes, str | None]:
        """Ask to cosign."""
        return self.said("POST", "/add-checkpoint", body)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give where an empty book was made."""
    made = tmp_path / "witness" / "witness.sqlite"
    book_file.create(made, SIGNER.key.vkey())
    return made


class Rented:
    """An application in whose place each test puts its own: starting a server takes its time."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.port = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the test's own application does."""
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def rented() -> Iterator[Rented]:
    """Run a server for a module of tests."""
    place = Rented()
    with serving(place) as place.port:
        yield place


@pytest.fixture
def served(path: Path, rented: Rented) -> Iterator[Served]:
    """Serve a witness that serves one log."""
    clock = SetClock()
    with SqliteWitnessBook(path, SIGNER.key.vkey()) as book:
        book.add_log(SmallLog().signers[0].key)
        rented.app = application(Witnessing(book, SIGNER, ALGORITHMS, clock))
        yield Served(rented.port, book, clock, path)


def cosigned(answer: tuple[int, bytes, str | None], checkpoint: Checkpoint) -> int | None:
    """Expect a cosignature over a checkpoint; gives its time."""
    status, body, _ = answer
    assert status == 200
    _, (signed,) = verified_checkpoint(
        Note(checkpoint.text(), read_lines(body)), [SIGNER.key], ALGORITHMS
    )
    return signed.seconds
