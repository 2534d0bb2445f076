"""Information-sharing agreements as data: what may be published, to whom, and who may read it why.

Whether an agreement is in force on a day is asked here; that it was suspended is an event, and is
asked of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from domain.errors import Fault
from domain.reference.dated import Document, EventName, Prose, Slug, Title, doubled, fault, unknown
from domain.reference.participants import Participants
from domain.values import ParticipantCode, PurposeCode, Strict

OFF_BY_DEFAULT = frozenset({"emergency-attendance-recorded", "gang-risk-identified"})
"""The events of highest risk: an agreement that covers one must also list it as switched on."""


class Purpose(Strict):
    """Why something is shared or read."""

    code: PurposeCode
    description: Prose


class LegalBasis(Strict):
    """What the sharing rests on. `checked` says that someone read it at its source."""

    checked: bool
    kind: Literal["article-6", "article-9", "article-10", "gateway"]
    origin: Prose
    provision: Prose


class TypeGroup(Strict):
    """Events that are shared alike.

    `recipients` may be given restricted parts beside the controller, and for `recipient_purposes`
    alone. `retention_days` is how long the hub keeps its copy.
    """

    code: Slug
    purposes: Annotated[tuple[PurposeCode, ...], Field(min_length=1)]
    recipient_purposes: tuple[PurposeCode, ...] = ()
    recipients: tuple[ParticipantCode, ...] = ()
    retention_days: Annotated[int, Field(ge=1, le=36_525)]
    title: Title
    types: Annotated[tuple[EventName, ...], Field(min_length=1)]


class Reader(Strict):
    """Offices of some participants, the views that they may read, and why."""

    offices: Annotated[tuple[Slug, ...], Field(min_length=1)]
    participants: Annotated[tuple[ParticipantCode, ...], Field(min_length=1)]
    purposes: Annotated[tuple[PurposeCode, ...], Field(min_length=1)]
    views: Annotated[tuple[Slug, ...], Field(min_length=1)]


class Agreement(Document):
    """One agreement in one version; events name it as `name@version`."""

    controllers: tuple[ParticipantCode, ...]
    erasure_waiting_days: Annotated[int, Field(ge=0, le=366)]
    """No key is destroyed sooner after a request was recorded, whatever the request itself says."""
    groups: tuple[TypeGroup, ...]
    kind: Literal["agreement"]
    legal_bases: tuple[LegalBasis, ...]
    parties: tuple[ParticipantCode, ...]
    purposes: tuple[Purpose, ...]
    readers: tuple[Reader, ...]
    switched_on: tuple[EventName, ...] = ()

    def group_of(self, event: str) -> TypeGroup | None:
        """Give the terms under which an event's type is shared, by its name without version."""
        return next((group for group in self.groups if event in group.types), None)

    def types(self) -> tuple[EventName, ...]:
        """Give every event name that the agreement covers."""
        return tuple(event for group in self.groups for event in group.types)

    def covers_type(self, event: str) -> bool:
        """Say whether an event of this name may be published under the agreement."""
        return self.group_of(event) is not None

    def covers_purpose(self, event: str, purpose: str) -> bool:
        """Say whether an event of this name may be published and folded for this purpose."""
        group = self.group_of(event)
        return group is not None and purpose in group.purposes

    def may_receive(self, event: str, recipient: str, *, purpose: str) -> bool:
        """Say whether a body beside the controller may open restricted parts of such an event."""
        group = self.group_of(event)
        return (
            group is not None
            and recipient in group.recipients
            and purpose in group.recipient_purposes
        )

    def may_read(self, *, participant: str, office: str, view: str, purpose: str) -> bool:
        """Say whether an office of a body may read a view for a purpose."""
        return any(
            participant in reader.participants
            and office in reader.offices
            and view in reader.views
            and purpose in reader.purposes
            for reader in self.readers
        )

    def retention_days(self, event: str) -> int | None:
        """Give how long the hub keeps such an event, in days; None where it is not covered."""
        group = self.group_of(event)
        return None if group is None else group.retention_days

    def rules(self) -> Iterator[Fault]:
        """Give what does not hold together between parties, types, purposes and readers."""
        yield from super().rules()
        yield from doubled(self.parties, "parties.{}")
        yield from doubled((purpose.code for purpose in self.purposes), "purposes.{}.code")
        yield from doubled((group.code for group in self.groups), "groups.{}.code")
        yield from unknown(self.controllers, self.parties, place="controllers.{}")
        yield from self._group_rules()
        yield from self._reader_rules()
        switched = OFF_BY_DEFAULT & frozenset(self.types())
        yield from unknown(self.switched_on, switched, place="switched_on.{}")

    def _group_rules(self) -> Iterator[Fault]:
        purposes = [purpose.code for purpose in self.purposes]
        met: set[str] = set()
        for index, group in enumerate(self.groups):
            place = f"groups.{index}."
            yield from unknown(group.purposes, purposes, place=f"{place}purposes.{{}}")
            yield from unknown(group.recipients, self.parties, place=f"{place}recipients.{{}}")
            yield from unknown(
                group.recipient_purposes, group.purposes, place=f"{place}recipient_purposes.{{}}"
            )
            if bool(group.recipients) != bool(group.recipient_purposes):
                yield fault(f"{place}recipient_purposes", "recipients-without-purpose")
            for at, event in enumerate(group.types):
                if event in met:
                    yield fault(f"{place}types.{at}", "doubled")
                if event in OFF_BY_DEFAULT - frozenset(self.switched_on):
                    yield fault(f"{place}types.{at}", "not-switched-on")
                met.add(event)

    def _reader_rules(self) -> Iterator[Fault]:
        purposes = [purpose.code for purpose in self.purposes]
        for index, reader in enumerate(self.readers):
            place = f"readers.{index}."
            yield from unknown(reader.participants, self.parties, place=f"{place}participants.{{}}")
            yield from unknown(reader.purposes, purposes, place=f"{place}purposes.{{}}")

    def strangers(self, participants: Participants) -> Iterator[Fault]:
        """Give a fault for every party that is no participant: asked when it is registered."""
        known = [body.code for body in participants.participants]
        yield from unknown(self.parties, known, place="parties.{}")


