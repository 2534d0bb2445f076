"""What a theme costs to read from views of any length, when first asked and when asked again.

Rows are committed as folded batches, without ledgers behind them: reading is what is measured.
"""

from __future__ import annotations

import hashlib
import random
import statistics
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from projections.measures import Line as Figure
from projections.projection import AtEnd, Contribution, Recurrence, Traits
from projections.standing import Link
from services.folded import FoldedBatch, FoldedEvent, Interval
from services.views import Question
from tests.benchmarks.measuring import Line

LEDGER = "havering"
FIRST, YEARS = date(2018, 4, 1), 5
BATCH = 5000
FACTORS = tuple(f"factor:{number}A" for number in range(1, 25))
BANDS = ("under-1", "1-4", "5-9", "10-15", "16-17")
LINES = (
    *(Figure(one, "episodes", frozenset({one}), frozenset({"factor:any"})) for one in FACTORS[:6]),
    Figure("together", "episodes", frozenset(FACTORS[:6]), frozenset({"factor:any"})),
    Figure("standing", "children", frozenset({"mace:high"}), way=AtEnd("mace")),
    Figure(
        "thrice",
        "children",
        frozenset({"missing"}),
        way=Recurrence(frozenset({"missing"}), within_days=90, at_least=2),
    ),
)
"""A theme's lines: most are factors, one is how many stand so, one looks back."""


SHORT, LONG = 10_000, 1_000_000
THEMES = {
    "theme query": "nine lines of a theme and their denominators, 24 times twelve rolling months, "
    "of one ledger's views with 1M events beside 10k: µs a read (p50 and p99 of 100, asked again; "
    "when first asked; and when one event came since).",
}


@dataclass(frozen=True, slots=True)
class ThemeTimes:
    """Milliseconds of reading one theme: first, again, and again after a batch came."""

    events: int
    cold: float
    warm_p50: float
    warm_p99: float
    after_batch: float


def theme_lines(folder: Path) -> tuple[Line, ...]:
    """Put a long file of views beside a short one."""
    short = theme_times(folder / "short.sqlite", SHORT)
    long = theme_times(folder / "long.sqlite", LONG)
    return tuple(
        Line(
            f"theme query, {what}, 1M",
            one * 1e3,
            f"{what}, 10k",
            floor * 1e3,
            round(one / floor, 2),
        )
        for what, one, floor in (
            ("p50", long.warm_p50, short.warm_p50),
            ("p99", long.warm_p99, short.warm_p99),
            ("first asked", long.cold, short.cold),
            ("after a batch", long.after_batch, short.after_batch),
        )
    )


def theme_times(path: Path, events: int) -> ThemeTimes:
    """Fill a new file of views with so many events, and read a theme from it."""
    create(path, "bench")
    store = SqliteViews(path, versions="bench", key=bytes(32))
    for start in range(0, events, BATCH):
        store.commit(_batch(start, min(BATCH, events - start)))
    reader = SqliteViews(path, versions="bench", key=bytes(32))
    cold = _read(reader)
    warm = [_read(reader) for _ in range(100)]
    store.commit(_batch(events, 1))
    after = _read(reader)
    cuts = statistics.quantiles(warm, n=100)
    return ThemeTimes(events, cold, statistics.median(warm), cuts[98], after)


def _read(store: SqliteViews) -> float:
    """Read every line of the theme, twelve rolling months by the last two years' months."""
    began = time.perf_counter()
    last = FIRST + timedelta(days=365 * YEARS)
    plain = {line.breakdown: line.cells for line in LINES if line.way is None}
    plain |= {f"{line.breakdown} of": line.of for line in LINES if line.of}
    positions = store.count(_question(plain, last)).positions
    for line in LINES:
        if line.way is not None:
            question = _question({line.breakdown: line.cells}, last, positions)
            store.count(question, line.way)
    return (time.perf_counter() - began) * 1e3


def _question(
    groups: dict[str, frozenset[str]], last: date, as_of: Mapping[str, int] | None = None
) -> Question:
    return Question(
        groups=groups,
        period="rolling-12",
        ledgers=(LEDGER,),
        as_of=as_of,
        occurred_from=last - timedelta(days=730),
        occurred_to=last,
    )


def _batch(start: int, many: int) -> FoldedBatch:
    events = tuple(_events(start, many))
    begun = tuple(Interval(e.link.position, e.link.day, e.link.position) for e in events)
    return FoldedBatch(LEDGER, start, start + many, events, begun=begun)


def _events(start: int, many: int) -> Iterator[FoldedEvent]:
    chance = random.Random(start)
    for position in range(start, start + many):
        child = chance.randrange(1 + (start + many) // 4)
        who = hashlib.sha256(b"%d" % child).hexdigest()
        known = uuid.UUID(int=position + 1)
        day = FIRST + timedelta(days=chance.randrange(365 * YEARS))
        link = Link(known, position, "/participants/a/b", known, "a", day, None, known)
        traits = Traits(age_band=BANDS[child % len(BANDS)], sex=("female", "male")[child % 2])
        given = tuple(Contribution(cell, who, who) for cell in _cells(chance))
        yield FoldedEvent(link, given, traits={who: traits})


def _cells(chance: random.Random) -> Sequence[str]:
    drawn = chance.random()
    if drawn < 0.05:
        return ("missing",)
    if drawn < 0.08:
        return ("mace", chance.choice(("mace:high", "mace:low")))
    return ("factor:any", chance.choice(FACTORS))
