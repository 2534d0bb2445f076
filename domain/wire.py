"""The documents on the wire, parsed strictly: a fault names our own fields and never what was sent.

One `TypeAdapter` over a discriminated union parses a whole batch from bytes. When that fails the
batch is salvaged event by event, so that one bad event never holds up its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, Union, cast, get_args

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, create_model

from domain.canonical import JsonValue, NotCanonical, canonical, strict_json
from domain.envelope import PlainData, PlainEvent, SignedData, SignedEvent
from domain.errors import Fault, SubmissionRefused
from domain.values import Bytes32, EventId, LedgerName, SourceName, Strict
from domain.values import Sequence as SourceSequence
from domain.vocabulary.catalogue import Catalogue
from domain.vocabulary.parts import FactsPart, Kind, RestrictedPart, SharedPart

EVENTS_MAX = 1000
BATCH_BYTES_MAX = 5 * 1024 * 1024
EVENT_BYTES_MAX = 32 * 1024
EVENT_TEXT_MAX = 64 * 1024
"""Of the JSON of one event, or of a head: what is longer is not looked into. 32 KiB decoded are
43 KiB spelt, and a thousand digests 46 KiB."""
FAULTS_MAX = 32
"""Told of one event, or of a head: an answer must not be longer than what was sent."""
ERRORS_MAX = 1000
"""Of one event: in what has more nothing is worth telling one by one."""
VALUES_MAX = 250_000
"""In a batch that is read at once. pydantic collects every error, a kilobyte each, before it
raises; what holds more values is read event by event."""
NESTS_MAX = 100_000
"""Lists and objects in a batch, counted by their brackets before it is read: each costs Python
fifty times what it costs to send. A thousand events of ours have fifteen thousand."""
SIGNED_TYPE = "application/vnd.bhr.submission+json"

AnySigned = SignedEvent[FactsPart, SharedPart]
AnyPlain = PlainEvent[FactsPart, SharedPart, RestrictedPart]

_EVENT_ID: TypeAdapter[str] = TypeAdapter(EventId)
_NUMBER: TypeAdapter[str] = TypeAdapter(SourceSequence)

Signature = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{85}[AQgw]$")]
"""64 bytes as base64url without padding, in its one canonical spelling."""


class SubmissionHead(Strict):
    """What a submission says of itself."""

    id: EventId
    key: Bytes32 = Field(description="fingerprint of the signing key")
    ledger: LedgerName
    signature: Signature
    source: SourceName
    statements: tuple[Bytes32, ...] = Field(
        min_length=1, max_length=EVENTS_MAX, description="each event's statement digest, in order"
    )


class SignedSubmission(Strict):
    """The whole document, events of any kind."""

    events: tuple[AnySigned, ...] = Field(min_length=1, max_length=EVENTS_MAX)
    submission: SubmissionHead


class Unread(NamedTuple):
    """An event that could not be read: why, and what it is known by where that much was right.

    Its id says which event is refused, its sequence which number of the source's count that fills.
    """

    faults: tuple[Fault, ...]
    event_id: str | None = None
    sequence: str | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A signed submission as far as it could be read: one entry an event, in order."""

    head: SubmissionHead
    events: tuple[AnySigned | Unread, ...]


