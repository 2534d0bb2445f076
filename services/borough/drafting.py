"""What a borough's system says, in its own words: natural keys in place of pseudonyms.

A *draft* becomes an event when the client has put in ids, pseudonyms, salts and seals. Natural keys
are tuples of texts that mean something in the source system; a borough with two systems that number
alike begins each key with the system's name, since all its systems share one table of pseudonyms.

For the next time the client remembers keyed digests of what was said. Segments are length-prefixed
(u32 big-endian); the key is the borough's own, kept outside the store:

    fact     := HMAC-SHA-256(key, "bhr-fact/v1", source, kind, natural key)[16]
    fence    := HMAC-SHA-256(key, "bhr-fence/v1", person), of an erasure: for all sources the same
    digest   := HMAC-SHA-256(key, "bhr-content/v1", kind, time, precision, …, facts, persons …)
    likeness := HMAC-SHA-256(key, "bhr-likeness/v1", kind, facts without the key's days, persons …)
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.errors import Fault
from domain.keyed import Keyed, packed
from domain.values import (
    AgreementRef,
    Instant,
    LaCode,
    ParticipantCode,
    Precision,
    PurposeCode,
    Strict,
)
from domain.vocabulary.parts import FactsPart, Kind, RestrictedPart, Role, SharedPart
from domain.wire import EVENT_BYTES_MAX
from services.borough.linkage import Numbered, is_a_number
from services.borough.pseudonyms import spelled

RECIPIENTS_MAX = 16
NUMBERS_MAX = 4
"""Of one person: tokens go out under two keys, and an entry holds eight."""
_HEADER_BYTES_MAX = 1_200
_SUBJECT_BYTES_MAX = 1_600
"""What pseudonym, role, tokens, salt and seal add to one person's parts, at most."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class SubjectDraft:
    """One person of an event. `person` is the source's own id and is never sent.

    `linkage` holds numbers by which other boroughs may know the person; keyed tokens are sent.
    """

    person: str = field(repr=False)
    role: Role
    shared: SharedPart = field(repr=False)
    restricted: RestrictedPart | None = field(default=None, repr=False)
    linkage: tuple[Numbered, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """One event as its source tells it.

    `key` names the fact in the source and `stream` the thing whose history it belongs to; an
    `episode` is named by its key too, never in the facts. `recipients` may open the restricted
    parts beside the controller. Agreement and purpose are the client's own unless given here.
    """

    kind: type[Kind]
    key: tuple[str, ...] = field(repr=False)
    stream: tuple[str, ...] = field(repr=False)
    time: str
    facts: FactsPart = field(repr=False)
    subjects: tuple[SubjectDraft, ...] = field(default=(), repr=False)
    precision: Precision = "day"
    episode: tuple[str, ...] | None = field(default=None, repr=False)
    incidentla: str | None = None
    residencela: str | None = None
    recipients: tuple[str, ...] = ()
    agreement: str | None = None
    purpose: str | None = None

    def person(self) -> str:
        """Give the person that the event is told under; empty when it is about none."""
        return self.subjects[0].person if self.subjects else ""


class Tagged(NamedTuple):
    """A draft that holds together, with its spelled keys, digests and part bytes."""

    number: int
    draft: Draft
    key: str
    stream: str
    episode: str | None
    fact: bytes
    digest: bytes
    likeness: bytes
    facts: bytes
    """The canonical bytes of the facts, in which the episode is not named yet."""
    parts: tuple[tuple[bytes, bytes | None], ...]
    """Of each person the shared and the restricted part's canonical bytes."""
    whole: bytes | None = None
    """The digest of the draft with those of its persons who were erased since."""

    def __repr__(self) -> str:
        """Show nothing of what is told."""
        return f"Tagged({self.number})"


class _Said(Strict):
    """What a draft says of its own header."""

    agreement: AgreementRef = "any@1"
    incidentla: LaCode | None = None
    precision: Precision = "day"
    purpose: PurposeCode = "any"
    recipients: tuple[ParticipantCode, ...] = ()
    residencela: LaCode | None = None
    time: Instant = "2000-01-01T00:00:00Z"


class Tagging:
    """Judges drafts and computes their digests, for one source."""

    def __init__(self, key: bytes, source: str) -> None:
        """Use the borough's own key of 32 bytes."""
        self._keyed = Keyed(key)
        self._person = packed(b"bhr-person/v1", source.encode())
        self._fact = packed(b"bhr-fact/v1", source.encode())

    def person(self, person: str) -> bytes:
        """Give the tag by which a person is noted as seen."""
        return self._keyed.of(self._person + packed(person.encode()))[:16]

    def fence(self, person: str) -> bytes:
        """Give the tag that stands for a person once the person was erased."""
        return self._keyed.of(packed(b"bhr-fence/v1", person.encode()))

    def fact(self, kind: str, key: str) -> bytes:
        """Give the tag of a fact, from the kind's name and the spelled natural key."""
        return self._keyed.of(self._fact + packed(kind.encode(), key.encode()))[:16]

    def present(self, draft: Draft) -> tuple[bytes, ...]:
        """Give the tags of a draft that may not hold together, as far as its keys can be read."""
        try:
            key = spelled(draft.key)
            return (self.fact(draft.kind.name, key), self.person(draft.person()))
        except UnicodeEncodeError:
            return ()

    def tagged(self, index: int, draft: Draft) -> Tagged | tuple[Fault, ...]:
        """Give the draft with its digests, or everything that is wrong with it."""
        if faults := (*_shape_faults(index, draft), *_said_faults(index, draft)):
            return faults
        facts = part_bytes(draft.facts)
        parts = tuple(
            (part_bytes(one.shared), part_bytes(one.restricted) if one.restricted else None)
            for one in draft.subjects
        )
        size = _HEADER_BYTES_MAX + len(facts) + _SUBJECT_BYTES_MAX * len(parts)
        if size + sum(len(s) + len(r or b"") for s, r in parts) > EVENT_BYTES_MAX:
            return (Fault(index, "", "event-too-large"),)
        kind, key = draft.kind.name, spelled(draft.key)
        episode = None if draft.episode is None else spelled(draft.episode)
        people = _people(draft, parts)
        content = packed(b"bhr-content/v1", kind.encode(), *_said(draft, episode), facts)
        like = packed(b"bhr-likeness/v1", kind.encode(), _without(draft.key, facts))
        return Tagged(
            index,
            draft,
            key,
            spelled(draft.stream),
            episode,
            self.fact(kind, key),
            self._keyed.of(content + people),
            self._keyed.of(like + people),
            facts,
            parts,
        )


def part_bytes(part: Strict) -> bytes:
    """Give the canonical bytes of a part as the client sends it: an absent value has no field."""
    return part.canonical(absent=False)


def _said(draft: Draft, episode: str | None) -> list[bytes]:
    maybe = (draft.incidentla, draft.residencela, draft.agreement, draft.purpose, episode)
    recipients = spelled(tuple(sorted(draft.recipients)))
    texts = (draft.time, draft.precision, *maybe, recipients)
    return [(text or "").encode() for text in texts]


def _people(draft: Draft, parts: tuple[tuple[bytes, bytes | None], ...]) -> bytes:
    """Give what is told of the persons, packed: two digests hold it."""
    told: list[bytes] = []
    for subject, (shared, restricted) in zip(draft.subjects, parts, strict=True):
        who = (subject.person.encode(), subject.role.encode())
        linkage = spelled(tuple([text for pair in subject.linkage for text in pair]))
        told.append(packed(*who, shared, restricted or b"", linkage.encode()))
    return b"".join(told)


def _without(key: tuple[str, ...], facts: bytes) -> bytes:
    """Blank the days that the natural key holds: a changed key changes them too."""
    for text in key:
        if _DAY.fullmatch(text):
            facts = facts.replace(f'"{text}"'.encode(), b'""')
    return facts


def _shape_faults(index: int, draft: Draft) -> Iterator[Fault]:
    kind = draft.kind
    yield from _facts_faults(index, draft)
    if not kind.takes_subjects(len(draft.subjects)):
        yield Fault(index, "data.subjects", "too-few-or-too-many")
    persons = [one.person for one in draft.subjects]
    if len(set(persons)) != len(persons):
        yield Fault(index, "data.subjects", "same-person-twice")
    if not draft.key or not draft.stream:
        yield Fault(index, "subject", "no-natural-key")
    for at, subject in enumerate(draft.subjects):
        yield from _subject_faults(index, at, kind, subject)
    if not _is_text("".join((*draft.key, *draft.stream, *(draft.episode or ()), *persons))):
        yield Fault(index, "subject", "lone-surrogate")


def _facts_faults(index: int, draft: Draft) -> Iterator[Fault]:
    kind = draft.kind
    if type(draft.facts) is not kind.Facts:
        yield Fault(index, "data.facts", "not-of-this-kind")
    elif getattr(draft.facts, "episode", None) is not None:
        yield Fault(index, "data.facts.episode", "named-by-its-key")
    if draft.episode is not None and "episode" not in kind.Facts.model_fields:
        yield Fault(index, "data.facts.episode", "not-of-this-kind")


def _subject_faults(
    index: int, at: int, kind: type[Kind], subject: SubjectDraft
) -> Iterator[Fault]:
    if type(subject.shared) is not kind.Shared:
        yield Fault(index, f"data.subjects.{at}.shared", "not-of-this-kind")
    if subject.restricted is not None and type(subject.restricted) is not kind.Restricted:
        yield Fault(index, f"data.subjects.{at}.restricted", "not-of-this-kind")
    if not subject.person:
        yield Fault(index, f"data.subjects.{at}.pseudonym", "no-natural-key")
    if len(subject.linkage) > NUMBERS_MAX:
        yield Fault(index, f"data.subjects.{at}.linkage", "too-many")
    if not all(map(is_a_number, subject.linkage)):
        yield Fault(index, f"data.subjects.{at}.linkage", "not-a-number-of-its-basis")


def _said_faults(index: int, draft: Draft) -> Iterator[Fault]:
    """Judge the header's fields together; only when that fails, one by one, to say which."""
    said: tuple[object, ...] = _said_of(draft)
    if len(draft.recipients) >= RECIPIENTS_MAX:
        yield Fault(index, "data.subjects.restricted.recipients", "too-many")
    try:
        sayable = _is_sayable(said)
    except TypeError:  # something that has no hash is nothing that a header can say
        sayable = False
    if not sayable:
        for name, value in zip(_FIELDS, said, strict=True):
            if value is not None and not _is_valid({name: value}):
                yield Fault(index, name, "not-valid")


@functools.lru_cache(maxsize=4096)  # returns repeat their days, and all else
def _is_sayable(said: tuple[object, ...]) -> bool:
    return _is_valid(
        {name: value for name, value in zip(_FIELDS, said, strict=True) if value is not None}
    )


def _is_valid(said: Mapping[str, object]) -> bool:
    try:
        _Said.model_validate(said)
    except ValueError:
        return False
    return True


_FIELDS = tuple(_Said.model_fields)
_said_of = operator.attrgetter(*_FIELDS)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