def agreement_for(
    participants: Participants, *, draft: Agreement, drafted_for: Participants
) -> Agreement:
    """Draft the same agreement for other boroughs.

    Where the draft names boroughs, these boroughs stand; its other parties stay where they are
    participants still; a reader entry that nobody is left for goes.
    """
    day = draft.effective_from
    new = tuple(borough.code for borough in participants.boroughs(day))
    stands_for: dict[str, tuple[str, ...]] = {
        body.code: (body.code,) for body in participants.participants
    }
    stands_for |= {borough.code: new for borough in drafted_for.boroughs(day)}
    readers = (
        reader.model_copy(update={"participants": _swapped(reader.participants, stands_for)})
        for reader in draft.readers
    )
    return draft.model_copy(
        update={
            "controllers": _swapped(draft.controllers, stands_for),
            "groups": tuple(_group_swapped(group, stands_for) for group in draft.groups),
            "parties": _swapped(draft.parties, stands_for),
            "readers": tuple(reader for reader in readers if reader.participants),
        }
    )


def _swapped(codes: Iterable[str], stands_for: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Give who stands for these codes, once each, in the draft's order."""
    return tuple(dict.fromkeys(heir for code in codes for heir in stands_for.get(code, ())))


def _group_swapped(group: TypeGroup, stands_for: Mapping[str, tuple[str, ...]]) -> TypeGroup:
    """Swap the recipients; a group that is left without any needs no purpose for them."""
    recipients = _swapped(group.recipients, stands_for)
    purposes = group.recipient_purposes if recipients else ()
    return group.model_copy(update={"recipients": recipients, "recipient_purposes": purposes})
