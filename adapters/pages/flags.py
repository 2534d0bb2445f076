"""Comparability flags in a plain table: letters in the cells, the reasons below it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.http.view_documents import Flag

Reason = tuple[str, str, str]
"""Of which figure, by which letter, and why."""


def lettered(cell: str, flags: Sequence[Flag]) -> str:
    """Give a cell with the letters of its flags, if it has any."""
    letters = ", ".join(dict.fromkeys(one.letter for one in flags))
    return f"{cell} [{letters}]" if letters else cell


def reasons_of(figures: Iterable[tuple[str, Sequence[Flag]]]) -> list[Reason]:
    """Give the reason of every flag, figure by figure, each once."""
    every = ((where, one.letter, one.reason) for where, flags in figures for one in flags)
    return list(dict.fromkeys(every))
