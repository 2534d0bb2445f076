"""Signed notes: the published examples, whose lines count, and what is refused."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.keys import signing
from domain.errors import NotProven
from domain.signed_note import (
    LINES_MAX,
    NOTE_BYTES_MAX,
    KeyKind,
    Note,
    NoteKey,
    SignatureLine,
    read_lines,
    read_note,
    read_vkey,
    verified,
)
from tests.note_rig import a_signer

# The example of C2SP's signed-note, and that of Go's own package for notes.
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONnc"
    "AlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZ"
    "b6KE6RyyBwJnAM=\n"
).encode()
TEXT = b"one\n\ntwo\n"


def opened(note: Note, *keys: NoteKey) -> list[NoteKey]:
    """Verify a note that plain Ed25519 keys signed; give whose lines held."""

    def checks(key: NoteKey, signature: bytes) -> bool:
        return signing.verify(key.public, signature, note.text)

    return [key for key, _ in verified(note, keys, checks)]


def a_line(seed: int = 1, name: str = "log.example", text: bytes = TEXT) -> SignatureLine:
    """Sign the text."""
    signer = a_signer(KeyKind.ED25519, name, seed)
    return SignatureLine(signer.key.name, signer.key.key_id, signer.sign(text))


def a_key(seed: int = 1, name: str = "log.example") -> NoteKey:
    """Give the key of such a line."""
    return a_signer(KeyKind.ED25519, name, seed).key


def refused(code: str, raw: bytes) -> None:
    """Expect a note to be refused with a code."""
    with pytest.raises(NotProven, match=f": {code}$"):
        read_note(raw)


@pytest.mark.parametrize(("vkey", "raw"), [(SPEC_VKEY, SPEC_NOTE), (GO_VKEY, GO_NOTE)])
def test_the_published_examples_hold(vkey: str, raw: bytes) -> None:
    """Notes that others signed verify under their own keys, and are written back alike."""
    key, note = read_vkey(vkey), read_note(raw)
    assert opened(note, key) == [key]
    assert (key.vkey(), note.encode()) == (vkey, raw)


def test_a_key_id_is_computed_as_written() -> None:
    """Anyone can compute a key's id from its name, its kind and its public bytes."""
    key = a_signer(KeyKind.ML_DSA_44, "log.example").key
    assert key.key_id == hashlib.sha256(b"log.example\n\x06" + key.public).digest()[:4]
    assert read_vkey(key.vkey()) == key


def test_the_text_ends_at_the_last_empty_line() -> None:
    """A text may have empty lines; the last one of all divides."""
    note = Note(TEXT, (a_line(),))
    assert read_note(note.encode()) == note
    assert read_note(b"a\n\n\n" + a_line().encode()).text == b"a\n\n"


@pytest.mark.parametrize("number", [16, LINES_MAX - 1])
def test_many_unknown_lines_are_passed_over(number: int) -> None:
    """Lines of keys that nobody knows here do no harm, however long a post-quantum one is."""
    strangers = [SignatureLine(f"other{n}.example", b"four", b"s" * 1000) for n in range(number)]
    note = read_note(Note(TEXT, (*strangers, a_line())).encode())
    assert opened(note, a_key()) == [a_key()]


def test_sixteen_post_quantum_lines_fit() -> None:
    """The format asks for 16 signatures, of nearly 5 kB each."""
    lines = tuple(SignatureLine(f"o{n}.example", b"four", b"s" * 4900) for n in range(16))
    assert len(read_note(Note(TEXT, lines).encode()).lines) == 16


def test_one_name_can_have_two_keys() -> None:
    """Lines of one name with other key ids are other keys' lines: each stands by itself."""
    note = read_note(Note(TEXT, (a_line(1), a_line(2))).encode())
    assert opened(note, a_key(1), a_key(2)) == [a_key(1), a_key(2)]
    assert opened(note, a_key(2)) == [a_key(2)]


def test_a_name_with_another_id_is_a_stranger() -> None:
    """Who shares a name with a known key, but not its id, is passed over and proves nothing."""
    forged = SignatureLine("log.example", b"four", b"nonsense")
    assert opened(Note(TEXT, (forged, a_line())), a_key()) == [a_key()]
    with pytest.raises(NotProven, match="unsigned"):
        opened(Note(TEXT, (forged,)), a_key())


def test_a_known_key_s_failing_line_rejects_the_note() -> None:
    """A line that should hold and does not is no stranger's: nothing of the note is believed."""
    spoilt = a_line(2, text=b"another text\n")
    with pytest.raises(NotProven, match="signature-differs"):
        opened(Note(TEXT, (a_line(1), spoilt)), a_key(1), a_key(2))


def test_a_line_twice_counts_once() -> None:
    """Repeating a line does not make two signatures of it."""
    assert opened(Note(TEXT, (a_line(), a_line())), a_key()) == [a_key()]


