"""What every answer from the views says beside its rows, and the record of it before it leaves.

Every answer carries the positions it was made from, each source's freshness and gaps, the versions
of agreement, mapping and views, which suppression applied, what is parked or left out, and what was
erased. It is complete before it is recorded as read, and recorded before it leaves.

It names its question too, and by how many entries of which ledgers it was answered, so that an
audit can ask the same again (`services/audit/answers.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.canonical import JsonValue
from domain.errors import NotFound
from domain.reference.participants import PARTNERSHIP, Participant
from domain.values import to_text
from projections.feed_health import FEED_HEALTH
from services.answered_proof import Proof, Proves, unwitnessed
from services.erasures import Erasures, in_views
from services.feeds import feed_rows
from services.reading import LIVE, Admission, Reading
from services.registry import Registry
from services.views import FoldedLedger, ViewReader
from services.watching import Watch, unwatched

NOT_PERFORMANCE = "Low and high counts are not performance judgements: ask what lies behind them."
JUDGEMENT = "Which factor speaks to which theme is the partnership's own judgement."


class RecordedLedger(Protocol):
    """What answering needs of a ledger: how much of it was recorded by a time."""

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded at or before a time: always a prefix."""
        ...


def none_later(_: Mapping[str, int]) -> set[str]:
    """Name no erasure: the views know of all."""
    return set()


@dataclass(frozen=True, slots=True)
class Means:
    """What answers are made from.

    `views` gives the store in use, `versions` names the projections in it, and `recorded` are the
    ledgers by name. `later` names erasures of which the views do not know, being of a moment.
    `proves` says whether entries are witnessed.
    """

    views: Callable[[], ViewReader]
    recorded: Mapping[str, RecordedLedger]
    versions: str
    later: Erasures = none_later
    proves: Proves = unwitnessed


@dataclass(frozen=True, slots=True)
class Found:
    """What one view found: its rows, from which positions, under which filters, and what else."""

    rows: Sequence[JsonValue]
    positions: Mapping[str, int]
    filters: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, JsonValue] = field(default_factory=dict)
    folded: Sequence[FoldedLedger] = ()
    """How far ledgers were folded, of those whose rows were made of just that."""
    since: Mapping[str, int] | None = None
    """The earliest positions that a figure in it is as of, where they are not `positions`."""


