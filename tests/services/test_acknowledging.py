"""The hub's signed answer: fixed bytes, one entry an event in order, and what it says later."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.keys import signing
from adapters.keys.signing import Ed25519Signer
from domain.canonical import canonical
from domain.errors import Fault
from domain.values import instant_of, to_bytes
from services.acknowledging import Judged, answer_of, instant, told
from services.ports import Conflict, HeldBack, Outcome, Recorded

SIGNER = Ed25519Signer(bytes([7]) * 32)
FIRST = "01890a5d-ac96-774b-bcce-b302099a8057"
SECOND = "01890a5d-ac96-774b-bcce-b302099a8058"
FAULT = Fault(1, "time", "in-the-future")
VECTOR = (
    b'{"acknowledgement":{"events":['
    b'{"id":"01890a5d-ac96-774b-bcce-b302099a8057","outcome":"recorded","position":41,'
    b'"recorded":"2025-06-15T15:06:40.007Z"},'
    b'{"faults":[{"code":"in-the-future","place":"time"}],'
    b'"id":"01890a5d-ac96-774b-bcce-b302099a8058","outcome":"refused"},'
    b'{"faults":[{"code":"extra-forbidden","place":"(unknown)"}],"outcome":"refused"}'
    b'],"ledger":"havering"},"signature":'
    b'"NzEvYgn7PB17VbeK00MDwZdEPrdXM4mpkKMxZ-abH23UVH27DylAOZE7fJcONlS5HtVEE93ccFJN6m1Q19c3BQ"}'
)


def test_an_answer_is_byte_for_byte_as_documented() -> None:
    """Whoever holds the hub's key can check these very bytes."""
    judged = [
        Judged(FIRST, ()),
        Judged(SECOND, (FAULT,), "8"),
        Judged(None, (Fault(2, "(unknown)", "extra-forbidden"),)),
    ]
    answer = answer_of({"ledger": "havering"}, judged, SIGNER)
    assert answer([Recorded(41, 1_750_000_000_007, again=False)]) == VECTOR


def test_the_signature_covers_the_inner_document() -> None:
    """It holds for the canonical JSON under a domain string, and for nothing else."""
    signature = to_bytes(json.loads(VECTOR)["signature"])
    said = canonical(json.loads(VECTOR)["acknowledgement"])
    assert signing.verify(SIGNER.public, signature, b"bhr-acknowledgement/v1\n" + said)
    assert not signing.verify(SIGNER.public, signature, said)


OUTCOMES: st.SearchStrategy[Outcome | Fault] = st.one_of(
    st.builds(Recorded, st.integers(0, 10**9), st.integers(0, 4 * 10**12), st.booleans()),
    st.just(Conflict()),
    st.just(HeldBack()),
    st.just(FAULT),
)


@given(st.lists(OUTCOMES, max_size=6))
def test_every_event_is_told_its_own_fate(fates: list[Outcome | Fault]) -> None:
    """Refused and placed events come in the order they were sent, however they are mixed."""
    judged = [Judged(FIRST, (one,) if isinstance(one, Fault) else ()) for one in fates]
    placed = [one for one in fates if not isinstance(one, Fault)]
    raw = answer_of({}, judged, SIGNER)(placed)
    said = [
        event["position"] if event["outcome"] == "recorded" else event["faults"][0]["code"]
        for event in json.loads(raw)["acknowledgement"]["events"]
    ]
    expected = {Conflict: "already-recorded-differently", HeldBack: "held-back", Fault: FAULT.code}
    assert said == [
        one.position if isinstance(one, Recorded) else expected[type(one)] for one in fates
    ]
    recorded = sum(isinstance(one, Recorded) for one in fates)
    summary = told(raw)
    assert (summary.recorded, summary.refused) == (recorded, len(fates) - recorded)
    assert summary.faults == tuple(
        Fault(at, FAULT.place, FAULT.code) for at, one in enumerate(fates) if one == FAULT
    )


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_750_000_000_007, "2025-06-15T15:06:40.007Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
    ],
)
def test_a_recorded_time_is_spelt_to_the_millisecond(milliseconds: int, text: str) -> None:
    """In UTC, always with three digits."""
    assert instant(milliseconds) == text


@given(st.integers(0, 4_102_444_799_999))
def test_a_recorded_time_reads_back(milliseconds: int) -> None:
    """No time is rounded on its way through text."""
    assert round(instant_of(instant(milliseconds)).timestamp() * 1000) == milliseconds
