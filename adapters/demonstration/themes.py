"""The themes of the demonstration's hub, read by year to 31 March, line by line."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.demonstration.reading import read_view
from adapters.demonstration.stage import Stage
from adapters.http.theme_documents import ThemeAnswer, ThemeRow


@dataclass(frozen=True, slots=True)
class ThemeCell:
    """What a row says in one word: count, rate, and the letters of its flags."""

    borough: str
    period: str
    text: str


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """One line of a theme with its cells."""

    title: str
    cells: tuple[ThemeCell, ...]


@dataclass(frozen=True, slots=True)
class ThemeRead:
    """What is used of a theme's answer."""

    title: str
    lines: tuple[ThemeLine, ...]
    without_source: tuple[str, ...]


def read_theme(stage: Stage, code: str) -> ThemeRead:
    """Read a theme by year; the hub records it, as any read."""
    raw = read_view(stage, f"themes/{code}", period="year-to-march")
    answer = ThemeAnswer.model_validate_json(raw)
    cells: dict[tuple[str, str], list[ThemeCell]] = {}
    for row in answer.rows:
        cell = ThemeCell(row.borough, row.period, _told(row))
        cells.setdefault((row.measure, row.breakdown), []).append(cell)
    lines = tuple(
        ThemeLine(
            f"{one.title}{', ' if line.title else ''}{line.title} ({line.counts})",
            tuple(cells[one.code, line.breakdown]),
        )
        for one in answer.measures
        for line in one.lines
        if (one.code, line.breakdown) in cells
    )
    without = tuple(one.title for one in answer.measures if one.source == "no source yet")
    return ThemeRead(answer.title, lines, without)


def _told(row: ThemeRow) -> str:
    number = row.mark if row.numerator is None else str(row.numerator)
    letters = "".join(sorted({flag.letter for flag in row.flags}))
    return " ".join(filter(None, (number, row.rate, letters)))
