"""Times by what was done in them, round by round, and the table that comes of them."""

from __future__ import annotations

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass


class Times:
    """What each thing took an event, in microseconds, once a round."""

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self._rounds: defaultdict[str, list[float]] = defaultdict(list)

    @contextmanager
    def of(self, name: str, events: int) -> Iterator[None]:
        """Measure what is done inside, which is about so many events."""
        began = time.perf_counter()
        yield
        self._rounds[name].append((time.perf_counter() - began) / events * 1e6)

    def median(self, name: str) -> float:
        """Give the median round, in microseconds an event."""
        return statistics.median(self._rounds[name])

    def ratio(self, name: str, floor: str) -> float:
        """Give the median over the rounds of how many floors a thing takes.

        Both were measured in the same round, so what else the machine did weighs on both.
        """
        pairs = zip(self._rounds[name], self._rounds[floor], strict=True)
        return statistics.median(one / least for one, least in pairs)

    def rounds(self) -> int:
        """Give how many rounds there were of whatever was measured most often."""
        return max(map(len, self._rounds.values()), default=0)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing beside one floor: microseconds an event, and how many floors that is."""

    what: str
    us: float
    floor: str
    floor_us: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Results:
    """What a run comes to: its lines, and a sentence on each thing and each floor."""

    events: int
    rounds: int
    lines: tuple[Line, ...]
    meaning: Mapping[str, str]

    def as_json(self) -> str:
        """Give everything as one JSON document."""
        return json.dumps(asdict(self), indent=2)

    def as_text(self) -> str:
        """Give the table, and below it what was measured."""
        head = ("measured", "µs an event", "floor", "µs an event", "ratio")
        rows = [
            (one.what, f"{one.us:.1f}", one.floor, f"{one.floor_us:.1f}", f"{one.ratio:.2f}")
            for one in self.lines
        ]
        said = [f"  {name}: {sentence}" for name, sentence in self.meaning.items()]
        run = f"{self.events} events a round, medians of {self.rounds} rounds"
        return "\n".join([*_table((head, *rows)), "", run, *said])


def lines(times: Times, pairs: Sequence[tuple[str, str]]) -> tuple[Line, ...]:
    """Put each thing beside its floor."""
    return tuple(
        Line(
            what,
            round(times.median(what), 2),
            floor,
            round(times.median(floor), 2),
            round(times.ratio(what, floor), 3),
        )
        for what, floor in pairs
    )


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    sides: tuple[Callable[[str, int], str], ...] = (
        str.ljust, str.rjust, str.ljust, str.rjust, str.rjust,
    )  # fmt: skip
    for number, row in enumerate(rows):
        cells = zip(sides, row, widths, strict=True)
        yield "  ".join(side(text, width) for side, text, width in cells).rstrip()
        if number == 0:
            yield "  ".join("-" * width for width in widths)