class Wire:
    """The models of one catalogue, each built when it is first needed: that takes half a second."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Read events of this catalogue."""
        self.catalogue = catalogue
        parts = (p for kind in catalogue.kinds for p in (kind.Facts, kind.Shared, kind.Restricted))
        self._names = _field_names((SubmissionHead, AnySigned, AnyPlain, *parts))

    def get_ready(self) -> None:
        """Build now what the first signed submission would have to wait for."""
        _ = self._whole

    @cached_property
    def _signed_models(self) -> tuple[type[AnySigned], ...]:
        return tuple(_signed_model(kind) for kind in self.catalogue.kinds)

    @cached_property
    def _whole(self) -> type[SignedSubmission]:
        return _submission_model(self._signed_models)

    @cached_property
    def _signed(self) -> TypeAdapter[AnySigned]:
        return TypeAdapter(cast("type[AnySigned]", _union(self._signed_models)))

    @cached_property
    def _plain(self) -> TypeAdapter[AnyPlain]:
        models = tuple(_plain_model(kind) for kind in self.catalogue.kinds)
        return TypeAdapter(cast("type[AnyPlain]", _union(models)))

    def signed_submission(self, raw: bytes) -> Parsed:
        """Read a signed submission; raises SubmissionRefused when it has no head to answer to."""
        document = _document(raw)
        whole = self._read(raw) if raw.count(b",") < VALUES_MAX else None
        # Not while pydantic's error is being handled: a refusal would trail it, names and all.
        if whole is None:
            return self._salvaged(_spelt(document))
        return Parsed(whole.submission, whole.events)

    def _read(self, raw: bytes) -> SignedSubmission | None:
        try:
            return self._whole.model_validate_json(raw)
        except ValidationError:
            return None

    def _salvaged(self, document: JsonValue) -> Parsed:
        """Read what can be read of a submission in which something is wrong."""
        if not isinstance(document, Mapping) or set(document) != {"events", "submission"}:
            raise SubmissionRefused((Fault(-1, "", "not-a-submission"),))
        try:
            head = SubmissionHead.model_validate_json(_bounded(document["submission"]))
        except (ValidationError, NotCanonical) as error:
            raise SubmissionRefused(self._faults(error, -1, "submission")) from None
        events = document["events"]
        if not isinstance(events, Sequence) or isinstance(events, str):
            raise SubmissionRefused((Fault(-1, "events", "not-a-list"),))
        if not 1 <= len(events) <= EVENTS_MAX:
            raise SubmissionRefused((Fault(-1, "events", "too-few-or-too-many"),))
        return Parsed(head, tuple(self._one_signed(i, event) for i, event in enumerate(events)))

    def _one_signed(self, index: int, event: JsonValue) -> AnySigned | Unread:
        try:
            return self._signed.validate_json(_bounded(event))
        except (ValidationError, NotCanonical) as error:
            return self._unread(error, index, event)

    def plain_events(self, raw: bytes, *, batch: bool) -> tuple[AnyPlain | Unread, ...]:
        """Read a plain CloudEvent, or a batch of them."""
        document = _spelt(_document(raw))
        events = document if batch else [document]
        if not isinstance(events, Sequence) or isinstance(events, str):
            raise SubmissionRefused((Fault(-1, "", "not-a-list"),))
        if not 1 <= len(events) <= EVENTS_MAX:
            raise SubmissionRefused((Fault(-1, "", "too-few-or-too-many"),))
        return tuple(self._one_plain(index, event) for index, event in enumerate(events))

    def _one_plain(self, index: int, event: JsonValue) -> AnyPlain | Unread:
        try:
            return self._plain.validate_json(_bounded(event))
        except (ValidationError, NotCanonical) as error:
            return self._unread(error, index, event)

    def _unread(
        self, error: ValidationError | NotCanonical, index: int, event: JsonValue
    ) -> Unread:
        faults = self._faults(error, index, "")
        if not isinstance(event, Mapping):
            return Unread(faults)
        return Unread(faults, _if(_EVENT_ID, event.get("id")), _if(_NUMBER, event.get("sequence")))

    def _faults(
        self, error: ValidationError | NotCanonical, event: int, place: str
    ) -> tuple[Fault, ...]:
        """Translate pydantic's errors: its `loc` may hold names that were sent, so filter them."""
        if isinstance(error, NotCanonical):
            return (Fault(event, place, error.code),)
        if error.error_count() > ERRORS_MAX:
            return (Fault(event, place, "too-many-faults"),)
        found = error.errors(include_url=False, include_context=False, include_input=False)
        faults = {
            Fault(event, self._place(place, one["loc"]), one["type"].replace("_", "-"))
            for one in found[:FAULTS_MAX]
        }
        return tuple(sorted(faults))

    def _place(self, place: str, loc: Iterable[int | str]) -> str:
        steps = [place] if place else []
        for step in loc:
            if isinstance(step, int):
                steps.append(str(step))
            elif step in self._names:
                steps.append(step)
            elif not step.startswith("uk.bhr.safeguarding.") or steps:
                steps.append("(unknown)")
        return ".".join(steps)


