"""The statement digest of a recorded event, worked out anew from leaf and sealed header.

It can be so for ever, whatever was erased: the leaf holds the commitments, the keyring the digests
of the publisher's envelopes.
"""

from __future__ import annotations

from domain.decisions import subject_mark
from domain.opened import OpenedEvent
from domain.record import Leaf
from domain.statement import PartClass, StatedPart, statement_digest
from domain.vocabulary.erasing import ErasureRequested


def unrestricted_statement(leaf: Leaf) -> bytes | None:
    """Give the digest of an event that has no restricted part; None where it has one."""
    if any(part.part_class is PartClass.RESTRICTED for part in leaf.parts):
        return None
    parts = [StatedPart(one.number, one.part_class, one.commitment) for one in leaf.parts]
    return statement_digest(leaf.event_id.bytes, leaf.header_commitment, parts)


def marks_its_subjects(facts: ErasureRequested.Facts, event: OpenedEvent) -> bool:
    """Say whether a request marks its own subjects: all that open, and nobody beside them."""
    marks = {
        subject_mark(event.ledger, one.pseudonym)
        for one in event.subjects
        if one.pseudonym is not None
    }
    return marks <= set(facts.marks) and len(facts.marks) == len(event.subjects)
