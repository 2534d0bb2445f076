"""Bombs, broken encodings, odd numbers and chance: refused, and the refusal alone is recorded."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.vocabulary.hub import SubmissionRefused
from domain.wire import BATCH_BYTES_MAX
from tests.http_rig import WHY, HttpRig, problem_in
from tests.journeys.hostile_input.watching import MARKER, TYPES, Watch


def nested(depth: int, opening: str, closing: str) -> bytes:
    """Give a document in a document in a document."""
    return (opening * depth + f'"{MARKER}"' + closing * depth).encode()


BOMBS: Mapping[str, bytes] = {
    "nothing": b"",
    "spaces": b" " * 1000,
    "text": MARKER.encode(),
    "half a document": b'{"' + MARKER.encode(),
    "two documents": b"{}{}",
    "a comma too many": b'["' + MARKER.encode() + b'",]',
    "a comment": b"[] // " + MARKER.encode(),
    "single quotes": b"['" + MARKER.encode() + b"']",
    "deep lists": nested(100_000, "[", "]"),
    "deep objects": nested(100_000, '{"a":', "}"),
    "deep enough for some": nested(400, "[", "]"),
    "deep and never closed": b"[" * 1_000_000,
    "a long list": b"[" + b"0," * 1_000_000 + b"0]",
    "many empty lists": b"[" + b"[]," * 200_000 + b"[]]",
    "many keys": b"{" + b",".join(b'"%d":0' % one for one in range(100_000)) + b"}",
    "a long text": b'["' + MARKER.encode() * 100_000 + b'"]',
    "a long key": b'{"' + MARKER.encode() * 100_000 + b'":0}',
    "a long number": b"[" + b"9" * 1_000_000 + b"]",
    "a number of 19 digits": b"[1234567890123456789]",
    "a large exponent": b"[1e400]",
    "a huge exponent": b"[1e999999999999]",
    "a fraction": b"[0.1]",
    "minus zero": b"[-0.0]",
    "not a number": b"[NaN]",
    "infinity": b"[Infinity, -Infinity]",
    "hexadecimal": b"[0x10]",
    "leading zeros": b"[007]",
    "the same key twice": b'{"%b":1,"%b":2}' % (MARKER.encode(), MARKER.encode()),
    "the same key, spelled otherwise": b'{"a":1,"\\u0061":2}',
    "a lone surrogate": b'["%b\\ud800"]' % MARKER.encode(),
    "a lone surrogate as key": b'{"%b\\udfff":1}' % MARKER.encode(),
    "a surrogate in bytes": b'["%b\xed\xa0\x80"]' % MARKER.encode(),
    "an overlong slash": b'["%b\xc0\xaf"]' % MARKER.encode(),
    "broken UTF-8": b'["%b\xff\xfe"]' % MARKER.encode(),
    "cut UTF-8": b'["%b\xf0\x9f"]' % MARKER.encode(),
    "latin-1": f'["{MARKER}é"]'.encode("latin-1"),
    "UTF-16": f'["{MARKER}"]'.encode("utf-16"),
    "UTF-16 without a mark": f'["{MARKER}"]'.encode("utf-16-le"),
    "UTF-32": f'["{MARKER}"]'.encode("utf-32"),
    "a byte order mark": b"\xef\xbb\xbf[]",
    "UTF-7": b"+AFsAXQ-",
    "NUL in front": b"\x00[]",
    "NUL behind": b"[]\x00",
    "NUL in a text": b'["%b\x00"]' % MARKER.encode(),
    "NUL spelled out": b'["%b\\u0000"]' % MARKER.encode(),
    "a tab in a text": b'["%b\t"]' % MARKER.encode(),
    "a form": b"events=" + MARKER.encode(),
    "XML": b"<events><!ENTITY a '%b'>&a;</events>" % MARKER.encode(),
    "YAML": b"!!python/object/apply:os.system ['%b']" % MARKER.encode(),
    "pickle": b"\x80\x04\x95" + MARKER.encode(),
    "too long": b'["' + MARKER.encode() + b" " * BATCH_BYTES_MAX + b'"]',
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", BOMBS)
def test_what_is_no_submission_is_refused(watch: Watch, name: str, kind: str) -> None:
    """Bombs, broken encodings, odd numbers, wrong shapes: one refusal, and no echo."""
    body = BOMBS[name]
    watch.refused(lambda: watch.door.post(body, kind))


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("piece", [b"[]", b"{}", b"[[[[]]]]", b'{"a":{}}'])
def test_millions_of_nothing_are_not_built(watch: Watch, piece: bytes, kind: str) -> None:
    """Each empty list costs fifty times what it cost to send: they are counted, not read."""
    count = (BATCH_BYTES_MAX - 2) // (len(piece) + 1)
    body = b"[" + b",".join([piece] * count) + b"]"
    tracemalloc.start()
    try:
        answer = watch.refused(lambda: watch.door.post(body, kind))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "too-many-lists-or-objects" in answer.text
    assert peak < 10 * BATCH_BYTES_MAX


@pytest.mark.parametrize("name", ["deep lists", "many keys", "a long text", "UTF-16", "too long"])
def test_packing_it_changes_nothing(watch: Watch, name: str) -> None:
    """The same through gzip."""
    body = gzip.compress(BOMBS[name])
    watch.refused(lambda: watch.door.post(body, content_encoding="gzip"))


# --- chance ---------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=30,
)


@given(
    body=st.binary() | JSON.map(lambda value: json.dumps(value).encode()),
    kind=st.sampled_from(TYPES),
)
def test_chance_is_refused(door: HttpRig, body: bytes, kind: str) -> None:
    """Whatever bytes or documents: refused with a problem, and the refusals alone recorded."""
    size = door.rig.sizes()["havering"]
    response = door.post(body, kind)
    assert response.status_code in {400, 422}
    problem_in(response, response.status_code, response.json()["type"].rpartition(":")[2])
    told = door.rig.havering.opened(size)
    assert told
    assert all(isinstance(one.facts, SubmissionRefused.Facts) for one in told)


def test_after_all_of_this_the_hub_is_as_it_was(watch: Watch) -> None:
    """What is right is recorded, and what may be read is read."""
    publisher = watch.door.publisher
    assert watch.door.post(publisher.submission(publisher.event())).status_code == 200
    assert watch.door.client.get("/v1/feeds", params=WHY, headers=watch.door.reading).is_success
