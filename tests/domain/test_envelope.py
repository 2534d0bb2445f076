"""The envelope: exact bytes of header and shared part, and parts that stay apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.canonical import JsonValue, canonical
from domain.envelope import (
    MOST_SUBJECTS,
    Header,
    SealedPart,
    SignedEvent,
    SubjectEntry,
    header_bytes,
    shared_bytes,
)
from domain.record import PARTS_MAX
from domain.statement import restricted_number
from domain.values import to_text
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.parts import FactsPart, Kind, SharedPart
from tests.rig_publisher import Json

EVENT_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
TOKEN = to_text(bytes(range(32)))
HEADER: Mapping[str, JsonValue] = {
    "type": "uk.bhr.safeguarding.referral-received.v1",
    "time": "2024-05-01T00:00:00Z",
    "subject": TOKEN,
    "specversion": "1.0",
    "source": "/participants/havering/cms",
    "sequence": "7",
    "purpose": "partnership-themes",
    "precision": "day",
    "id": EVENT_ID,
    "dataschema": "urn:bhr:schema:referral-received:v1",
    "datacontenttype": "application/json",
    "agreement": "bhr-themes@1",
}
REFERRAL = TypeAdapter(SignedEvent[FactsPart, ReferralReceived.Shared])
OPTIONAL = st.fixed_dictionaries(
    {},
    optional={
        "incidentla": st.none() | st.just("311"),
        "residencela": st.none() | st.just("317"),
        "sealingsession": st.none() | st.just(TOKEN),
        "supersedes": st.none() | st.just(EVENT_ID),
        "time": st.sampled_from(["2024-05-01T00:00:00.000000001+13:59", "1900-02-28T23:59:59Z"]),
        "sequence": st.sampled_from(["0", "999999999999999999"]),
    },
)


def test_a_header_is_byte_for_byte_as_documented() -> None:
    """Whatever order it came in, the header is RFC 8785 JSON without `data`."""
    expected = (
        b'{"agreement":"bhr-themes@1","datacontenttype":"application/json",'
        b'"dataschema":"urn:bhr:schema:referral-received:v1",'
        b'"id":"01890a5d-ac96-774b-bcce-b302099a8057","precision":"day",'
        b'"purpose":"partnership-themes","sequence":"7","source":"/participants/havering/cms",'
        b'"specversion":"1.0","subject":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",'
        b'"time":"2024-05-01T00:00:00Z","type":"uk.bhr.safeguarding.referral-received.v1"}'
    )
    assert header_bytes(Header.model_validate_json(json.dumps(HEADER))) == expected


@given(OPTIONAL)
def test_a_header_s_bytes_are_those_of_what_was_sent(changes: Json) -> None:
    """What was set, a null included, is committed to as it was spelt, and what was not is not."""
    sent = {**HEADER, **changes}
    assert header_bytes(Header.model_validate_json(json.dumps(sent))) == canonical(sent)


def test_header_and_shared_part_leave_the_rest_out() -> None:
    """Data, salts and sealed parts are in neither: each has a commitment of its own."""
    entry: Json = {
        "linkage": [{"basis": "upn", "key": TOKEN, "token": TOKEN}],
        "pseudonym": TOKEN,
        "role": "child",
        "shared": {"sex": "female", "primary_need": "N1"},
    }
    sealed = {"commitment": TOKEN, "envelope": "A" * 40, "recipients": ["havering"]}
    subject = {**entry, "restricted": sealed, "salt": TOKEN}
    data = {"facts": {}, "salts": {"facts": TOKEN, "header": TOKEN}, "subjects": [subject]}
    event = REFERRAL.validate_json(json.dumps({**HEADER, "data": data}))
    assert header_bytes(event) == canonical(HEADER)
    assert shared_bytes(event.data.subjects[0]) == canonical(entry)


@pytest.mark.parametrize("field", sorted(ReferralReceived.Restricted.model_fields))
def test_a_restricted_field_has_no_place_in_a_shared_part(field: str) -> None:
    """What identifies a child is refused by name in the part that the hub folds."""
    entry = {"pseudonym": TOKEN, "role": "child", "shared": {field: "x"}}
    with pytest.raises(ValidationError) as found:
        SubjectEntry[ReferralReceived.Shared].model_validate_json(json.dumps(entry))
    assert [one["type"] for one in found.value.errors()] == ["extra_forbidden"]


def test_a_shared_part_cannot_be_declared_with_a_restricted_field() -> None:
    """Nobody can add such a field by mistake: the declaration itself is refused."""

    class Leaky(SharedPart):
        name: Literal["somebody"]

    with pytest.raises(TypeError, match=r"Leaky\.name belongs in restricted"):

        class LeakyKind(Kind, name="leaky"):
            Shared = Leaky


@pytest.mark.parametrize("cut", range(4))
def test_an_envelope_has_one_spelling(cut: int) -> None:
    """Base64url of another length or with stray bits is refused where it is read."""
    raw = bytes([0xFF]) * (48 - cut)
    good = {"commitment": TOKEN, "envelope": to_text(raw), "recipients": ["havering"]}
    assert SealedPart.model_validate_json(json.dumps(good)).envelope == to_text(raw)
    stray = {1: "9", 2: "B"}.get(cut)
    spoilt = to_text(raw) + "A" if stray is None else to_text(raw)[:-1] + stray
    with pytest.raises(ValidationError):
        SealedPart.model_validate_json(json.dumps({**good, "envelope": spoilt}))


def test_the_most_subjects_fit_into_a_leaf() -> None:
    """Facts and two parts for each of the most subjects are as many parts as a leaf may name."""
    assert restricted_number(MOST_SUBJECTS - 1) < PARTS_MAX


@pytest.mark.parametrize("version", [1, 99])
def test_a_kind_is_named_without_prefix_and_version(version: int) -> None:
    """Agreements name kinds as the catalogue does, whatever the version."""
    sent = {**HEADER, "type": f"uk.bhr.safeguarding.v2-case-stepped.v{version}"}
    header = Header.model_validate_json(json.dumps(sent))
    assert header.kind_name() == "v2-case-stepped"
