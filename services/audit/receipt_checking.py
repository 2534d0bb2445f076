"""Whether a receipt proves what it is kept for, without the hub: check by check, none skipped.

 1. form         the receipt can be read, and its `extra` is a leaf: that of the event it names
 2. inclusion    the leaf stands at the index, in the tree of the checkpoint
 3. log          the log of the policy signed the checkpoint, under the ledger's origin
 4. quorum       enough of the policy's witnesses cosigned it
 5. statement    what was signed of the event has the leaf's commitments, and is in the signed list
 6. publisher    a key that is trusted signed the list

What cannot be checked for want of a key says so; it never counts as holding.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from domain import tree
from domain.checkpoint import Algorithms
from domain.errors import NotOpened, NotProven
from domain.receipts import Receipt, SignedSubmission, read_receipt
from domain.record import Leaf, decode_leaf
from domain.statement import read_statement, signed_bytes
from domain.tlog_policy import Policy, Witnessed
from domain.tlog_proof import TlogProof, read_proof
from domain.values import to_bytes
from services.ports import Verify

CHECKS = ("form", "inclusion", "log", "quorum", "statement", "publisher")
State = Literal["holds", "fails", "not-checked"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check, and why it does not hold or was not made."""

    name: str
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Believed:
    """Whom the checker believes: a policy, and the keys of publishers it was given."""

    policy: Policy
    algorithms: Algorithms
    verify: Verify
    publisher_keys: Callable[[str], Sequence[bytes]]
    """The keys of a source's body; none where none is trusted."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What a receipt came to, and what it is of, as far as that could be read."""

    checks: tuple[Check, ...]
    leaf: Leaf | None = None
    recorded_ms: int = 0
    index: int = -1
    size: int = 0
    cosigned: tuple[tuple[str, int], ...] = ()
    """Who saw it, and when, in seconds."""
    ledger: str = ""
    """Which one the receipt says that it is of."""

    @property
    def holds(self) -> bool:
        """Say whether nothing failed and the log and its witnesses were checked."""
        states = {one.name: one.state for one in self.checks}
        needed = ("form", "inclusion", "log", "quorum")
        return "fails" not in states.values() and all(states[n] == "holds" for n in needed)


def checked(raw: bytes, believed: Believed) -> Proven:
    """Check a receipt's file; whatever bytes these are, this gives an answer and never raises."""
    try:
        file = read_receipt(raw)
        proof = read_proof(file.receipt.encode())
        leaf, recorded_ms = decode_leaf(proof.extra or b"")
    except (NotProven, NotOpened) as fault:
        code = fault.code if isinstance(fault, NotProven) else "not-a-receipt"
        rest = (Check(name, "not-checked", "the form does not hold") for name in CHECKS[1:])
        return Proven((Check("form", "fails", code), *rest))
    checks = [
        Check("form", "holds")
        if leaf.event_id == uuid.UUID(file.event)
        else Check("form", "fails", "of-another-event")
    ]
    witnessed, log = _witnessed(proof, file.ledger, believed)
    checks += [_inclusion(proof, witnessed), log, _quorum(witnessed)]
    checks += _publisher(file, leaf, believed)
    seen = {} if witnessed is None else witnessed.witnesses
    return Proven(
        tuple(checks),
        leaf,
        recorded_ms,
        proof.index,
        0 if witnessed is None else witnessed.checkpoint.size,
        tuple((name, one.seconds or 0) for name, one in sorted(seen.items())),
        file.ledger,
    )


def _witnessed(proof: TlogProof, ledger: str, believed: Believed) -> tuple[Witnessed | None, Check]:
    try:
        found = believed.policy.witnessed(proof.note, believed.algorithms)
    except NotProven as fault:
        return None, Check("log", "fails", fault.code)
    if found.checkpoint.origin.rpartition("/")[2] != ledger:
        return None, Check("log", "fails", "of-another-ledger")
    return found, Check("log", "holds")


def _inclusion(proof: TlogProof, witnessed: Witnessed | None) -> Check:
    if witnessed is None:
        return Check("inclusion", "not-checked", "no checkpoint is to be believed")
    checkpoint = witnessed.checkpoint
    hashed = tree.leaf_hash(proof.extra or b"")
    stands = tree.verify_inclusion(
        hashed, proof.index, checkpoint.size, proof.path, checkpoint.root
    )
    return Check("inclusion", "holds") if stands else Check("inclusion", "fails", "not-in-the-tree")


def _quorum(witnessed: Witnessed | None) -> Check:
    if witnessed is None:
        return Check("quorum", "not-checked", "no checkpoint is to be believed")
    return Check("quorum", "holds") if witnessed.quorum else Check("quorum", "fails", "too-few")


def _publisher(file: Receipt, leaf: Leaf, believed: Believed) -> Iterator[Check]:
    signed = file.signed
    if signed is None or file.statement is None:
        for name in ("statement", "publisher"):
            yield Check(name, "not-checked", "nobody signed this event")
        return
    fault = _statement_fault(to_bytes(file.statement), signed, leaf)
    yield Check("statement", "fails", fault) if fault else Check("statement", "holds")
    keys = believed.publisher_keys(signed.source)
    if not keys:
        yield Check("publisher", "not-checked", "no key of this publisher is trusted here")
        return
    digests = [to_bytes(one) for one in signed.digests]
    message = signed_bytes(file.ledger, signed.source, uuid.UUID(signed.submission), digests)
    signature = to_bytes(signed.signature)
    holds = any(believed.verify(key, signature, message) for key in keys)
    yield Check("publisher", "holds") if holds else Check("publisher", "fails", "not-its-signature")


def _statement_fault(raw: bytes, signed: SignedSubmission, leaf: Leaf) -> str | None:
    try:
        event_id, header, parts = read_statement(raw)
    except NotProven as fault:
        return fault.code
    logged = [(part.number, part.part_class, part.commitment) for part in leaf.parts]
    said = [(part.number, part.part_class, part.commitment) for part in parts]
    if (event_id, header, said) != (leaf.event_id.bytes, leaf.header_commitment, logged):
        return "not-what-was-logged"
    place = (uuid.UUID(signed.submission), signed.index, signed.source)
    if place != (leaf.submission, leaf.index, leaf.source) or leaf.index >= len(signed.digests):
        return "of-another-submission"
    if hashlib.sha256(raw).digest() != to_bytes(signed.digests[signed.index]):
        return "not-what-was-signed"
    return None