def test_lines_are_added_once() -> None:
    """Adding cosignatures keeps those that are there, in their order."""
    note = Note(TEXT, (a_line(1),)).with_lines([a_line(2), a_line(1), a_line(2)])
    assert note.lines == (a_line(1), a_line(2))


@pytest.mark.parametrize("character", ["\r", "\t", "\0", "\x1b", "\x1f"])
def test_control_characters_are_refused(character: str) -> None:
    """No control character but the newline stands anywhere in a note."""
    refused("control-character", f"a{character}\n\n".encode() + a_line().encode())
    refused("control-character", b"a\n\n" + f"— x{character}y AAAAAAA=\n".encode())


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("note-without-signatures", b""),
        ("note-without-signatures", b"text\n"),
        ("note-without-signatures", b"\n\n\xe2\x80\x94 a AAAAAAA=\n"),
        ("signature-line-malformed", b"text\n\n"),
        ("signature-line-malformed", b"text\n\n\xe2\x80\x94 a AAAAAAA="),
        ("signature-line-malformed", b"text\n\n- a AAAAAAA=\n"),
        ("signature-line-malformed", b"text\n\n\xe2\x80\x94 a\n"),
        ("signature-line-malformed", b"text\n\n\xe2\x80\x94  AAAAAAA=\n"),
        ("signature-line-malformed", b"text\n\n\xe2\x80\x94 a+b AAAAAAA=\n"),
        ("signature-line-malformed", b"text\n\n\xe2\x80\x94 a\xc2\xa0b AAAAAAA=\n"),
        ("signature-line-malformed", b"text\n\n\xe2\x80\x94 a AAAAAA==\n"),
        ("signature-line-malformed", b"text\n\n\xe2\x80\x94 a AAAAAAB=\n"),
        ("signature-line-malformed", b"text\n\n\xe2\x80\x94 a AAAAAAA\n"),
        ("signature-line-malformed", b"text\n\n\xe2\x80\x94 a AAAAAAA= \n"),
        ("not-utf-8", b"te\xfft\n\n\xe2\x80\x94 a AAAAAAA=\n"),
    ],
)
def test_malformed_notes_are_refused(code: str, raw: bytes) -> None:
    """What is no note is refused with a word that says where it went wrong."""
    refused(code, raw)


def test_bounds() -> None:
    """A note has a largest size and a largest number of lines."""
    refused("too-long", b"a" * NOTE_BYTES_MAX + b"\n\n" + a_line().encode())
    lines = (SignatureLine("a", b"four", b"s"),) * (LINES_MAX + 1)
    refused("too-many-signatures", Note(TEXT, lines).encode())


@pytest.mark.parametrize(
    ("code", "vkey"),
    [
        ("vkey-malformed", ""),
        ("vkey-malformed", "name+00000000"),
        ("vkey-malformed", "n" * 5000),
        (
            "vkey-malformed",
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
        ),
        ("vkey-id", SPEC_VKEY.replace("530d903a", "530d903b")),
        ("vkey-id", SPEC_VKEY.replace("530d903a", "530D903A")),
        ("vkey-id", SPEC_VKEY.replace("foo", "bar")),
        ("vkey-kind", "example.com/foo+530d903a+"),
        ("vkey-kind", "example.com/foo+530d903a+" + base64.b64encode(b"\x02" * 33).decode()),
        ("key-length", "example.com/foo+530d903a+" + base64.b64encode(b"\x01" * 32).decode()),
        ("key-name", SPEC_VKEY.replace("/", " ", 1)),
        ("key-name", "\udcff" + SPEC_VKEY),
        ("key-name", SPEC_VKEY.removeprefix("example.com/foo")),
    ],
)
def test_malformed_vkeys_are_refused(code: str, vkey: str) -> None:
    """A key is taken only in the spelling that its owner has too."""
    with pytest.raises(NotProven, match=f": {code}$"):
        read_vkey(vkey)


@settings(max_examples=60)
@given(st.one_of(st.binary(max_size=200), st.text(alphabet="a+ \n—=A\t", max_size=60)))
def test_garbage_leaves_as_not_proven_alone(given_: bytes | str) -> None:
    """Whatever bytes come in, one refusal leaves, or a note that is written back alike."""
    raw = given_ if isinstance(given_, bytes) else given_.encode()
    for read in (read_note, read_lines, lambda one: read_vkey(one.decode("utf-8", "replace"))):
        try:
            read(raw)
        except NotProven:
            continue


@settings(max_examples=60)
@given(st.integers(0, len(SPEC_NOTE) - 1), st.integers(1, 255))
def test_no_altered_byte_goes_unseen(at: int, change: int) -> None:
    """A note of which one byte was altered is refused, whichever byte it is."""
    raw = SPEC_NOTE[:at] + bytes([SPEC_NOTE[at] ^ change]) + SPEC_NOTE[at + 1 :]
    with pytest.raises(NotProven):
        opened(read_note(raw), read_vkey(SPEC_VKEY))
