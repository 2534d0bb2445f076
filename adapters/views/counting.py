"""Counting what is live: figure by figure, each from memory or from the rows it reads.

One statement for a run of periods, group and ledger, so that each sorts its own rows alone, and
memory stays flat however many rows there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from adapters.views.asking import AskedLedger, asked_ledgers
from adapters.views.measuring import Measuring, reads_from
from adapters.views.memory import CountMemory, Figure
from adapters.views.periods import (
    ROLLING_MONTHS,
    Span,
    first_day,
    label,
    last_day,
    month_of,
    spans,
)
from adapters.views.tables import Tables
from adapters.views.totals import Totals
from adapters.views.trait_book import TraitBook
from projections.projection import AtEnd, Way
from services.views import Counted, Counts, Question


@dataclass(frozen=True, slots=True)
class Reader:
    """What a question is answered with, inside one read transaction."""

    tables: Tables
    book: TraitBook
    memory: CountMemory
    totals: Totals


def count(reader: Reader, question: Question, way: Way | None) -> Counts:
    """Count, so that rows and positions are of one moment.

    Raises Unavailable when the question is as of a position that is not folded yet.
    """
    asked = asked_ledgers(reader.tables, question.ledgers, question.as_of)
    rows = tuple(one for ledger in asked for one in _Counting(reader, ledger).count(question, way))
    return Counts(rows, {one.name: one.size for one in asked})


@dataclass(frozen=True, slots=True)
class _Counting:
    """Counts one ledger."""

    reader: Reader
    ledger: AskedLedger

    def count(self, question: Question, way: Way | None) -> Iterator[Counted]:
        measuring = self._measuring(question, way)
        for group, cells in sorted(question.groups.items()):
            run = self._spans(question, cells, way)
            for number, figure in self._figures(measuring, cells, run).items():
                period = label(question.period, number)
                for value, *numbers in figure:
                    events, episodes, children = numbers
                    yield Counted(
                        self.ledger.name, group, period, events, episodes, children, value
                    )

    def _measuring(self, question: Question, way: Way | None) -> Measuring:
        tables, book = self.reader.tables, self.reader.book
        return Measuring(tables, book, question.period, way, question.cut)

    def _spans(self, question: Question, cells: frozenset[str], way: Way | None) -> list[Span]:
        """Give the periods in which there can be anything."""
        months = self.reader.memory.touched(self.reader.tables, self.ledger).months
        if not months:
            return []
        until = question.occurred_to
        if until is None and (isinstance(way, AtEnd) or question.period == "rolling-12"):
            until = self._last_of_any(cells, way)
        first, last = question.occurred_from or date.min, until or date.max
        if question.period == "whole":
            return list(spans("whole", first, last))
        ends = last_day("month", max(months))
        if isinstance(way, AtEnd):
            ends = date.max
        elif question.period == "rolling-12":
            ends = last_day("month", max(months) + ROLLING_MONTHS - 1)
        return list(spans(question.period, max(first, first_day(min(months))), min(last, ends)))

    def _last_of_any(self, cells: frozenset[str], way: Way | None) -> date:
        """Give the end of the last month in which there was anything of what is asked for."""
        asked = frozenset({way.cell}) if isinstance(way, AtEnd) else cells
        plain = None if isinstance(way, AtEnd) else way
        question = Question(groups={"": asked}, period="month", ledgers=(self.ledger.name,))
        figures = self._figures(
            self._measuring(question, plain), asked, self._spans(question, asked, plain)
        )
        wanted = [
            number
            for number, ((_, _, _, children),) in figures.items()
            if children or not isinstance(way, AtEnd)
        ]
        return last_day("month", max(wanted)) if wanted else date.min

    def _figures(
        self, measuring: Measuring, cells: frozenset[str], asked: Sequence[Span]
    ) -> Mapping[int, Figure]:
        """Give the figures of periods, in order; what is not remembered is counted run by run."""
        memory = self.reader.memory
        touched = memory.touched(self.reader.tables, self.ledger)
        ledger = self.ledger
        question = (ledger.number, ledger.restricted, cells, measuring.way, measuring.cut)
        if question[-1] is None and not memory.knows(question):
            memory.recall(question, self.reader.totals.read(self.reader.tables, question))
        found: dict[int, Figure] = {}
        missing: list[Span] = []
        places: dict[Span, tuple[int, int]] = {}
        for span in asked:
            reads = month_of(reads_from(measuring.way, span))
            version = touched.version(reads, month_of(span.last))
            places[span] = reads, version
            known = None
            if version <= self.ledger.size:
                known = memory.find(question, reads, span, version)
            if known is None:
                missing.append(span)
            else:
                found[span.number] = known
        for run in _runs(missing, asked):
            counted = measuring.measure(self.ledger, cells, run)
            for span in run:
                reads, version = places[span]
                found[span.number] = counted.get(span.number, ())
                if version <= self.ledger.size:
                    memory.keep(question, reads, span, (version, found[span.number]))
        return {span.number: found[span.number] for span in asked if found[span.number]}


def _runs(missing: Sequence[Span], asked: Sequence[Span]) -> Iterator[Sequence[Span]]:
    """Give what is missing in runs of periods that follow each other."""
    place = {span: at for at, span in enumerate(asked)}
    starts = [0] + [
        at for at, (one, after) in enumerate(pairwise(missing), 1) if place[after] != place[one] + 1
    ]
    for start, end in pairwise([*starts, len(missing)]):
        if start < end:
            yield missing[start:end]
