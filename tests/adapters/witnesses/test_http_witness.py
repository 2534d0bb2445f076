"""Asking a witness over HTTP: whatever is on the other end, there is an answer or there is none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from adapters.witnesses.http_witness import HttpWitness
from domain.errors import HomeNotReady, Unavailable
from domain.witnessing import ANSWER_BYTES_MAX, HoldsSize, NoCosignature
from tests.log_rig import SmallLog
from tests.note_rig import ORIGIN

HERE = SmallLog()
NO_ANSWER = NoCosignature(0, later=True)
Says = Callable[[socket.socket], None]


@contextmanager
def somebody(says: Says) -> Iterator[int]:
    """Listen, and say the same to everybody who comes, until the test ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    says(connection)

        thread = threading.Thread(target=listen)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def head(status: str, length: int, *more: str) -> bytes:
    """Give the head of an answer."""
    lines = (f"HTTP/1.1 {status}", f"content-length: {length}", "connection: close", *more)
    return "\r\n".join((*lines, "", "")).encode()


def endless(connection: socket.socket) -> None:
    """Answer more than anybody wants."""
    connection.sendall(head("200 OK", 100 * ANSWER_BYTES_MAX))
    try:
        for _ in range(100):
            connection.sendall(bytes(ANSWER_BYTES_MAX))
    except OSError:
        return


def slow(connection: socket.socket) -> None:
    """Answer a byte now and then, for as long as anybody listens."""
    connection.sendall(head("200 OK", 100_000))
    pause = threading.Event()
    try:
        while True:
            connection.sendall(b"x")
            pause.wait(0.05)
    except OSError:
        return


def told(raw: bytes) -> Says:
    """Say these bytes."""

    def says(connection: socket.socket) -> None:
        connection.sendall(raw)

    return says


@pytest.mark.parametrize(
    "says",
    [
        endless,
        slow,
        told(b""),
        told(b"\x00\x01 not http\r\n\r\n"),
        told(head("200 OK", 100) + b"half"),
        told(head("200 OK", 4, "content-encoding: gzip") + b"pack"),
    ],
    ids=["endless", "slow", "hung up", "noise", "cut off", "packed"],
)
def test_a_broken_answer_is_none(says: Says) -> None:
    """Whatever goes wrong on the way says nothing of the checkpoint: it is asked again later."""
    with somebody(says) as port:
        witness = HttpWitness(f"http://127.0.0.1:{port}", timeout_s=0.4)
        assert witness.ask(0, (), HERE.note(5)) == NO_ANSWER
        with pytest.raises(Unavailable):
            witness.latest(ORIGIN)
        witness.close()


def test_nobody_there_is_no_answer() -> None:
    """A witness that cannot be reached has not answered."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    witness = HttpWitness(f"http://127.0.0.1:{port}")
    assert witness.ask(0, (), HERE.note(5)) == NO_ANSWER
    witness.close()


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (head("409 Conflict", 2) + b"7\n", HoldsSize(7)),
        (head("409 Conflict", 0), NoCosignature(409, later=False)),
        (head("500 Oops", 4) + b"oops", NoCosignature(500, later=False)),
        (head("503 Later", 0), NoCosignature(503, later=True)),
        (head("307 There", 0, "location: http://127.0.0.1:1/"), NoCosignature(307, later=False)),
    ],
)
def test_every_status_is_an_answer(raw: bytes, answer: HoldsSize | NoCosignature) -> None:
    """What it says comes through, and where it points to is not followed."""
    with somebody(told(raw)) as port:
        witness = HttpWitness(f"http://127.0.0.1:{port}")
        assert witness.ask(0, (), HERE.note(5)) == answer
        witness.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://witness.example",
        "ftp://127.0.0.1",
        "https://",
        "https://user@witness.example",
        "https://witness.example/?x",
        "https://witness.example/#x",
        "https://witness.example:0",
        "https://[",
        "witness.example",
    ],
)
def test_an_address_is_https_or_here(url: str) -> None:
    """What travels over an open network travels under TLS; an address is a host and a path."""
    with pytest.raises(HomeNotReady, match="witness's address"):
        HttpWitness(url)
