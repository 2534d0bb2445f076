"""Asking replayed views what live views are asked, by the same answering code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.canonical import JsonValue
from projections.projection import Way
from services.filters import Filters
from services.last_told import LastTold
from services.ports import Caller
from services.querying import FACTORS, Querying
from services.reading import Reading
from services.views import (
    Counts,
    FoldedLedger,
    LedgerDigest,
    Moved,
    Question,
    RegisterRow,
    Shared,
    SharedCounts,
    ToldRow,
    ViewReader,
)

AUDITOR = Reading(Caller("audit", None, "auditor", "auditor"), "none@0", "audit", "terminal")
"""Nobody reads through the hub: what an audit needs it takes from the files themselves."""


class NobodyAsks:
    """Lets everything be read and records nothing: an audit opens files, not a hub."""

    def allow(self, reading: Reading, view: str) -> None:
        """Let it be read."""

    def record(
        self,
        reading: Reading,
        view: str,
        *,
        positions: Mapping[str, int],
        filters: Mapping[str, str],
    ) -> None:
        """Record nothing: the files are read alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of figures, and what was answered."""

    question: Question
    way: Way | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class ToldOf:
    """One question after a telling, and what was answered."""

    telling: str
    ledgers: tuple[str, ...]
    as_of: Mapping[str, int] | None
    rows: tuple[ToldRow, ...]


@dataclass(slots=True)
class Listening:
    """A store that notes what it is asked, so that another can be asked the very same."""

    store: ViewReader
    counted: list[Asked] = field(default_factory=list)
    heard: list[ToldOf] = field(default_factory=list)

    def position(self, ledger: str) -> int:
        """Give how many entries of a ledger are folded."""
        return self.store.position(ledger)

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count, and note what."""
        counts = self.store.count(question, way)
        self.counted.append(Asked(question, way, counts))
        return counts

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Give what stands of a telling, and note it."""
        rows = self.store.told(telling, ledgers, as_of)
        self.heard.append(ToldOf(telling, tuple(ledgers), as_of, tuple(rows)))
        return rows

    def last_told(self, asked: LastTold) -> list[ToldRow]:
        """Give the last that stands of a telling."""
        return self.store.last_told(asked)

    def moved(self, question: Question, before: Mapping[str, int]) -> list[Moved]:
        """Say which events each group gained and lost."""
        return self.store.moved(question, before)

    def shared(self, question: Shared) -> SharedCounts:
        """Count the children whom two ledgers know."""
        return self.store.shared(question)

    def register(self, name: str) -> list[RegisterRow]:
        """Give a register's states."""
        return self.store.register(name)

    def folded(self, ledger: str, *registers: str) -> FoldedLedger:
        """Give how far a ledger is folded."""
        return self.store.folded(ledger, *registers)

    def digest(self, ledger: str, size: int | None = None) -> LedgerDigest:
        """Digest a ledger's views."""
        return self.store.digest(ledger, size)


def answers(querying: Querying, codes: Sequence[str]) -> dict[str, Mapping[str, JsonValue]]:
    """Give the answer of each theme, or of `factors`; raises NotFound for any other code."""
    return {
        code: querying.factors(AUDITOR, Filters())
        if code == FACTORS
        else querying.theme(AUDITOR, code, Filters())
        for code in codes
    }


def as_of(question: Question, positions: Mapping[str, int]) -> Question:
    """Give a question as of positions, for those of its ledgers."""
    return replace(question, as_of={name: positions[name] for name in question.ledgers})
