"""What the hub refused as `fenced`: a pseudonym whose key was destroyed, used once more.

It was erased there before this borough was told. What happened since must reach others all the
same: the person gets a new pseudonym, and what is newer than the erasure is sent again, once. The
erasure's day is not known here yet; what was published is what was erased, so the last day of it is
taken, and what had been published of that day stays erased. Where nothing was (the store was lost,
and an older one put back without the file of fences), it is today.

    place of the fault                what is named anew
    data.subjects.N…                  the event's N-th person, and the person's own streams
    subject                           the event's stream
    any other                         the stream, and the person if the event is about one alone

A submission that was all or nothing goes out again as one: what was held back with what was fenced,
and the client's own events in it, as they were.

A withdrawal goes out again in the stream of what it takes back, unless that was forgotten.

Nobody is forgotten on a guess: of several persons those alone whom a place names.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.errors import Fault
from domain.values import to_text
from domain.vocabulary.data_quality import RecordWithdrawn
from services.acknowledging import HELD_BACK
from services.borough.fencing import day_of
from services.borough.forgetting import Forgetting, Naming
from services.borough.pseudonyms import renew
from services.borough.remaking import (
    Again,
    events_of,
    pseudonyms_of,
    renamed,
    signed_again,
    superseded,
    targets,
)
from services.borough.speaker import BoroughKeys
from services.client_ports import Name, Outgoing, Published
from services.erasing_ports import ErasingStore
from services.ports import Clock

FENCED = "fenced"
_FOR_A_FENCE = frozenset({FENCED, HELD_BACK})
_PERSON = re.compile(r"data\.subjects\.([0-9]{1,2})(?:\..*)?")
_STREAM = "subject"

Faults = Mapping[uuid.UUID, Sequence[Fault]]


@dataclass(frozen=True, slots=True)
class _Met:
    """What was refused of one submission: rows and events in order, and the names they are of."""

    rows: Mapping[uuid.UUID, Published]
    events: Mapping[uuid.UUID, Again]
    naming: Naming

    def renamed(self, event: uuid.UUID, target: uuid.UUID | None) -> Again:
        """Give an event under the names of now."""
        return renamed(self.events[event], self.naming.of, target)

    def withdrawal(self, event: uuid.UUID, row: Published) -> Again:
        """Give a withdrawal in the stream of what it takes back, as that is named now."""
        stream = str(self.events[event].content["subject"])
        now = self.naming.now(("stream", row.stream))
        return renamed(self.events[event], lambda one: now if one == stream else one, row.event)


class Resending:
    """Names anew what was fenced, and sends it again. Inside the store's open transaction."""

    def __init__(
        self, store: ErasingStore, forgetting: Forgetting, keys: BoroughKeys, clock: Clock
    ) -> None:
        """Work in a borough's store."""
        self._store = store
        self._forgetting = forgetting
        self._keys = keys
        self._clock = clock

    def refused(self, outgoing: Outgoing, refused: Faults) -> frozenset[uuid.UUID]:
        """Deal with a submission's refused events, settled by now; gives those of them that are.

        Each was fenced, or held back for the sake of those that were, and is either sent again or
        of the erased past.
        """
        fenced = {event: faults for event, faults in refused.items() if FENCED in _codes(faults)}
        if not fenced or outgoing.renamed:
            return frozenset()
        met = self._met(outgoing, refused if outgoing.atomic else fenced)
        streams = self._renew(met, fenced)
        if outgoing.atomic and not all(map(_FOR_A_FENCE.issuperset, map(_codes, refused.values()))):
            return frozenset()  # all or nothing, and one of them is at fault
        self._send(outgoing, met, streams)
        return frozenset(met.rows)

    def _met(self, outgoing: Outgoing, refused: Faults) -> _Met:
        """Give what goes out again: of the client's own what takes back, or where all goes."""
        published = self._store.published.of_submission(outgoing.submission)
        rows = {
            row.event: row
            for row in published
            if row.event in refused and (row.stream or _takes_back(row) or outgoing.atomic)
        }
        events = {one.event: one for one in events_of(outgoing) if one.event in rows}
        told = [row for row in rows.values() if row.stream]
        return _Met(rows, events, Naming(self._store.pseudonyms, told))

    def _renew(self, met: _Met, faults: Faults) -> frozenset[str]:
        """Forget the persons, and give the streams new pseudonyms, unless that was done before.

        Gives the streams that were named.
        """
        persons: dict[str, str] = {}
        streams: dict[Name, str] = {}
        for event, row in met.rows.items():
            if event not in faults or not row.stream:
                continue
            used = pseudonyms_of(met.events[event])
            told = (row.person, *row.beside) if row.person else ()
            at = _places(faults[event], len(used))
            persons |= {told[n]: used[n] for n in at if n < min(len(told), len(used))}
            if any(not _PERSON.fullmatch(fault.place) for fault in faults[event]):
                streams["stream", row.stream] = str(met.events[event].content["subject"])
        stale = {one for one, text in persons.items() if self._is_of_now(("person", one), text)}
        for person in stale:
            self._forgetting.erase([person], self._since(person), met.rows)
        for name, text in streams.items():
            if self._is_of_now(name, text):
                renew(self._store.pseudonyms, name)
        return frozenset(stream for _, stream in streams)

    def _is_of_now(self, name: Name, text: str) -> bool:
        found = self._store.pseudonyms.find([name]).get(name)
        return found is not None and to_text(found) == text

    def _since(self, person: str) -> str:
        days = [
            day_of(row.time)
            for row in self._store.erasures.about([person])
            if row.state in {"recorded", "adrift"}
        ]
        return max(days, default=self._forgetting.today())

    def _send(self, outgoing: Outgoing, met: _Met, streams: Collection[str]) -> None:
        fenced = self._forgetting.fenced()
        back = self._taken_back(met)
        newer = [row for row in met.rows.values() if not (row.stream and fenced.row(row))]
        newer = [row for row in newer if not _takes_back(row) or row.event in back]
        if not any(row.stream or _takes_back(row) for row in newer):
            return
        named = targets(newer, self._stays(newer, streams))
        again = [
            met.withdrawal(event, back[event]) if event in back else met.renamed(event, target)
            for event, target in named.items()
        ]
        met.naming.keep()
        made = signed_again(outgoing, again, self._keys, self._clock.now_ms())
        self._store.outbox.add(replace(made, tries=0, renamed=True))
        self._store.erasures.again(named)
        self._store.published.withdraw({row.event: event for event, row in back.items()})

    def _taken_back(self, met: _Met) -> dict[uuid.UUID, Published]:
        """Give the row that each withdrawal takes back, if it was not forgotten."""
        names = {
            event: superseded(met.events[event])
            for event, row in met.rows.items()
            if _takes_back(row)
        }
        found = self._store.published.of_events([one for one in names.values() if one])
        rows = {row.event: row for row in found}
        return {event: rows[name] for event, name in names.items() if name in rows}

    def _stays(
        self, rows: Sequence[Published], streams: Collection[str]
    ) -> Callable[[uuid.UUID], bool]:
        """Say what can be superseded still: what was not refused, outside the named streams."""
        wanted = {row.supersedes for row in rows if row.supersedes is not None}
        found = self._store.published.of_events(wanted)
        here = {row.event for row in found if row.state != "refused" and row.stream not in streams}
        return here.__contains__


def _takes_back(row: Published) -> bool:
    return row.kind == RecordWithdrawn.name


def _codes(faults: Sequence[Fault]) -> set[str]:
    return {fault.code for fault in faults}


def _places(faults: Sequence[Fault], count: int) -> set[int]:
    """Give the places of the persons whom faults are about; one who is alone needs no naming."""
    named = {int(found[1]) for one in faults if (found := _PERSON.fullmatch(one.place))}
    if named or count != 1 or all(one.place == _STREAM for one in faults):
        return named
    return {0}
