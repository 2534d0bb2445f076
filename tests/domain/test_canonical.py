"""JSON as it is committed to: one form out, and nothing ambiguous in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.canonical import JsonValue, NotCanonical, canonical, strict_json
from tests.domain.schema_documents import rfc8785, shuffled

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text(st.characters(max_codepoint=127))
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


def refusal(raw: bytes) -> str:
    """Give the code with which text is refused, on the way in or out."""
    with pytest.raises(NotCanonical) as found:
        canonical(strict_json(raw))
    assert str(found.value) == found.value.code
    return found.value.code


@given(VALUES)
def test_the_canonical_form_is_what_the_rfc_says(value: JsonValue) -> None:
    """Another hand's RFC 8785 gives the same bytes, Unicode and control characters included."""
    assert canonical(value) == rfc8785(value)


@given(VALUES)
def test_what_is_written_is_read_back_as_the_same(value: JsonValue) -> None:
    """Canonical bytes go there and back, and so does any other spelling of the same document."""
    assert strict_json(canonical(value)) == value
    assert canonical(strict_json(shuffled(value))) == canonical(value)


def test_every_character_has_one_spelling() -> None:
    """Each character of the first plane, escaped or not, comes out as the RFC has it."""
    for point in [*range(0xD800), *range(0xE000, 0x10000), 0x1F600]:
        text = chr(point)
        assert canonical(text) == rfc8785(text)
        assert strict_json(json.dumps(text).encode()) == text


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'[{"b":{"a":1,"a":null}}]',
        b'{"":1,"":2}',
    ],
)
def test_a_key_that_stands_twice_is_refused(raw: bytes) -> None:
    """Two readers could take two documents from it, escaped keys and inner objects included."""
    assert refusal(raw) == "duplicate-key"


@pytest.mark.parametrize(
    "raw",
    [b"1.0", b"1.5", b"1e2", b"1E-2", b"-0.0", b"[0.1]", b"NaN", b"Infinity", b'{"a":-Infinity}'],
)
def test_numbers_are_whole(raw: bytes) -> None:
    """The catalogue has no floats, so that no two engines round one differently."""
    assert refusal(raw) == "not-a-whole-number"


def test_numbers_are_short() -> None:
    """A number of thousands of digits is refused before anybody computes with it."""
    assert refusal(b"1" * 20) == "number-too-long"
    assert refusal(b'{"a":-' + b"9" * 100_000 + b"}") == "number-too-long"
    assert strict_json(b"-" + b"9" * 18) == -(10**18 - 1)


@pytest.mark.parametrize(
    "raw",
    [b'"\\ud800"', b'["\\udfff\\ud800"]', b'{"\\ud83d":1}', b'{"a":{"b":"x\\ude00"}}'],
)
def test_half_a_character_is_refused(raw: bytes) -> None:
    """A lone surrogate has no bytes in UTF-8, so nothing could be committed to."""
    assert refusal(raw) == "lone-surrogate"


def test_two_halves_are_a_character() -> None:
    """A pair of escapes is one character, and is written as such."""
    assert canonical(strict_json(b'"\\ud83d\\ude00"')) == '"😀"'.encode()


@pytest.mark.parametrize("raw", [b"\xff", b'"\xc3"', b'"\xed\xa0\x80"', b"\xfe\xff\x00{"])
def test_what_is_not_utf_8_is_refused(raw: bytes) -> None:
    """Broken bytes, halves in UTF-8 and other encodings are not text."""
    assert refusal(raw) == "not-utf-8"


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"{'a':1}", b'{"a":1,}', b"[1,]", b"01", b"+1", b"1 2", b'"\n"', b"\xef\xbb\xbf1"],
)
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    """Nothing is mended: not a comma, not a quote, not a mark before the text."""
    assert refusal(raw) == "not-json"


@pytest.mark.parametrize("depth", [*range(900, 1100, 3), 10_000, 1_000_000])
@pytest.mark.parametrize(("left", "right"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_is_bounded_whatever_it_is(depth: int, left: bytes, right: bytes) -> None:
    """However deep a document is, it is taken whole or refused by name: no other error leaves."""
    raw = left * depth + b"1" + right * depth
    code = outcome(raw)
    assert code in ({"", "too-deep"} if depth < 10_000 else {"too-deep"})


def outcome(raw: bytes) -> str:
    """Give the code with which canonical text is refused; empty when it comes out as it is."""
    try:
        found = canonical(strict_json(raw))
    except NotCanonical as error:
        return error.code
    assert found == raw
    return ""


def test_what_our_documents_need_of_depth_is_taken() -> None:
    """No document of ours nests as deep as this."""
    assert outcome(b"[" * 100 + b"]" * 100) == ""
