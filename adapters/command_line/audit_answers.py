"""`bhr audit replay --answer FILE`: a past answer is given again, or what differs is shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from adapters.answer_file import Stored, stored_answers
from adapters.assembly.answering_again import GivenAgain, given_again
from adapters.assembly.audit import AuditRoom
from adapters.command_line import audit_tables as tables
from domain.canonical import JsonValue, canonical
from services.audit.differing import Differing

SHOWN = 60
"""Differences that are listed; of more, how many there are is said."""


def replay_answer(room: AuditRoom, file: Path, *, as_json: bool) -> bool:
    """Give an answer again and say what differs; False where nothing does.

    Raises AnswerRefused for a file that does not say what was asked.
    """
    stored = stored_answers(file)
    with tables.progress() as tell:
        found = list(given_again(room, stored.answers, tell))
    refused = [one.refused for one in found if one.refused is not None]
    differing = stored.differing([one.answer for one in found])
    if as_json:
        _print_document(found, refused, differing)
    else:
        _show(stored, found, refused, differing)
        if not room.knows_whom_to_trust():
            Console().print("who signed the agreements was not asked: no trust file is here")
    return bool(refused or differing or any(one.comparison.differing for one in found))


def _print_document(
    found: Sequence[GivenAgain], refused: Sequence[str], differing: Sequence[Differing]
) -> None:
    listed: list[JsonValue] = [
        {"again": one.again, "answered": one.answered, "place": one.place} for one in differing
    ]
    document: dict[str, JsonValue] = {
        "answers": [dict(one.answer) for one in found],
        "comparisons": [tables.compared(one.comparison) for one in found],
        "differing": listed,
        "equal": not differing,
        "refused": list(refused),
    }
    sys.stdout.write(canonical(document).decode() + "\n")


def _show(
    stored: Stored,
    found: Sequence[GivenAgain],
    refused: Sequence[str],
    differing: Sequence[Differing],
) -> None:
    console = Console()
    for moment in {str(one.moment): one.moment for one in found}.values():
        tables.show_moment(moment)
    for reason in dict.fromkeys(refused):
        console.print(f"not to be read by what was registered then: {reason}", soft_wrap=True)
    if differing:
        table = Table("place", "answered", "again", title="differing")
        for one in differing[:SHOWN]:
            table.add_row(one.place, _told(one.answered), _told(one.again))
        console.print(table)
    many = f"{len(differing)} places differ" if differing else "all of it is equal"
    console.print(f"{len(stored.answers)} answers given again: {many}", soft_wrap=True)
    for given in found:
        if given.comparison.differing:
            tables.show_comparison(given.comparison)
    tables.show_compared([one.comparison for one in found])


def _told(value: JsonValue) -> str:
    return "(not there)" if value is None else canonical(value).decode()
