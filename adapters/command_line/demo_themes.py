"""Printing a theme of the demonstration on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console

from adapters.demonstration.themes import ThemeRead

_BOROUGH, _CELL = 18, 17
_YEARS = 5
"""Columns that a terminal has room for."""


def print_theme(console: Console, theme: ThemeRead, boroughs: Sequence[str]) -> None:
    """Print count, rate and flags of every line, by borough and year to 31 March."""
    years = sorted({cell.period for line in theme.lines for cell in line.cells})[-_YEARS:]
    console.print(f"\n[bold]{theme.title}[/], by year to 31 March: count, rate, flags")
    heads = "".join(year.rjust(_CELL) for year in years)
    console.print(f"{'':{_BOROUGH + 4}}{heads}", highlight=False)
    for line in theme.lines:
        console.print(f"  {line.title}", highlight=False)
        texts: Mapping[tuple[str, str], str] = {
            (cell.borough, cell.period): cell.text for cell in line.cells
        }
        for borough in boroughs:
            row = "".join(texts.get((borough, year), ".").rjust(_CELL) for year in years)
            console.print(f"    {borough[:_BOROUGH]:{_BOROUGH}}{row}", highlight=False)
    without = ", ".join(theme.without_source) or "none"
    console.print(f"  no source yet: {without}", highlight=False)
