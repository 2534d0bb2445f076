"""A receipt for something else, or with anything changed in it, does not hold; nothing raises."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.keys import signing
from adapters.keys.signing import Ed25519Signer
from adapters.ledger.memory import MemoryLedger
from domain import tree
from domain.canonical import canonical
from domain.receipts import Receipt, SignedSubmission
from domain.record import leaf_bytes_of, leaf_of
from domain.signed_note import KeyKind, read_note
from domain.statement import signed_bytes, statement
from domain.tlog_policy import Policy
from domain.tlog_proof import TlogProof
from domain.values import to_text
from services.audit.receipt_checking import CHECKS, Believed, Proven, checked
from services.ports import Verify
from services.receipts import statement_of
from tests.contracts.ledger_builders import NAME, NOON, SOURCE, submission
from tests.note_rig import ALGORITHMS, a_signer
from tests.verifying_rig import checkpoint, policy, record

SIGNER = Ed25519Signer(bytes(range(32)))
VERIFY: Verify = signing.verify
POSITION = 4


def believed(of: Policy | None = None, *keys: bytes) -> Believed:
    """Believe the policy of these tests, and the publisher's key unless others are given."""
    return Believed(of or policy(), ALGORITHMS, VERIFY, lambda _: keys or (SIGNER.public,))


@cache
def kept() -> Receipt:
    """Give the receipt of one event among nine, cosigned by all three witnesses."""
    ledger = MemoryLedger(NAME)
    records = [record(number) for number in range(1, 10)]
    for at, one in enumerate(records):
        ledger.append([submission(at + 1, one)], now_ms=NOON, fences=0)
    note = checkpoint(ledger, 9, now_ms=NOON + 2_000)
    (entry,) = ledger.read(POSITION, 1)
    leaf = leaf_of(entry.record)
    stated = statement_of(leaf, [b""], ())
    digests = (hashlib.sha256(stated).digest(), bytes(32))
    signature = SIGNER.sign(signed_bytes(NAME, SOURCE, leaf.submission, digests))
    path = tree.inclusion(POSITION, 9, ledger.tiles.tile)
    proof = TlogProof(POSITION, tuple(path), read_note(note), leaf_bytes_of(entry.record))
    return Receipt(
        event=str(leaf.event_id),
        ledger=NAME,
        receipt=proof.encode().decode(),
        signed=SignedSubmission(
            digests=tuple(map(to_text, digests)),
            index=0,
            signature=to_text(signature),
            source=SOURCE,
            submission=str(leaf.submission),
        ),
        statement=to_text(stated),
    )


def states(verdict: Proven) -> dict[str, str]:
    """Give the state of each check."""
    return {one.name: one.state for one in verdict.checks}


def test_a_receipt_holds_in_every_check() -> None:
    """Form, inclusion, log, quorum, statement and publisher; and it says who saw it when."""
    verdict = checked(kept().canonical(), believed())
    assert states(verdict) == dict.fromkeys(CHECKS, "holds")
    assert verdict.holds
    assert [name for name, _ in verdict.cosigned] == ["barking", "havering", "redbridge"]
    assert (verdict.index, verdict.size) == (POSITION, 9)


def with_(**changes: object) -> bytes:
    """Give the receipt with other fields."""
    return canonical({**json.loads(kept().canonical()), **changes})  # type: ignore[dict-item]  # what a test needs


def signed_with(**changes: object) -> bytes:
    """Give the receipt with another list of what was signed."""
    signed = json.loads(kept().canonical())["signed"]
    return with_(signed={**signed, **changes})


def without(line: str) -> str:
    """Give the tlog-proof without the lines of one name."""
    lines = kept().receipt.split("\n")
    return "\n".join(one for one in lines if not one.startswith(f"— {line}"))


OTHER_EVENT = "019ca9a8-8d00-7000-8000-000000000001"


def at_another_place() -> bytes:
    """Say that the leaf stands one further on."""
    return with_(receipt=kept().receipt.replace("index 4", "index 5"))


def seen_by_one() -> bytes:
    """Leave the cosignature of one witness alone."""
    return with_(receipt=without("barking.").replace("— havering.", "— elsewhere."))


CHANGED: Mapping[str, Callable[[], bytes]] = {
    "form of-another-event": lambda: with_(event=OTHER_EVENT),
    "log of-another-ledger": lambda: with_(ledger="redbridge"),
    "inclusion not-in-the-tree": at_another_place,
    "quorum too-few": seen_by_one,
    "log unsigned-by-its-log": lambda: with_(receipt=without("hub.example")),
    "statement statement-malformed": lambda: with_(statement=to_text(b"bhr-statement/v1\n")),
    "statement not-what-was-logged": lambda: with_(
        statement=to_text(statement(bytes(16), bytes(32), ()))
    ),
    "statement of-another-submission": lambda: signed_with(source="/participants/havering/mash"),
    "statement not-what-was-signed": lambda: signed_with(digests=[to_text(bytes(32))]),
    "publisher not-its-signature": lambda: signed_with(signature=to_text(bytes(64))),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_changed_receipt_does_not_hold(what: str) -> None:
    """Whatever was changed, one check says so in a word, and the whole does not hold."""
    verdict = checked(CHANGED[what](), believed())
    assert what in {f"{one.name} {one.reason}" for one in verdict.checks if one.state == "fails"}
    assert not verdict.holds


def test_an_event_that_nobody_signed_says_so() -> None:
    """Inclusion holds; what a publisher signed is not checked, and is never called holding."""
    verdict = checked(with_(signed=None, statement=None), believed())
    assert states(verdict)["statement"] == states(verdict)["publisher"] == "not-checked"
    assert verdict.holds


def test_a_publisher_whose_key_is_not_trusted_is_not_checked() -> None:
    """Without the key the statement still is the logged one; whose it is is left open."""
    nobody = Believed(policy(), ALGORITHMS, VERIFY, lambda _: ())
    verdict = checked(kept().canonical(), nobody)
    assert states(verdict)["statement"] == "holds"
    assert states(verdict)["publisher"] == "not-checked"


def test_a_log_that_the_policy_does_not_name_proves_nothing() -> None:
    """A true receipt of another log than the believed one is refused."""
    stranger = a_signer(KeyKind.ED25519, seed=77)
    verdict = checked(kept().canonical(), believed(policy(stranger.key.vkey())))
    assert states(verdict)["log"] == "fails"
    assert states(verdict)["inclusion"] == states(verdict)["quorum"] == "not-checked"
    assert not verdict.holds


@given(st.binary(max_size=200))
def test_garbage_never_raises(raw: bytes) -> None:
    """Whatever bytes are handed in, the answer is a verdict."""
    assert not checked(raw, believed()).holds


@given(st.integers(0, 6_000), st.integers(1, 255))
def test_one_changed_byte_never_holds_as_something_else(at: int, flip: int) -> None:
    """With any byte of the receipt changed, it does not hold, or still says the very same."""
    raw = bytearray(kept().canonical())
    raw[at % len(raw)] ^= flip
    verdict = checked(bytes(raw), believed())
    whole = checked(kept().canonical(), believed())
    if verdict.holds:
        assert (verdict.leaf, verdict.index, verdict.size) == (whole.leaf, whole.index, whole.size)
