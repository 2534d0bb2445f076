"""An answer as it was stored: a JSON document, or a table as a file of one answer or of several.

A table names in the last columns of every row what was asked and what the answer was made from. An
answer without rows leaves one that says just that.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from adapters.http.tables import csv_of
from adapters.http.tidy_tables import TIDY, tidy_csv_of
from adapters.spreadsheets import MARK
from domain.canonical import JsonValue, NotCanonical, strict_json
from domain.errors import AnswerRefused
from services.audit.differing import OF_ITS_TIME, Differing, differing

BYTES_MAX = 256 * 1024 * 1024
_TEXTS = ("agreement", "purpose", "right", "view")
_DOCUMENTS = ("filters", "folded", "positions", "read_by", "registered")
_COUNTS = ("folded", "positions")
_NUMBER = re.compile(r"[0-9]{1,15}\Z")

Answer = Mapping[str, JsonValue]
Table = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Stored:
    """Answers that were stored, and how those are held against them that are given again."""

    answers: Sequence[Answer]
    differing: Callable[[Sequence[Answer]], list[Differing]]


def stored_answers(path: Path) -> Stored:
    """Read a file; raises AnswerRefused for one that holds no answer or cannot be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
    except OSError:
        raise AnswerRefused("the file cannot be read") from None
    if len(raw) > BYTES_MAX:
        raise AnswerRefused("the file is longer than any answer")
    return _of_a_table(raw) if raw.startswith(MARK) else _of_a_document(raw)


def _of_a_document(raw: bytes) -> Stored:
    document = _read(raw)
    return Stored([document], lambda again: differing(document, again[0]))


def _read(raw: bytes) -> Answer:
    try:
        document = strict_json(raw)
    except NotCanonical as fault:
        raise AnswerRefused(f"neither a document nor a table of ours: {fault.code}") from None
    if not isinstance(document, Mapping):
        raise AnswerRefused("not a document of named values")
    return document


def _of_a_table(raw: bytes) -> Stored:
    rows = _rows(raw)
    if not rows:
        raise AnswerRefused("a table without rows does not say what was asked")
    if not {*_TEXTS, *_DOCUMENTS} <= rows[0].keys():
        raise AnswerRefused("a table without the columns that say what was asked")
    asked = [_asked(row) for _, (row, *_) in groupby(rows, key=_question)]
    spell = tidy_csv_of if tuple(rows[0])[: len(TIDY)] == TIDY else _table_of_one
    return Stored(asked, partial(_tables_differ, rows, spell))


def _rows(raw: bytes) -> Table:
    try:
        text = raw.removeprefix(MARK).decode()
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restval="", restkey="")
        found = list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise AnswerRefused("not a table of ours") from None
    if any("" in row for row in found):
        raise AnswerRefused("a row with more cells than columns")
    return found


def _question(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in (*_TEXTS, *_DOCUMENTS))


def _asked(row: Mapping[str, str]) -> Answer:
    """Give the answer that a row is of, with as much of it as says what was asked."""
    told = {name: one.removeprefix("'") for name, one in row.items()}  # led so for spreadsheets
    documents = {name: dict(_spelled(name, told[name])) for name in _DOCUMENTS}
    texts = {name: told[name] for name in _TEXTS}
    return {**texts, **documents, "rows": [{"at": told["at"]}] if "at" in told else []}


def _spelled(name: str, text: str) -> Iterator[tuple[str, JsonValue]]:
    """Read `one=7, another=9`, as tables spell what is named."""
    for each in text.split(", ") if text else ():
        key, _, value = each.partition("=")
        counted = name in _COUNTS or key == "entries"
        yield key, int(value) if counted and _NUMBER.match(value) else value


def _table_of_one(answers: Sequence[Answer]) -> bytes:
    if len(answers) != 1:
        raise AnswerRefused("a table of several answers that is not the long one")
    return csv_of(answers[0])


def _tables_differ(
    rows: Table, spell: Callable[[Sequence[Answer]], bytes], again: Sequence[Answer]
) -> list[Differing]:
    return differing({"rows": _told(rows)}, {"rows": _told(_rows(spell(again)))})


def _told(rows: Table) -> JsonValue:
    """Leave out of every row what is of its time alone."""
    return [{name: one for name, one in row.items() if name not in OF_ITS_TIME} for row in rows]
