"""Bodies: of a type and coding that is taken, bounded in size and time, whole or not at all."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from starlette.types import Message

from adapters.http import bodies
from adapters.http.bodies import BATCH_TYPE, ONE_TYPE
from domain.wire import BATCH_BYTES_MAX, SIGNED_TYPE
from tests.http_rig import EVENTS, HttpRig, asked, faults_in, problem_in

PIECE = 64 * 1024


def zeros(gigabytes: int) -> bytes:
    """Give a gzip of that many gigabytes of zeros: blocks that need no other, said again."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packing.compress(bytes(2**24)) + packing.flush(zlib.Z_FULL_FLUSH)
    header = b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff"
    return header + block * (64 * gigabytes) + b"\x03\x00" + struct.pack("<LL", 0, 0)


# --- types and codings ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [SIGNED_TYPE, ONE_TYPE, BATCH_TYPE])
@pytest.mark.parametrize(
    "spelled", ["{}", "{}; charset=utf-8", '{};charset="UTF-8"', "{} ;", " {}"]
)
def test_a_type_is_known_however_it_is_spelled(door: HttpRig, kind: str, spelled: str) -> None:
    """Upper case, spaces and the charset that JSON has anyway are no other type."""
    for sent in (spelled.format(kind), spelled.format(kind.upper())):
        answer = door.post(b"", kind, content_type=sent)
        problem_in(answer, 400, "not-json")


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "application/json",
        "application/cloudevents",
        "application/cloudevents+xml",
        "application/cloudevents-batch",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        f"{ONE_TYPE}, {BATCH_TYPE}",
        f"{ONE_TYPE}; charset=utf-16",
        f"{ONE_TYPE}; charset=iso-8859-1",
        f"{ONE_TYPE}; charset=utf-8; charset=utf-16",
        f"{ONE_TYPE}\t; profile=x",
        "*/*",
        "a" * 5000,
    ],
)
def test_another_type_is_not_taken(door: HttpRig, sent: str) -> None:
    """415, whatever the body holds, and nothing is recorded: no submission was made out."""
    sizes = door.rig.sizes()
    problem_in(door.post(b"{}", content_type=sent), 415, "content-type")
    assert door.rig.sizes() == sizes


def test_no_type_or_two_are_not_taken(door: HttpRig) -> None:
    """What a body is must be said, once."""
    problem_in(
        door.client.post(EVENTS, content=b"{}", headers=door.publishing), 415, "content-type"
    )
    twice = [*door.publishing.items(), ("content-type", ONE_TYPE), ("content-type", BATCH_TYPE)]
    problem_in(door.client.post(EVENTS, content=b"{}", headers=twice), 415, "content-type")


@pytest.mark.parametrize(
    "coding", ["br", "deflate", "zstd", "compress", "x-gzip", "gzip, gzip", "gzip;q=1", "*", "aes"]
)
def test_another_coding_is_not_taken(door: HttpRig, coding: str) -> None:
    """Gzip or none: 415, and nothing is recorded."""
    sizes = door.rig.sizes()
    problem_in(door.post(b"{}", content_encoding=coding), 415, "content-encoding")
    assert door.rig.sizes() == sizes


def test_two_codings_in_two_headers_are_not_taken(door: HttpRig) -> None:
    """A body that was packed twice is not unpacked once."""
    twice = [
        *door.publishing.items(),
        ("content-type", SIGNED_TYPE),
        ("content-encoding", "gzip"),
        ("content-encoding", "gzip"),
    ]
    problem_in(door.client.post(EVENTS, content=b"{}", headers=twice), 415, "content-encoding")


