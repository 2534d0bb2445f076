"""Stored bytes back into models: as they were written, older versions lifted, nothing else."""

from __future__ import annotations

import json
import traceback
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.canonical import JsonValue, canonical
from domain.errors import RecordMalformed
from domain.stored import StoredModels
from domain.vocabulary.catalogue import STANDARD, Catalogue
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.parts import CaseFacts, FactsPart, Kind, SharedPart
from domain.vocabulary.upcasting import Upcast
from tests.domain.test_envelope import HEADER, TOKEN

MARKER = "Marker-9f41"
MODELS = StoredModels(STANDARD)


class FirstTold(Kind, name="told"):
    """A kind that only this test knows, as it was."""

    class Facts(CaseFacts):
        """One word."""

        way: Literal["phone", "letter"]


class SecondTold(Kind, name="told", version=2):
    """The same kind as it is."""

    class Facts(CaseFacts):
        """Another word for it."""

        by_post: bool

    class Shared(SharedPart):
        """A field more."""

        was_older: bool | None = None


def lifted(facts: FactsPart) -> FactsPart:
    """Lift the facts of version 1."""
    assert isinstance(facts, FirstTold.Facts)
    return SecondTold.Facts(by_post=facts.way == "letter")


def lifted_shared(shared: SharedPart) -> SharedPart:
    """Lift the shared part of version 1."""
    return SecondTold.Shared(was_older=True, sex=shared.sex)


TOLD = StoredModels(
    Catalogue((FirstTold, SecondTold), (Upcast("told", 1, facts=lifted, shared=lifted_shared),))
)


def entry(**shared: JsonValue) -> bytes:
    """Give the bytes of a person's shared part."""
    return canonical({"pseudonym": TOKEN, "role": "child", "shared": shared})


def test_a_header_names_its_kind() -> None:
    """What was recorded is read as the kind and the version that it was written in."""
    header, kind = MODELS.header(canonical(HEADER))
    assert (header.model_dump(exclude_unset=True), kind) == (HEADER, ReferralReceived)


def test_facts_and_person_read_back() -> None:
    """A part of the current version is given as it was written."""
    facts = MODELS.facts(ReferralReceived, b'{"source_code":"2A"}')
    assert facts == ReferralReceived.Facts(source_code="2A")
    found, shared = MODELS.entry(ReferralReceived, entry(primary_need="N1"))
    assert (found.pseudonym, found.role, shared) == (TOKEN, "child", found.shared)
    assert shared == ReferralReceived.Shared(primary_need="N1")


def test_an_older_version_is_lifted() -> None:
    """What was written in version 1 folds as version 2, and its entry stays as it was written."""
    assert TOLD.facts(FirstTold, b'{"way":"letter"}') == SecondTold.Facts(by_post=True)
    assert TOLD.facts(SecondTold, b'{"by_post":false}') == SecondTold.Facts(by_post=False)
    found, shared = TOLD.entry(FirstTold, entry(sex="female"))
    assert shared == SecondTold.Shared(was_older=True, sex="female")
    assert found.shared == SharedPart(sex="female")


MALFORMED = [
    b"",
    b"null",
    b"[]",
    b"\xff",
    json.dumps(MARKER).encode(),
    json.dumps({MARKER: 1}).encode(),
    json.dumps({"source_code": MARKER}).encode(),
    json.dumps({**HEADER, "sequence": MARKER}).encode(),
    json.dumps({**HEADER, "type": "uk.bhr.safeguarding.marker-9f41.v1"}).encode(),
    json.dumps({"pseudonym": TOKEN, "role": MARKER, "shared": {}}).encode(),
]


@pytest.mark.parametrize("raw", MALFORMED)
def test_what_is_no_such_part_is_refused_without_a_word_of_it(raw: bytes) -> None:
    """Each part is refused by its name, and nothing of what it holds is repeated."""
    for name, read in (
        ("header", lambda: MODELS.header(raw)),
        ("facts", lambda: MODELS.facts(ReferralReceived, raw)),
        ("shared part", lambda: MODELS.entry(ReferralReceived, raw)),
    ):
        with pytest.raises(RecordMalformed, match=f"malformed record: {name}$") as found:
            read()
        told = "".join(traceback.format_exception(found.value))
        assert MARKER.lower() not in told.lower()


@given(st.binary(max_size=80))
def test_no_bytes_get_past(raw: bytes) -> None:
    """Whatever was stored, reading it as a part raises nothing but RecordMalformed."""
    with pytest.raises(RecordMalformed):
        MODELS.header(raw)
