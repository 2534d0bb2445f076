"""From a draft to an event inside a signed submission: pseudonyms, salts, commitments, seals.

The bytes of each part are made once, committed to, and put on the wire as they are; the hub reads
them, spells them again and comes to the same commitment (all our models spell canonically).
"""

from __future__ import annotations

import functools
import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

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
from domain.values import Precision, spelt
from domain.vocabulary.parts import FactsPart, Kind, Role
from services.borough.drafting import SubjectDraft, Tagged, part_bytes
from services.borough.linkage import LinkageKey, linkage_bytes
from services.borough.pseudonyms import Pseudonyms
from services.borough.sealing import SALT_BYTES, PartPlace, SealedContent, SessionSeal
from services.borough.speaker import Speaker

_OPEN: Final = "\N{WHITE SQUARE}"
"""What stands in a header's frame for a value that each event has of its own: in no other value,
since all of a header is ASCII."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What an event is given by the client: id, number, and what it corrects."""

    event: uuid.UUID
    sequence: int
    supersedes: uuid.UUID | None = None


class Made(NamedTuple):
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


class _Person(NamedTuple):
    """One person's shared part and, in the clear, the restricted part."""

    entry: bytes
    restricted: bytes | None


class _Like(NamedTuple):
    """What the headers of many events say alike; `corrects` is whether they name another event."""

    kind: type[Kind]
    precision: Precision
    corrects: bool
    agreement: str | None = None
    purpose: str | None = None
    incidentla: str | None = None
    residencela: str | None = None
    session: str | None = None


class Maker:
    """Makes the events of one source."""

    def __init__(self, speaker: Speaker, linkage: Sequence[LinkageKey]) -> None:
        """Speak for a source; tokens go out under each linkage key."""
        self._speaker = speaker
        self._linkage = tuple(linkage)
        self._frame = functools.lru_cache(maxsize=512)(self._made_frame)

    def own(self, own: OwnEvent, slot: Slot) -> Made:
        """Make an event of the client's own."""
        like = _Like(own.kind, "instant", slot.supersedes is not None)
        header = self._header(like, slot, own.stream, own.time)
        nothing = part_bytes(own.kind.Shared())
        people = [_Person(_entry(one, "child", nothing), None) for one in own.pseudonyms]
        return _assembled(slot, header, part_bytes(own.facts), people, None)

    def event(
        self, tagged: Tagged, slot: Slot, names: Pseudonyms, seal: SessionSeal | None
    ) -> Made:
        """Make the event of a draft; `seal` is the session for its restricted parts."""
        draft = tagged.draft
        like = _Like(
            draft.kind,
            draft.precision,
            slot.supersedes is not None,
            draft.agreement,
            draft.purpose,
            draft.incidentla,
            draft.residencela,
            None if seal is None else seal.text,
        )
        header = self._header(like, slot, names.of(("stream", tagged.stream)), draft.time)
        facts = tagged.facts
        if tagged.episode is not None:
            facts = with_episode(draft.facts, facts, names.of(("episode", tagged.episode)))
        people = [
            _Person(self._entry(subject, shared, names), restricted)
            for subject, (shared, restricted) in zip(draft.subjects, tagged.parts, strict=True)
        ]
        return _assembled(slot, header, facts, people, seal)

    def _entry(self, subject: SubjectDraft, shared: bytes, names: Pseudonyms) -> bytes:
        """Give the bytes of a shared part: what `domain.envelope.shared_bytes` gives of it."""
        pseudonym = names.of(("person", subject.person))
        linkage = b""
        if subject.linkage and self._linkage:
            linkage = b'"linkage":%b,' % linkage_bytes(subject.linkage, self._linkage)
        return _entry(pseudonym, subject.role, shared, linkage)

    def _header(self, like: _Like, slot: Slot, stream: str, time: str) -> bytes:
        """Give the header's canonical bytes. All was judged with the draft, or is our own."""
        open_ones = [str(slot.event), str(slot.sequence), stream, time]
        if slot.supersedes is not None:
            open_ones.insert(3, str(slot.supersedes))
        return (self._frame(like) % tuple(open_ones)).encode()

    def _made_frame(self, like: _Like) -> str:
        """Give the header of events alike, left open for what each says alone, in their order."""
        fields: dict[str, JsonValue] = {
            "agreement": like.agreement or self._speaker.agreement,
            "datacontenttype": "application/json",
            "dataschema": like.kind.schema_id(),
            "id": _OPEN,
            "incidentla": like.incidentla,
            "precision": like.precision,
            "purpose": like.purpose or self._speaker.purpose,
            "residencela": like.residencela,
            "sealingsession": like.session,
            "sequence": _OPEN,
            "source": self._speaker.source,
            "specversion": "1.0",
            "subject": _OPEN,
            "supersedes": _OPEN if like.corrects else None,
            "time": _OPEN,
            "type": like.kind.type_name(),
        }
        said = canonical({name: value for name, value in fields.items() if value is not None})
        # Only what is left open is a place: whatever else reads like one is to stay as it is.
        return said.decode().replace("%", "%%").replace(_OPEN, "%s")


def with_episode(facts: FactsPart, raw: bytes, episode: str) -> bytes:
    """Give the canonical bytes of facts with the episode named in its place among the fields.

    No facts that name one hold an object within, so a field's name stands in their bytes once.
    """
    named = b'"episode":"%b"' % episode.encode()
    for field in _behind_episode(type(facts)):
        if getattr(facts, field) is not None and field in facts.model_fields_set:
            at = raw.index(b'"%b":' % field.encode())
            return b"%b%b,%b" % (raw[:at], named, raw[at:])
    return b"%b%b%b}" % (raw[:-1], b"," if len(raw) > len(b"{}") else b"", named)


@functools.cache
def _behind_episode(facts: type[FactsPart]) -> tuple[str, ...]:
    return tuple([name for name in facts.model_fields if name > "episode"])


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
        subjects.append(b'%b%b,"salt":"%b"}' % (person.entry[:-1], restricted, spelt(salt)))
    document = b'%b,"data":{"facts":%b,"salts":{"facts":"%b","header":"%b"},"subjects":[%b]}}' % (
        header[:-1],
        facts,
        spelt(facts_salt),
        spelt(header_salt),
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
        spelt(sealed.commitment),
        spelt(sealed.envelope),
        seal.recipients_json,
    )