# --- gzip -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{}",
        b"\x1f\x8b",
        gzip.compress(b"{}", mtime=0)[:-1],
        gzip.compress(b"{}", mtime=0)[:12],
        gzip.compress(b"{}", mtime=0) + b"x",
        gzip.compress(b"{}", mtime=0) + gzip.compress(b"{}", mtime=0),
        gzip.compress(b"{}", mtime=0) + bytes(100),
        gzip.compress(b"{}", mtime=0)[:-8] + bytes(8),
        gzip.compress(b"{}", mtime=0).replace(b"\x1f\x8b\x08", b"\x1f\x8b\x07"),
        zlib.compress(b"{}"),
        bytes(1000),
    ],
    ids=repr,
)
def test_what_is_not_one_whole_gzip_is_refused(door: HttpRig, sent: bytes) -> None:
    """Broken, cut short, followed by anything, of another kind: refused, and recorded so."""
    told = problem_in(door.post(sent, content_encoding="gzip"), 422, "submission-refused")
    assert faults_in(told) == {(-1, "", "not-gzip")}
    assert door.refusals() == [("not-gzip",)]


def test_a_gzip_bomb_goes_no_further_than_a_batch_may(door: HttpRig) -> None:
    """Ten gigabytes of zeros, and five in a body that is itself within bounds: 413 for both."""
    bombs = (zeros(10), zeros(10)[: BATCH_BYTES_MAX - 1])
    tracemalloc.start()
    for bomb in bombs:
        problem_in(door.post(bomb, content_encoding="gzip"), 413, "too-large")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 * BATCH_BYTES_MAX
    assert door.refusals() == [("too-large",), ("too-large",)]


def test_bounds_are_exact_before_and_after_unpacking(door: HttpRig) -> None:
    """5 MiB are read (and here found to be no JSON); one byte more is not."""
    full = b" " * BATCH_BYTES_MAX
    for sent, coding in ((full, "identity"), (gzip.compress(full, 1), "gzip")):
        problem_in(door.post(sent, content_encoding=coding), 400, "not-json")
    over = full + b" "
    for sent, coding in ((over, "identity"), (gzip.compress(over, 1), "gzip")):
        problem_in(door.post(sent, content_encoding=coding), 413, "too-large")
    assert door.refusals() == [("not-json",)] * 2 + [("too-large",)] * 2


# --- size and time, where no length is told -------------------------------------------------------


def test_a_body_without_a_length_is_cut_off_at_the_bound(door: HttpRig) -> None:
    """An endless stream is read no further than a batch may be long."""
    taken = 0

    def endless() -> Iterator[Message]:
        nonlocal taken
        while True:
            taken += PIECE
            yield {"type": "http.request", "body": bytes(PIECE), "more_body": True}

    answer = asked(door, endless(), {"content-type": SIGNED_TYPE})
    problem_in(answer, 413, "too-large")
    assert taken <= BATCH_BYTES_MAX + 2 * PIECE


def test_a_body_in_single_bytes_is_one_body(door: HttpRig) -> None:
    """However it arrives, it is what was sent."""
    raw = door.publisher.submission(door.publisher.event())
    pieces: list[Message] = [
        {"type": "http.request", "body": bytes([one]), "more_body": True} for one in raw
    ]
    pieces.append({"type": "http.request", "body": b"", "more_body": False})
    answer = asked(door, iter(pieces), {"content-type": SIGNED_TYPE})
    assert answer.status_code == 200


def test_a_body_that_breaks_off_is_nobody_s_fault(
    door: HttpRig, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is recorded and nothing logged as unexpected: the network did that."""
    sizes = door.rig.sizes()
    pieces: list[Message] = [
        {"type": "http.request", "body": b'{"events":', "more_body": True},
        {"type": "http.disconnect"},
    ]
    problem_in(asked(door, iter(pieces), {"content-type": SIGNED_TYPE}), 400, "cut-short")
    assert door.rig.sizes() == sizes
    assert caplog.records == []


def test_a_body_that_stalls_is_given_up(door: HttpRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """408 after the time that a whole body may take; nothing is recorded."""
    sizes = door.rig.sizes()
    monkeypatch.setattr(bodies, "BODY_S", 0.05)
    pieces: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}]
    answer = asked(door, iter(pieces), {"content-type": SIGNED_TYPE})
    problem_in(answer, 408, "too-slow")
    assert door.rig.sizes() == sizes
