"""From a draft to an event inside a signed submission: pseudonyms, salts, commitments, seals.

The bytes of each part are made once, committed to, and put on the wire as they are; the hub reads
them, spells them again and comes to the same commitment (all our models spell canonically).
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from domain.canonical import JsonValue, canonical
from domain.statement import (
    FACTS_NUMBER,
    PartClass,
    StatedPart,
    commit,
    restricted_number,
    shared_number,
    statement_digest,
)
from domain.values import to_text
from domain.vocabulary.parts import FactsPart, Kind, Role
from services.borough.drafting import SubjectDraft, Tagged, part_bytes
from services.borough.linkage import LinkageKey, tokens
from services.borough.pseudonyms import Pseudonyms
from services.borough.sealing import SALT_BYTES, PartPlace, SealedContent, SessionSeal
from services.borough.speaker import Speaker


@dataclass(frozen=True, slots=True)
class Slot:
    """What an event is given by the client: id, number, and what it corrects."""

    event: uuid.UUID
    sequence: int
    supersedes: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """An event as it goes into a submission, and its statement digest."""

    event: uuid.UUID
    document: bytes
    statement: bytes


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """What the client says on its own account; `stream` and whom it is about are pseudonyms."""

    kind: type[Kind]
    stream: str
    time: str
    facts: FactsPart
    pseudonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Person:
    """One person's shared part and, in the clear, the restricted part."""

    entry: bytes
    restricted: bytes | None


class Maker:
    """Makes the events of one source."""

    def __init__(self, speaker: Speaker, linkage: Sequence[LinkageKey]) -> None:
        """Speak for a source; tokens go out under each linkage key."""
        self._speaker = speaker
        self._linkage = tuple(linkage)

    def own(self, own: OwnEvent, slot: Slot) -> Made:
        """Make an event of the client's own."""
        said = {"precision": "instant", "time": own.time}
        header = self._header(own.kind, own.stream, slot, said)
        nothing = part_bytes(own.kind.Shared())
        people = [_Person(_entry(one, "child", nothing), None) for one in own.pseudonyms]
        return _assembled(slot, header, part_bytes(own.facts), people, None)

    def event(
        self, tagged: Tagged, slot: Slot, names: Pseudonyms, seal: SessionSeal | None
    ) -> Made:
        """Make the event of a draft; `seal` is the session for its restricted parts."""
        draft = tagged.draft
        said = {"precision": draft.precision, "time": draft.time}
        for name in ("agreement", "incidentla", "purpose", "residencela"):
            value: str | None = getattr(draft, name)
            if value is not None:
                said[name] = value
        if seal is not None:
            said["sealingsession"] = seal.text
        header = self._header(draft.kind, names.of(("stream", tagged.stream)), slot, said)
        facts = draft.facts
        if tagged.episode is not None:
            episode = names.of(("episode", tagged.episode))
            facts = facts.model_copy(update={"episode": episode})
        people = [
            _Person(self._entry(subject, shared, names), restricted)
            for subject, (shared, restricted) in zip(draft.subjects, tagged.parts, strict=True)
        ]
        return _assembled(slot, header, part_bytes(facts), people, seal)

    def _entry(self, subject: SubjectDraft, shared: bytes, names: Pseudonyms) -> bytes:
        """Give the bytes of a shared part: what `domain.envelope.shared_bytes` gives of it."""
        pseudonym = names.of(("person", subject.person))
        linkage = b""
        if subject.linkage and self._linkage:
            made = tokens(subject.linkage, self._linkage)
            linkage = b'"linkage":[%b],' % b",".join(token.canonical() for token in made)
        return _entry(pseudonym, subject.role, shared, linkage)

    def _header(self, kind: type[Kind], stream: str, slot: Slot, said: dict[str, str]) -> bytes:
        """Give the header's canonical bytes. All was judged with the draft, or is our own."""
        fields: dict[str, JsonValue] = {
            "agreement": self._speaker.agreement,
            "datacontenttype": "application/json",
            "dataschema": kind.schema_id(),
            "id": str(slot.event),
            "purpose": self._speaker.purpose,
            "sequence": str(slot.sequence),
            "source": self._speaker.source,
            "specversion": "1.0",
            "subject": stream,
            "type": kind.type_name(),
            **said,
        }
        if slot.supersedes is not None:
            fields["supersedes"] = str(slot.supersedes)
        return canonical(fields)


def _entry(pseudonym: str, role: Role, shared: bytes, linkage: bytes = b"") -> bytes:
    return b'{%b"pseudonym":"%b","role":"%b","shared":%b}' % (
        linkage,
        pseudonym.encode(),
        role.encode(),
        shared,
    )


def _assembled(
    slot: Slot, header: bytes, facts: bytes, people: Sequence[_Person], seal: SessionSeal | None
) -> Made:
    """Salt, commit, seal, and put the pieces together as one CloudEvent."""
    header_salt, facts_salt, *salts = _fresh_salts(2 + 2 * len(people))
    stated = [StatedPart(FACTS_NUMBER, PartClass.FACTS, commit(facts_salt, facts))]
    subjects: list[bytes] = []
    for at, person in enumerate(people):
        salt, restricted_salt = salts[2 * at : 2 * at + 2]
        stated.append(StatedPart(shared_number(at), PartClass.SHARED, commit(salt, person.entry)))
        restricted = b""
        if seal is not None and person.restricted is not None:
            number = restricted_number(at)
            sealed = seal.seal(PartPlace(slot.event, number), restricted_salt, person.restricted)
            stated.append(_stated(number, sealed, seal))
            restricted = b',"restricted":%b' % _on_the_wire(sealed, seal)
        subjects.append(b'%b%b,"salt":"%b"}' % (person.entry[:-1], restricted, _text(salt)))
    document = b'%b,"data":{"facts":%b,"salts":{"facts":"%b","header":"%b"},"subjects":[%b]}}' % (
        header[:-1],
        facts,
        _text(facts_salt),
        _text(header_salt),
        b",".join(subjects),
    )
    digest = statement_digest(slot.event.bytes, commit(header_salt, header), stated)
    return Made(slot.event, document, digest)


def _fresh_salts(count: int) -> list[bytes]:
    """Draw salts of their own for header and parts; the system is asked once for all of them."""
    drawn = secrets.token_bytes(count * SALT_BYTES)
    return [drawn[at : at + SALT_BYTES] for at in range(0, len(drawn), SALT_BYTES)]


def _stated(number: int, sealed: SealedContent, seal: SessionSeal) -> StatedPart:
    return StatedPart(
        number,
        PartClass.RESTRICTED,
        sealed.commitment,
        hashlib.sha256(sealed.envelope).digest(),
        seal.recipient_set,
    )


def _on_the_wire(sealed: SealedContent, seal: SessionSeal) -> bytes:
    return b'{"commitment":"%b","envelope":"%b","recipients":%b}' % (
        _text(sealed.commitment),
        _text(sealed.envelope),
        seal.recipients_json,
    )


def _text(raw: bytes) -> bytes:
    return to_text(raw).encode()