class Answering:
    """Puts every answer together, for those who may read it."""

    def __init__(self, means: Means, registry: Registry, desk: Admission) -> None:
        """Answer from these."""
        self._views = means.views
        self._recorded = means.recorded
        self._desk = desk
        self._later = means.later
        self._proves = means.proves
        self._versions = means.versions
        self.watch: Watch = unwatched
        self.registry = registry

    def store(self) -> ViewReader:
        """Give the store in use; ask it once for one answer, since a rebuild may replace it."""
        return self._views()

    def allow(self, reading: Reading, view: str) -> None:
        """Let a view be read; raises NotAuthorised."""
        self._desk.allow(reading, view)

    def boroughs(self, borough: str | None = None) -> tuple[Participant, ...]:
        """Give the boroughs in force that keep a ledger, or the one named; raises NotFound."""
        every = self.registry.participants().boroughs(self.registry.today())
        found = tuple(one for one in every if one.ledger and borough in {None, one.code})
        if not found:
            raise NotFound("borough")
        return found

    def ledgers(self, borough: str | None = None) -> tuple[str, ...]:
        """Give the ledgers of the boroughs, or of the one named; raises NotFound."""
        return tuple(one.ledger for one in self.boroughs(borough) if one.ledger)

    def positions(self) -> dict[str, int]:
        """Give how far every ledger in use is folded."""
        ledgers = self.registry.participants().ledgers(self.registry.today())
        store = self.store()
        return {name: store.position(name) for name in ledgers}

    def positions_as_of(
        self, ledgers: Sequence[str], recorded_ms: int | None = None
    ) -> dict[str, int]:
        """Give how far each of these ledgers is folded, or how long each was at a recorded time.

        A time that is yet to come is now: what is not folded yet is waited for only where the time
        was before it.
        """
        if recorded_ms is None or recorded_ms > self.registry.now().timestamp() * 1000:
            store = self.store()
            return {name: store.position(name) for name in ledgers}
        return self.recorded_by(ledgers, recorded_ms)

    def recorded_by(self, ledgers: Sequence[str], recorded_ms: int) -> dict[str, int]:
        """Give how long each of these ledgers was at a recorded time."""
        return {
            name: self._recorded[name].size_as_of(recorded_ms) if name in self._recorded else 0
            for name in ledgers
        }

    def folded(self, ledgers: Iterable[str], *registers: str) -> list[FoldedLedger]:
        """Give how far ledgers are folded, with the health of their sources as of then.

        With further registers, their states are as of then too.
        """
        store = self.store()
        return [store.folded(name, FEED_HEALTH.name, *registers) for name in sorted(ledgers)]

    def every_folded(self) -> list[FoldedLedger]:
        """Give the same of every ledger in use."""
        return self.folded(self.registry.participants().ledgers(self.registry.today()))

    def answer(self, reading: Reading, view: str, found: Found) -> dict[str, JsonValue]:
        """Put together what every answer says, and record the read before giving it."""
        with self.watch("answer", view):
            return self._answered(reading, view, found)

    def _answered(self, reading: Reading, view: str, found: Found) -> dict[str, JsonValue]:
        mapping, digest = self.registry.mapping()
        known = {one.ledger for one in found.folded}
        folded = [*found.folded, *self.folded({*self.ledgers(), *found.positions} - known)]
        read = [one for one in folded if one.ledger in found.positions]
        answer: dict[str, JsonValue] = {
            "agreement": reading.agreement,
            "as_of": found.filters.get("as_of"),
            "boroughs": self.borough_rows(),
            "erasures_since": self.erasures_since(found.since or found.positions),
            "feeds": feed_rows(folded),
            "filters": dict(found.filters),
            "folded": {one.ledger: one.position for one in folded},
            "left_out": {one.ledger: out for one in read if (out := _left_out(one))},
            "mapping": {
                "digest": to_text(digest),
                "note": JUDGEMENT,
                "reference": mapping.reference(),
            },
            "note": NOT_PERFORMANCE,
            "policy": None,
            "parked": {one.ledger: stopped for one in read if (stopped := _parked(one))},
            "positions": dict(found.positions),
            "proof": self.proof({one.ledger: one.position for one in folded}, found.positions),
            "purpose": reading.purpose,
            "read_by": {
                "office": reading.caller.office,
                "participant": reading.caller.participant,
            },
            "registered": {"day": self.registry.today(), "entries": self.registry.registered()},
            "right": LIVE,
            "rows": list(found.rows),
            "rule_packs": [pack.reference() for pack in self.registry.rule_packs()],
            "suppression": "none: live figures",
            "view": view,
            "views_version": self._versions,
            **found.beside,
        }
        self._desk.record(reading, view, positions=found.positions, filters=found.filters)
        return answer

    def proof(self, *stood_on: Mapping[str, int]) -> Proof:
        """Say whether every entry is witnessed that an answer stands on, registrations included."""
        largest = {PARTNERSHIP: self.registry.registered()}
        for name, position in (each for one in stood_on for each in one.items()):
            largest[name] = max(position, largest.get(name, 0))
        return self._proves(largest)

    def erasures_since(self, positions: Mapping[str, int]) -> int:
        """Give how many erasures were carried out since positions of some ledgers."""
        return len({*in_views(self.store(), positions), *self._later(positions)})

    def borough_rows(self) -> JsonValue:
        """Name the boroughs in force."""
        boroughs = self.registry.participants().boroughs(self.registry.today())
        return [
            {"code": one.code, "la_code": one.la_code, "ledger": one.ledger, "name": one.name}
            for one in boroughs
        ]


def _left_out(folded: FoldedLedger) -> int:
    """Count the events whose agreement does not name the purpose of the views."""
    return sum(one.entries for one in folded.left_out)


def _parked(folded: FoldedLedger) -> int:
    """Count the entries that could not be folded, or stand behind one that could not."""
    return sum(one.entries for one in folded.parked)