def _document(raw: bytes) -> JsonValue:
    """Read bytes as JSON within bounds that has no duplicate key."""
    if len(raw) > BATCH_BYTES_MAX:
        raise SubmissionRefused((Fault(-1, "", "too-large"),))
    if raw.count(b"[") + raw.count(b"{") > NESTS_MAX:
        raise SubmissionRefused((Fault(-1, "", "too-many-lists-or-objects"),))
    try:
        return strict_json(raw)
    except NotCanonical as error:
        raise SubmissionRefused((Fault(-1, "", error.code),)) from None


def _spelt(document: JsonValue) -> JsonValue:
    """Refuse what cannot be spelt again; whatever our models take from its bytes can be."""
    try:
        canonical(document)
    except NotCanonical as error:
        raise SubmissionRefused((Fault(-1, "", error.code),)) from None
    return document


def _bounded(document: JsonValue) -> bytes:
    """Spell one event, or a head; raises NotCanonical `too-large`, or what `canonical` raises."""
    raw = canonical(document)
    if len(raw) > EVENT_TEXT_MAX:
        raise NotCanonical("too-large")
    return raw


def _if(values: TypeAdapter[str], sent: JsonValue) -> str | None:
    """Give what was sent if it is such a value; else nothing of it is kept."""
    try:
        return values.validate_python(sent)
    except ValidationError:
        return None


def _literal(value: str) -> type[str]:
    return cast("type[str]", Literal[value])


def _signed_model(kind: type[Kind]) -> type[AnySigned]:
    data = SignedData[kind.Facts, kind.Shared]  # type: ignore[name-defined]  # built at run time
    made = create_model(
        f"Signed_{kind.name}_v{kind.version}",
        __base__=SignedEvent[kind.Facts, kind.Shared],  # type: ignore[name-defined]  # as above
        type=(_literal(kind.type_name()), ...),
        data=(data, ...),
    )
    return cast("type[AnySigned]", made)


def _plain_model(kind: type[Kind]) -> type[AnyPlain]:
    data = PlainData[kind.Facts, kind.Shared, kind.Restricted]  # type: ignore[name-defined]  # built at run time
    made = create_model(
        f"Plain_{kind.name}_v{kind.version}",
        __base__=PlainEvent[kind.Facts, kind.Shared, kind.Restricted],  # type: ignore[name-defined]  # as above
        type=(_literal(kind.type_name()), ...),
        data=(data, ...),
    )
    return cast("type[AnyPlain]", made)


def _submission_model(kinds: tuple[type[AnySigned], ...]) -> type[SignedSubmission]:
    events = cast("type[tuple[AnySigned, ...]]", tuple[_union(kinds), ...])  # type: ignore[misc]  # built at run time
    limits = Field(min_length=1, max_length=EVENTS_MAX)
    made = create_model("AnySubmission", __base__=SignedSubmission, events=(events, limits))
    return cast("type[SignedSubmission]", made)


def _union(models: tuple[type[Strict], ...]) -> object:
    return Annotated[Union[models], Field(discriminator="type")]  # noqa: UP007 - a run-time tuple


def _field_names(models: Iterable[type[Strict]]) -> frozenset[str]:
    """Every field name that our models know, however deep."""
    names: set[str] = {"events", "submission"}
    waiting: list[object] = list(models)
    seen: set[object] = set()
    while waiting:
        kind = waiting.pop()
        if kind in seen:
            continue
        seen.add(kind)
        waiting.extend(get_args(kind))
        if isinstance(kind, type) and issubclass(kind, Strict):
            names |= set(kind.model_fields)
            waiting.extend(field.annotation for field in kind.model_fields.values())
    return frozenset(names)
