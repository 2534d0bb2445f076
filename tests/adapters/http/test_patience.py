"""Who stalls holds up nobody, and is not waited for without end."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from adapters.http import server
from tests.adapters.http.serving import (
    CLOSE,
    Served,
    answered,
    asking,
    everything,
    submitting,
)

# --- patience -------------------------------------------------------------------------------------


def test_who_stalls_holds_up_nobody(served: Served) -> None:
    """A hundred connections that say half of something, and a request between them."""
    halves = [
        b"",
        b"GET",
        asking(served)[:-2],
        submitting(served, b"content-length: 1000") + b"{",
        submitting(served, b"transfer-encoding: chunked") + b"5\r\nab",
    ]
    with ExitStack() as open_ones:
        for at in range(100):
            connection = open_ones.enter_context(served.connected())
            connection.sendall(halves[at % len(halves)])
        raw = served.door.publisher.submission(served.door.publisher.event())
        sent = submitting(served, b"content-length: %d" % len(raw), CLOSE)
        assert served.sent(sent, raw).startswith(b"HTTP/1.1 200 ")
        assert served.sent(asking(served, CLOSE)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("said", [b"", b"G", b"GET / HTTP/1.1\r\nx: "])
def test_a_head_has_so_much_time_and_no_more(
    served: Served, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that does not say what it wants is closed, though a byte came now and then."""
    monkeypatch.setattr(server, "HEAD_S", 0.1)
    with served.connected() as connection:
        connection.sendall(said)
        assert everything(connection) == b""


def test_a_drip_of_bytes_buys_no_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte would begin the server's own timer anew; ours it does not."""
    monkeypatch.setattr(server, "HEAD_S", 0.2)
    with served.connected() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nx: ")
        connection.settimeout(0.02)
        closed = False
        for _ in range(200):
            try:
                connection.sendall(b"y")
                closed = connection.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True
            if closed:
                break
        assert closed


def test_after_an_answer_the_next_head_has_its_own_time(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kept connection is used again, and closed when nothing more comes."""
    monkeypatch.setattr(server, "HEAD_S", 0.3)
    with served.connected() as connection:
        for _ in range(3):
            connection.sendall(asking(served))
            assert answered(connection)[0] == 200
        assert everything(connection) == b""


def test_the_rest_of_a_refused_body_is_not_awaited_for_ever(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was answered before a body was read has a while to stop sending it."""
    monkeypatch.setattr(server, "HEAD_S", 0.1)
    with served.connected() as connection:
        connection.sendall(b"POST /v1/events HTTP/1.1\r\nhost: h\r\ncontent-length: 5000\r\n\r\n{")
        status, _ = answered(connection)
        assert status == 401
        assert everything(connection) == b""
