"""The statement digest of a recorded event, worked out anew from leaf and sealed header.

It can be so for ever, whatever was erased: the leaf holds the commitments, the keyring the digests
of the publisher's envelopes.
"""

from __future__ import annotations

from domain.record import Leaf
from domain.statement import PartClass, StatedPart, statement_digest


def unrestricted_statement(leaf: Leaf) -> bytes | None:
    """Give the digest of an event that has no restricted part; None where it has one."""
    if any(part.part_class is PartClass.RESTRICTED for part in leaf.parts):
        return None
    parts = [StatedPart(one.number, one.part_class, one.commitment) for one in leaf.parts]
    return statement_digest(leaf.event_id.bytes, leaf.header_commitment, parts)
