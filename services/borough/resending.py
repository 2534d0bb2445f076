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

Nobody is forgotten on a guess: of several persons those alone whom a place names.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.errors import Fault
from domain.values import to_text
from services.acknowledging import instant
from services.borough.fencing import day_of
from services.borough.forgetting import Forgetting, Naming
from services.borough.pseudonyms import renew
from services.borough.remaking import Again, events_of, pseudonyms_of, renamed, signed_again
from services.borough.speaker import BoroughKeys
from services.client_ports import Name, Outgoing, Published
from services.erasing_ports import ErasingStore
from services.ports import Clock

FENCED = "fenced"
_PERSON = re.compile(r"data\.subjects\.([0-9]{1,2})(?:\..*)?")
_STREAM = "subject"

Faults = Mapping[uuid.UUID, Sequence[Fault]]


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

        Each was fenced, and is either sent again or of the erased past.
        """
        fenced = {
            event: faults
            for event, faults in refused.items()
            if any(fault.code == FENCED for fault in faults)
        }
        if not fenced or outgoing.renamed:
            return frozenset()
        published = self._store.published.of_submission(outgoing.submission)
        rows = {row.event: row for row in published if row.event in fenced and row.stream}
        events = {one.event: one for one in events_of(outgoing) if one.event in rows}
        naming = Naming(self._store.pseudonyms, rows.values())
        self._renew(rows, events, fenced)
        self._send(outgoing, list(events.values()), rows, naming)
        return frozenset(rows)

    def _renew(
        self,
        rows: Mapping[uuid.UUID, Published],
        events: Mapping[uuid.UUID, Again],
        faults: Faults,
    ) -> None:
        """Forget the persons, and give the streams new pseudonyms, unless that was done before."""
        persons: dict[str, str] = {}
        streams: dict[Name, str] = {}
        for event, row in rows.items():
            used = pseudonyms_of(events[event])
            told = (row.person, *row.beside) if row.person else ()
            at = _places(faults[event], len(used))
            persons |= {told[n]: used[n] for n in at if n < min(len(told), len(used))}
            if any(not _PERSON.fullmatch(fault.place) for fault in faults[event]):
                streams["stream", row.stream] = str(events[event].content["subject"])
        stale = {one for one, text in persons.items() if self._is_of_now(("person", one), text)}
        for person in stale:
            self._forgetting.erase([person], self._since(person), rows)
        for name, text in streams.items():
            if self._is_of_now(name, text):
                renew(self._store.pseudonyms, name)

    def _is_of_now(self, name: Name, text: str) -> bool:
        found = self._store.pseudonyms.find([name]).get(name)
        return found is not None and to_text(found) == text

    def _since(self, person: str) -> str:
        days = [
            day_of(row.time)
            for row in self._store.erasures.about([person])
            if row.state in {"recorded", "adrift"}
        ]
        return max(days, default=day_of(instant(self._clock.now_ms())))

    def _send(
        self,
        outgoing: Outgoing,
        events: Sequence[Again],
        rows: Mapping[uuid.UUID, Published],
        naming: Naming,
    ) -> None:
        fenced = self._forgetting.fenced()
        again = [renamed(one, naming.of) for one in events if not fenced.row(rows[one.event])]
        if not again:
            return
        naming.keep()
        made = signed_again(outgoing, again, self._keys, self._clock.now_ms())
        self._store.outbox.add(replace(made, atomic=False, tries=0, renamed=True))
        self._store.erasures.again(made.events)


def _places(faults: Sequence[Fault], count: int) -> set[int]:
    """Give the places of the persons whom faults are about; one who is alone needs no naming."""
    named = {int(found[1]) for one in faults if (found := _PERSON.fullmatch(one.place))}
    if named or count != 1 or all(one.place == _STREAM for one in faults):
        return named
    return {0}
