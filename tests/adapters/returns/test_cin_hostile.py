"""Files that mean harm or are broken: one error of our own, in bounded memory."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.returns.cin_child import Child, FaultCode, RefusedChild
from adapters.returns.cin_reader import read_cin_census
from adapters.returns.xml_pieces import Limits
from domain.errors import ReturnNotReadable
from tests.adapters.returns.cin_files import (
    SMALL,
    assessment,
    codes,
    only_child,
    only_refused,
    plan,
    read,
    referral_file,
)

FILE = referral_file(assessment("16A") + plan())
MANY_ATTRIBUTES = " ".join(f"a{number}='1'" for number in range(65))
MANY_NAMES = "".join(f"<a{number}/>" for number in range(10_000))
SECRET = "/etc/hostname"


def outcome(file: bytes | str, limits: Limits = SMALL) -> tuple[list[Child | RefusedChild], str]:
    """Read to the end or the error; give the children met, and the error's code, if one came."""
    found: list[Child | RefusedChild] = []
    try:
        reading = iter(read(file, limits))
        while (child := next(reading, None)) is not None:
            found.append(child)
    except ReturnNotReadable as refusal:
        # A foreign error behind ours could hold what was sent.
        ours_alone = refusal.__cause__ is None and refusal.__context__ is None and refusal.line > 0
        return found, refusal.code if ours_alone else "not ours alone"
    return found, ""


def with_doctype(inside: str, body: str = FILE) -> str:
    """Put a document type before a file."""
    return f"<!DOCTYPE Message {inside}>{body}"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (with_doctype(f'[<!ENTITY l0 "ha">{LAUGHS}]'), "doctype-not-allowed"),
        (with_doctype(f'[<!ENTITY x SYSTEM "file://{SECRET}">]'), "doctype-not-allowed"),
        (with_doctype(f'SYSTEM "file://{SECRET}"'), "doctype-not-allowed"),
        (with_doctype(f'PUBLIC "-//x//y" "http://127.0.0.1{SECRET}"'), "doctype-not-allowed"),
        (with_doctype(f'[<!ENTITY % p SYSTEM "file://{SECRET}"> %p;]'), "doctype-not-allowed"),
        (with_doctype(""), "doctype-not-allowed"),
        (FILE.replace("A-1", "&secret;"), "not-well-formed"),
        (FILE.replace("A-1", "&#xD800;"), "not-well-formed"),
        (FILE.replace("A-1", "&#0;"), "not-well-formed"),
        (FILE.replace("A-1", "<"), "not-well-formed"),
        (FILE + "<Message/>", "not-well-formed"),
        (FILE + "words", "not-well-formed"),
        ("<Children/>", "unexpected-root"),
        ("<html><body>not found</body></html>", "unexpected-root"),
        ("{}", "not-well-formed"),
        ("", "empty-file"),
        (" \n ", "ended-early"),
        (FILE[:-1], "ended-early"),
        (FILE.replace("A-1", "<![CDATA[A-1"), "ended-early"),
        (FILE.replace("<Header>", "<!-- "), "ended-early"),
        (FILE.replace("A-1", "<a>" * 40 + "</a>" * 40), "too-deep"),
        ("<Message>" + "<a>" * 100_000, "too-deep"),
        (f"<Message><{'a' * 129}/></Message>", "name-too-long"),
        (f"<Message><a {'b' * 129}='1'/></Message>", "name-too-long"),
        (f"<Message><a>{MANY_NAMES}</a></Message>", "too-many-names"),
        (f"<Message><a {MANY_ATTRIBUTES}/></Message>", "too-many-attributes"),
        ("<?xml version='1.0' encoding='UTF-7'?>" + FILE, "encoding-refused"),
        ("<?xml version='1.0' encoding='invented'?>" + FILE, "encoding-refused"),
        ("<?xml version='1.0' encoding='rot13'?>" + FILE, "encoding-refused"),
        ("<?xml version='1.0' encoding='cp1253'?>" + FILE, "encoding-refused"),
        ("<?xml version='1.0' encoding='utf-16'?>" + FILE, "encoding-refused"),
        ("\ufeff<?xml version='1.0' encoding='iso-8859-1'?>" + FILE, "encoding-refused"),
        (
            ("\ufeff<?xml version='1.0' encoding='utf-8'?>" + FILE).encode("utf-16-le"),
            "encoding-refused",
        ),
        (FILE.encode("utf-16-le"), "encoding-refused"),
        (FILE.encode("utf-16-be"), "encoding-refused"),
        (FILE.encode("utf-32"), "encoding-refused"),
        (FILE.encode("utf-32-be"), "encoding-refused"),
        (("\ufeff" + FILE).encode("utf-32-be"), "encoding-refused"),
        (FILE.replace("A-1", "\0").encode("utf-16"), "not-well-formed"),
        (FILE.encode("cp037"), "not-well-formed"),
        (FILE.replace("A-1", "\0").encode(), "not-well-formed"),
        (FILE.replace("A-1", "\ud800").encode("utf-8", "surrogatepass"), "not-well-formed"),
        (FILE.replace("A-1", "é").encode("iso-8859-1"), "not-well-formed"),
        (FILE.encode().replace(b"A-1", b"\xc0\xaf"), "not-well-formed"),
        (FILE.encode().replace(b"A-1", b"\xf4\x90\x80\x80"), "not-well-formed"),
    ],
)
def test_what_cannot_be_read_safely_is_not_read(file: bytes | str, code: str) -> None:
    """One error of our own, with a code and a line, and no child made of what is not there."""
    found, error = outcome(file)
    assert error == code
    assert len(found) <= 1


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_half_a_surrogate_pair_is_refused(order: str) -> None:
    """UTF-16 with half a character in it is no text."""
    text = ("\ufeff" + FILE.replace("A-1", "\ud800A")).encode(order, "surrogatepass")
    assert outcome(text)[1] in {"not-well-formed", "encoding-refused"}


