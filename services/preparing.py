"""An event as intake understood it, ready to be sealed: exact bytes, salts and commitments.

Three ways lead here and meet: a signed event (salts and commitments are the publisher's, and are
recomputed here), a plain event (the hub makes them, and seals the restricted parts to the
controller), and the hub's own event. From here on nothing knows which it was but the attestation.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.envelope import Header, SealedPart, SubjectEntry, header_bytes, shared_bytes
from domain.record import Attestation
from domain.statement import (
    FACTS_NUMBER,
    PartClass,
    commit,
    recipient_set,
    restricted_number,
    shared_number,
    statement_digest,
)
from domain.values import to_bytes
from domain.vocabulary.parts import FactsPart, SharedPart
from domain.wire import AnySigned
from services.ports import KeyClass

Entry = SubjectEntry[SharedPart]


class PreparedPart(NamedTuple):
    """One part with the name of the key that it will be sealed under."""

    number: int
    part_class: PartClass
    key_class: KeyClass
    key_name: str
    content: bytes
    commitment: bytes
    salt: bytes = b""
    recipients: tuple[str, ...] = ()
    envelope_digest: bytes = bytes(32)
    """Of a restricted part what statement and keyring hold: for a plain source's it is the tag that
    stands in its place (`plain.py`)."""

    @property
    def recipient_set(self) -> bytes:
        """Give what the statement says of whom a restricted part is sealed to."""
        return recipient_set(self.recipients)


@dataclass(frozen=True, slots=True)
class PreparedEvent:
    """One event ready to be sealed."""

    event_id: uuid.UUID
    source: str
    sequence: int
    stream: str
    attestation: Attestation
    header: bytes
    header_salt: bytes
    header_commitment: bytes
    parts: tuple[PreparedPart, ...]
    recorded_statement: bytes = b""
    """Of a plain event that stands already with the same content: the statement it stands with."""
    digest: bytes = field(init=False)
    """The statement digest: intake and commit both ask for it."""

    def __post_init__(self) -> None:
        """Make the digest of what is given."""
        digest = self.recorded_statement or statement_digest(
            self.event_id.bytes, self.header_commitment, self.parts
        )
        object.__setattr__(self, "digest", digest)

    def size(self) -> int:
        """Give the decoded size of header and parts, in bytes."""
        return len(self.header) + sum([len(part.content) for part in self.parts])


class PersonPart(NamedTuple):
    """One person: the shared entry with its salt, and the restricted part sealed or absent."""

    entry: Entry
    salt: bytes
    sealed: SealedPart | None = None


def prepared(
    header: Header,
    facts: tuple[FactsPart, bytes],
    people: Sequence[PersonPart],
    *,
    header_salt: bytes,
    attestation: Attestation,
) -> PreparedEvent:
    """Compute bytes and commitments of one event; `facts` comes with its salt."""
    head = header_bytes(header)
    facts_bytes = facts[0].canonical()
    parts = [
        PreparedPart(
            FACTS_NUMBER, PartClass.FACTS, "stream", header.subject,
            facts_bytes, commit(facts[1], facts_bytes), facts[1],
        )
    ]  # fmt: skip
    for subject, person in enumerate(people):
        parts += _person_parts(subject, person)
    return PreparedEvent(
        event_id=uuid.UUID(header.id),
        source=header.source,
        sequence=int(header.sequence),
        stream=header.subject,
        attestation=attestation,
        header=head,
        header_salt=header_salt,
        header_commitment=commit(header_salt, head),
        parts=tuple(parts),
    )


def _person_parts(subject: int, person: PersonPart) -> list[PreparedPart]:
    shared = shared_bytes(person.entry)
    parts = [
        PreparedPart(
            shared_number(subject), PartClass.SHARED, "subject", person.entry.pseudonym,
            shared, commit(person.salt, shared), person.salt,
        )
    ]  # fmt: skip
    if person.sealed is not None:
        envelope = to_bytes(person.sealed.envelope)
        parts.append(
            PreparedPart(
                restricted_number(subject),
                PartClass.RESTRICTED,
                "subject",
                person.entry.pseudonym,
                envelope,
                to_bytes(person.sealed.commitment),
                recipients=person.sealed.recipients,
                envelope_digest=hashlib.sha256(envelope).digest(),
            )
        )
    return parts


def from_signed(event: AnySigned) -> PreparedEvent:
    """Prepare an event of a signed submission."""
    people = [
        PersonPart(subject, to_bytes(subject.salt), subject.restricted)
        for subject in event.data.subjects
    ]
    return prepared(
        event,
        (event.data.facts, to_bytes(event.data.salts.facts)),
        people,
        header_salt=to_bytes(event.data.salts.header),
        attestation=Attestation.SIGNED,
    )


def own_event(header: Header, facts: FactsPart) -> PreparedEvent:
    """Prepare one of the hub's own events: about no person, salts made here."""
    return prepared(
        header,
        (facts, secrets.token_bytes(32)),
        (),
        header_salt=secrets.token_bytes(32),
        attestation=Attestation.HUB,
    )
