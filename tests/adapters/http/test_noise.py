"""Whatever bytes come to the port: an answer in our words, and nothing of them in any log."""

from __future__ import annotations

import secrets

import pytest

from tests.adapters.http.serving import (
    CLOSE,
    MARKER,
    UPGRADE,
    Served,
    asking,
    problem_of,
    submitting,
)

# --- noise ----------------------------------------------------------------------------------------


NOISES = [
    MARKER + b"\r\n\r\n",
    b"\x16\x03\x01" + MARKER + b"\r\n\r\n",
    b"\xff" * 300 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + MARKER + b"\r\n\r\n",
    b"GET /%b HTTP/1.1\r\n\r\n" % MARKER,
    b"GET /%b\x00 HTTP/1.1\r\nhost: h\r\n\r\n" % MARKER,
    b"GET /\xc3\xa9%b HTTP/1.1\r\nhost: h\r\n\r\n" % MARKER,
    b"GET / HTTP/1.1\r\nhost: h\r\nhost: %b\r\n\r\n" % MARKER,
    b"GET / HTTP/1.1\r\nhost: h\r\nx-%b: a\x00b\r\n\r\n" % MARKER,
    b"GET / HTTP/1.1\r\nhost: h\r\nbad name %b: x\r\n\r\n" % MARKER,
    b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: %b\r\n\r\n" % MARKER,
    b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9%b\r\n\r\n" % (b"9" * 5000),
    b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: %b\r\n\r\n" % MARKER,
    b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
    b"GET /%b HTTP/1.1\r\nhost: h\r\n" % (MARKER * 100_000),
    b"GET / HTTP/1.1\r\nhost: h\r\nx: %b\r\n" % (MARKER * 100_000),
    b"GET / HTTP/1.1\r\nhost: h\r\n" + b"x: y\r\n" * 50_000,
]


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: repr(noise[:40]))
def test_noise_is_answered_with_a_problem_and_shown_nowhere(
    served: Served,
    noise: bytes,
    heard: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Whatever is sent to the port: 400 in our words, and no byte of it in a log or on a screen."""
    sizes = served.door.rig.sizes()
    answer = served.sent(noise)
    assert problem_of(answer) == "urn:bhr:problem:not-http"
    assert MARKER not in answer
    shown = heard.text + "".join(capfd.readouterr())
    assert MARKER.decode() not in shown
    assert "Traceback" not in shown
    assert served.door.rig.sizes() == sizes


@pytest.mark.parametrize(
    "strange",
    [
        b"GET /%b HTTP/9.9\r\nhost: h\r\nconnection: close\r\n\r\n" % MARKER,
        b"GET / HTTP/1.1\r\nhost: h\r\n folded: %b\r\nconnection: close\r\n\r\n" % MARKER,
        b"GET /%b HTTP/1.0\r\n\r\n" % MARKER,
        b"GET http://%b/ HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n" % MARKER,
        b"CONNECT %b:443 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n" % MARKER,
        b"OPTIONS * HTTP/1.1\r\nhost: %b\r\nconnection: close\r\n\r\n" % MARKER,
        b"%b / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n" % MARKER,
        b"GET /%%00%%ff%%%b HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n" % MARKER,
    ],
    ids=lambda strange: repr(strange[:40]),
)
def test_a_strange_request_is_not_found(
    served: Served, strange: bytes, heard: pytest.LogCaptureFixture
) -> None:
    """Another form of address, an unheard-of method or version: no such thing, and no echo."""
    answer = served.sent(strange)
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"urn:bhr:problem:not-found" in answer
    assert MARKER not in answer
    assert MARKER.decode() not in heard.text


def test_noise_behind_a_request_takes_nothing_from_it(
    served: Served, heard: pytest.LogCaptureFixture
) -> None:
    """The request before it is answered, then the noise."""
    answer = served.sent(asking(served) + MARKER + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"urn:bhr:problem:not-http") == 1
    assert MARKER.decode() not in heard.text


def test_random_noise_never_hurts_the_server(
    served: Served, heard: pytest.LogCaptureFixture
) -> None:
    """Bytes of chance, alone and inside a request: the next request is answered."""
    for size in (1, 10, 1000, 100_000):
        noise = secrets.token_bytes(size)
        served.sent(noise, leave=True)
        served.sent(asking(served, b"x: " + noise), leave=True)
        served.sent(submitting(served, b"transfer-encoding: chunked"), noise, leave=True)
    assert served.sent(asking(served, CLOSE)).startswith(b"HTTP/1.1 200 ")
    assert "Traceback" not in heard.text


@pytest.mark.parametrize(
    "pieces",
    [
        [b"content-length: 100", b'{"events":'],
        [b"transfer-encoding: chunked", b"5\r\n" + MARKER[:5] + b"\r\n"],
        [b"transfer-encoding: chunked", MARKER + b"\r\n"],
        [b"transfer-encoding: chunked", b"fffffffffffffffff\r\n" + MARKER],
        [b"transfer-encoding: chunked", b"-5\r\n" + MARKER],
        [b"content-length: 5000000", MARKER * 1000],
    ],
    ids=repr,
)
def test_a_body_of_the_wrong_length_is_no_submission(
    served: Served, pieces: list[bytes], heard: pytest.LogCaptureFixture
) -> None:
    """Cut short or wrongly chunked: nothing is recorded, nothing shown, nobody else disturbed."""
    sizes = served.door.rig.sizes()
    line, *body = pieces
    answer = served.sent(submitting(served, line), *body, leave=True)
    assert not answer or problem_of(answer)
    assert MARKER not in answer
    assert MARKER.decode() not in heard.text
    assert "Traceback" not in heard.text
    assert served.door.rig.sizes() == sizes


def test_a_body_longer_than_its_length_is_two_things(served: Served) -> None:
    """What stands behind the told length is no part of the submission, and no other request."""
    raw = served.door.publisher.submission(served.door.publisher.event())
    answer = served.sent(
        submitting(served, b"content-length: %d" % len(raw)), raw + MARKER + b"\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"urn:bhr:problem:not-http") == 1
    assert MARKER not in answer


def test_an_upgrade_is_not_taken_up(served: Served, heard: pytest.LogCaptureFixture) -> None:
    """Asked for a WebSocket or HTTP/2, the hub answers as if it had not been."""
    for protocol in (b"websocket", b"h2c", MARKER):
        answer = served.sent(asking(served, UPGRADE, b"upgrade: " + protocol))
        assert answer.startswith(b"HTTP/1.1 200 ")
    assert MARKER.decode() not in heard.text
