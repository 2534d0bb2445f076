"""What rose, where, and whether it is real: one finding a figure, the most telling first.

A change is weighed against what chance alone would do to counts of this size (its size over the
root of both counts together), so that 2 beside 1 does not come before 510 beside 360.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adapters.http.theme_documents import Explanation, ThemeAnswer, ThemeRow
from adapters.pages import wording
from adapters.pages.answers import name_of, part_of

MORE_THAN_CHANCE = 2.0
"""About one change in twenty comes this far by chance where nothing has changed."""
SHARE_OF = 20
"""Of fewer than these no share is said: from 2 to 231 is no +11,450%."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure's change on the year before, in words."""

    theme: str
    measure: str
    what: str
    borough: str
    borough_name: str
    period: str
    ended_earlier: bool
    """Other figures of the theme go further."""
    row: ThemeRow
    weight: float

    @property
    def change(self) -> int:
        """Give the change; a figure without one is no finding."""
        return self.row.change or 0

    @property
    def rose(self) -> bool:
        """Say which way it went."""
        return self.change > 0

    @property
    def explained(self) -> tuple[Explanation, ...]:
        """Give what the borough says of all of this period, the latest last."""
        return tuple(one for one in self.row.explanations if one.covers)

    @property
    def verdict(self) -> str:
        """Say whether it is real: as the borough says, else as the figure looks."""
        if self.explained:
            return self.explained[-1].judgement
        return "flagged" if self.row.flags else "unexplained"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Give what the verdict rests on."""
        said = [one.text for one in self.explained[-1:]]
        other = [
            f"The borough says of {wording.day(one.period_start)} to "
            f"{wording.day(one.period_end)}: {one.text}"
            for one in self.row.explanations
            if not one.covers
        ]
        return (*said, *other, *(flag.reason for flag in self.row.flags))

    @property
    def by_how_much(self) -> str:
        """Say the change: `from 360 to 510 (+42%)`; of few, a share would say too much."""
        now = self.row.numerator or 0
        before = now - self.change
        share = wording.percent(self.row.change_percent) if before >= SHARE_OF else ""
        said = f"from {wording.number(before)} to {wording.number(now)}"
        said = f"{said} ({share})" if share else said
        return f"{said}, {self.period}" if self.ended_earlier else said

    @property
    def sentence(self) -> str:
        """Say it whole: what, where, by how much, and whether it is real."""
        way = "rose" if self.rose else "fell"
        real = {
            "both": "the borough says it is partly real and partly recording",
            "flagged": "it may not be real",
            "real": "the borough says it is real",
            "recording": "the borough says it is recording, not a real change",
        }.get(self.verdict, "nobody has explained it yet")
        return f"{self.what} {way} in {self.borough_name} {self.by_how_much}: {real}."


def weight(now: int, change: int) -> float:
    """Weigh a change against chance: its size over the root of both counts together."""
    return abs(change) / math.sqrt(max(1, now + (now - change)))


def latest(rows: Sequence[ThemeRow]) -> tuple[ThemeRow, ...]:
    """Give each line's rows of its own last period, which may have ended before another's."""
    last: dict[str, str] = {}
    for row in rows:
        last[row.breakdown] = max(row.period_to, last.get(row.breakdown, ""))
    return tuple(row for row in rows if row.period_to == last[row.breakdown])


def findings(answer: ThemeAnswer) -> list[Finding]:
    """Give every change of a theme's figures in their last period, the most telling first."""
    found = []
    newest = max((row.period_to for row in answer.rows), default="")
    for measure in answer.measures:
        for row in latest([one for one in answer.rows if one.measure == measure.code]):
            if row.cut or not row.change or row.numerator is None:
                continue
            counted = measure.title.partition(", per ")[0]  # the change is one of the count
            part = part_of(measure, row.breakdown)
            found.append(
                Finding(
                    theme=answer.view,
                    measure=measure.code,
                    what=f"{counted}: {part}" if part else counted,
                    borough=row.borough,
                    borough_name=name_of(answer, row.borough),
                    period=wording.period(answer.period, row.period_from, row.period_to),
                    ended_earlier=row.period_to < newest,
                    row=row,
                    weight=weight(row.numerator, row.change),
                )
            )
    return ordered(_once(found))


def is_compared(answer: ThemeAnswer) -> bool:
    """Say whether any figure of a theme has, in its last period, the year before beside it.

    Where none has, nobody knows whether anything rose.
    """
    of_each = ([one for one in answer.rows if one.measure == it.code] for it in answer.measures)
    last = (row for rows in of_each for row in latest(rows))
    return any(row.change is not None for row in last if not row.cut)


def _once(found: Iterable[Finding]) -> Iterable[Finding]:
    """Leave out a part that is the whole again, under another name."""
    kept: dict[tuple[str, str, int | None, int], Finding] = {}
    for one in found:
        kept.setdefault((one.measure, one.borough, one.row.numerator, one.change), one)
    return kept.values()


def ordered(found: Iterable[Finding]) -> list[Finding]:
    """Put the most telling first."""
    return sorted(found, key=lambda one: (-one.weight, one.what, one.borough))


def rises(found: Iterable[Finding]) -> list[Finding]:
    """Give what rose by more than chance would."""
    return [one for one in found if one.rose and one.weight >= MORE_THAN_CHANCE]


def falls(found: Iterable[Finding]) -> list[Finding]:
    """Give what fell by more than chance would."""
    return [one for one in found if not one.rose and one.weight >= MORE_THAN_CHANCE]