def test_windows_text_is_read_as_declared() -> None:
    """A file in windows-1252 that says so is read; a byte that it does not have is refused."""
    declared = "<?xml version='1.0' encoding='Windows-1252'?>" + FILE
    child = only_child(declared.replace("A-1", "“é”").encode("cp1252"))
    assert child.la_child_id == "“é”"
    assert outcome(declared.encode().replace(b"A-1", b"\x81"))[1] == "not-well-formed"


def test_what_was_complete_is_given_before_the_error() -> None:
    """A file that breaks off after a child gives that child first."""
    whole = FILE.index("</Children>")
    found, error = outcome(FILE[:whole] + "<Child><Chi")
    assert (len(found), error) == (1, "ended-early")
    found, error = outcome(FILE[:whole] + "<Child></Children>")
    assert (len(found), error) == (1, "not-well-formed")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_cut_at_any_byte_ends_in_one_error(encoding: str) -> None:
    """Wherever a file breaks off, its complete children are given and nothing else happens."""
    file = FILE.encode(encoding)
    complete = len(FILE[: FILE.index("</Child>") + len("</Child>")].encode(encoding))
    for length in range(len(file)):
        found, error = outcome(file[:length])
        assert error in {"ended-early", "empty-file", "encoding-refused", "not-well-formed"}
        assert len(found) == (1 if length >= complete else 0)


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_break_the_reader(noise: bytes, inside: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever the bytes, there are children and at most one error of our own."""
    outcome(FILE.encode().replace(b"A-1", noise) if inside else noise)


@given(st.integers(0, len(FILE) - 1), st.binary(max_size=3), st.integers(0, 6))
def test_no_damage_breaks_the_reader(at: int, instead: bytes, length: int) -> None:
    """A good file with some bytes changed is read, or ends in one error of our own."""
    file = FILE.encode()
    outcome(file[:at] + instead + file[at + length :])


def test_a_source_that_fails_is_told_apart() -> None:
    """When the bytes stop coming, the error says so, without the foreign error's text."""

    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 10:
                raise OSError(SECRET)
            return super().read(6)

    with pytest.raises(ReturnNotReadable) as refusal:
        read_cin_census(Broken(FILE.encode()), limits=SMALL)
    assert refusal.value.code == "source-failed"
    assert refusal.value.__context__ is None


def test_a_file_has_a_largest_size() -> None:
    """Beyond it nothing is read."""
    assert outcome(FILE, Limits(children=10, file_size=len(FILE)))[1] == ""
    assert outcome(FILE, Limits(children=10, file_size=len(FILE) - 1))[1] == "file-too-large"


class Endless(BytesIO):
    """A file whose beginning is followed by the same again and again, for 8 MB."""

    def __init__(self, start: bytes, again: bytes) -> None:
        super().__init__(start)
        self._again = repeat(again * (32 * 1024 // len(again)), 250)

    def read(self, size: int | None = -1, /) -> bytes:
        """Give the beginning, and then the same again and again."""
        return super().read(size) or next(self._again, b"")


@pytest.mark.parametrize(
    ("start", "again", "code"),
    [
        (b"<!--", b"x", "markup-too-long"),
        (b"<Message><!--", b"x", "markup-too-long"),
        (b"<Message><?x ", b"x", "markup-too-long"),
        (b"<Message ", b"x", "markup-too-long"),
        (b"<Message a='", b"x", "markup-too-long"),
        (b"<Message></", b"x", "markup-too-long"),
        (b"<Message>&", b"x", "markup-too-long"),
        (b"<Message>", b"x", "ended-early"),
        (b"<Message>", b"<!-- x -->", "ended-early"),
        (b"<Message><a><![CDATA[", b"x", "ended-early"),
        (b"<Message><a>", b"<b>x</b>", "record-without-end"),
        (b"<Message><a>", b"<b a='1'/>&amp;", "record-without-end"),
        (b"<Message>", b"<b/>words ", "too-many-elements"),
        (b"<Message>", b"<Children></Children>", "too-many-elements"),
        (b"<Message><Children>", b"<Child/>", "too-many-children"),
    ],
)
def test_a_file_without_end_takes_little_memory(start: bytes, again: bytes, code: str) -> None:
    """What never ends is refused, or read past, in less memory than it would fill."""
    limits = Limits(children=2000, record_elements=500)
    tracemalloc.start()
    error = ""
    try:
        for _ in read_cin_census(Endless(start, again), limits=limits):
            pass
    except ReturnNotReadable as refusal:
        error = refusal.code
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error == code
    assert peak < 3 * 1024 * 1024


@pytest.mark.parametrize("length", [4096, 4097, 1_000_000])
def test_a_text_has_a_longest(length: int) -> None:
    """A value that is too long is refused by name, however long, and the child with its id."""
    file = FILE.replace(">WBRI<", f">{'W' * length}<")
    (fault,) = only_child(file).faults
    assert fault.code is (FaultCode.NOT_IN_LIST if length == 4096 else FaultCode.TOO_LONG)
    assert codes(only_refused(FILE.replace("A-1", "W" * length)).faults) == [FaultCode.TOO_LONG]
