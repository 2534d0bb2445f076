"""Nothing of what was sent comes back in a fault or an error."""

from __future__ import annotations

import re

import pytest

from adapters.returns.cin_child import Fault, RefusedChild
from adapters.returns.cin_header import check_header
from adapters.returns.cin_shapes import VOCABULARY
from domain.errors import ReturnNotReadable
from tests.adapters.returns.cin_files import assessment, only_child, plan, read, referral_file

FILE = referral_file(assessment("16A") + plan())
MARKER = "Zq7xMarker"
EVERYTHING = FILE.replace(
    "</Header>",
    "<Source><SourceLevel>L</SourceLevel><LEA>311</LEA><SoftwareCode>x</SoftwareCode>"
    "<Release>1</Release><SerialNo>1</SerialNo><DateTime>x</DateTime></Source></Header>",
)


def all_that_is_said(file: str) -> str:
    """Read a file and give, as text, every fault and error there is about it."""
    said: list[Fault] = []
    text = ""
    try:
        read_return = read(file)
        for child in read_return:
            said += child.faults
            text += repr(child) if isinstance(child, RefusedChild) else ""
        header = read_return.header
        said += [*read_return.faults, *(header.faults if header else ())]
        said += check_header(header, authority="301", year=2017)
    except ReturnNotReadable as refusal:
        text += f"{refusal!r} {refusal} {refusal.args} {vars(refusal)}"
    assert said or text
    return text + repr(said)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"<(\w+)>", EVERYTHING))))
def test_no_value_of_any_field_comes_back(name: str) -> None:
    """Whichever field holds words that nobody expected, no fault repeats them."""
    for planted in (MARKER, MARKER * 500, f"{MARKER}<{MARKER}>{MARKER}</{MARKER}>"):
        before = re.sub(f"<{name}>", rf"<{name}>{planted}", EVERYTHING)
        instead = re.sub(f"<{name}>[^<]*", rf"<{name}>{planted}", EVERYTHING)
        twice = re.sub(f"<{name}>", rf"<{name}>{planted}</{name}><{name}>", EVERYTHING)
        for file in (before, instead, twice):
            assert MARKER.lower() not in all_that_is_said(file).lower()


@pytest.mark.parametrize(
    "file",
    [
        FILE.replace("<Child>", f"<Child {MARKER}='{MARKER}' xmlns:{MARKER}='{MARKER}'><Odd/>"),
        FILE.replace("<Child>", f"<Child><{MARKER}><{MARKER}/></{MARKER}>"),
        FILE.replace("<Child>", f"<{MARKER}:{MARKER}/><Child>"),
        FILE.replace("<Child>", f"<{MARKER}>"),
        FILE.replace("<Message>", f"<{MARKER}>"),
        FILE.replace("<Message>", f"<!DOCTYPE {MARKER} SYSTEM '{MARKER}'><Message>"),
        FILE.replace("A-1", f"&{MARKER};"),
        FILE.replace("</Child>", f"</{MARKER}>"),
        f"<?xml version='1.0' encoding='{MARKER}'?>{FILE}",
        f"<?xml version='{MARKER}'?>{FILE}",
        f"{FILE}{MARKER}",
        FILE.replace("A-1", f"{MARKER}\0"),
    ],
)
def test_nothing_around_the_values_comes_back(file: str) -> None:
    """Names, attributes, entities and declarations are input too."""
    assert MARKER.lower() not in all_that_is_said(file).lower()


def test_places_speak_our_own_vocabulary() -> None:
    """Every word of a place is an element of the census, or stands for one that is not."""
    said = all_that_is_said(FILE.replace("<Child>", "<Child>x<Odd/><Reviews/>"))
    paths = re.findall(r"path='([^']*)'", said)
    words = {re.sub(r"\[\d+\]", "", word) for path in paths for word in path.split("/")}
    assert words <= VOCABULARY | {"(unknown element)"}
    assert len(words) > 3


def test_a_child_does_not_show_itself() -> None:
    """What could tell who a child is stays out of its own text."""
    written = FILE.replace("A-1", MARKER).replace(
        "</LAchildID>",
        "</LAchildID><UPN>X123456789012</UPN><PersonBirthDate>2011-12-13</PersonBirthDate>",
    )
    shown = repr(only_child(written))
    assert MARKER not in shown
    assert "X123456789012" not in shown
    assert "2011" not in shown
