"""Cells that a spreadsheet and a program read alike: CSV that Excel opens without changing a value.

Excel decides cell by cell what a text "is": `2022-04` is the first of April to it, `10-15` a day in
October, `1E5` a number, `TRUE` no text, and `=…` something to run. So what is written here is a
plain number, a whole day (the same day to Excel), or a text that Excel leaves alone:

- a month is `2022-M04`, the form that SDMX has for it; a range is `10 to 15`; what is so is `yes`
- any other text that Excel would take for something else is led by an apostrophe
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from domain.canonical import JsonValue, canonical

MARK = "\ufeff".encode()
"""Without it Excel takes UTF-8 for something else."""

_WHOLE = r"0|[1-9][0-9]{0,8}"
_NUMBER = re.compile(rf"(?!-0(?:\.0+)?\Z)-?(?:(?:{_WHOLE})(?:\.[0-9]{{1,6}})?|[1-9][0-9]{{9,14}})")
"""Fifteen digits at most: Excel keeps no more, and no zeros in front."""
_DAY = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_MONTH = re.compile(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])")
_RANGE = re.compile(r"([0-9]{1,3})-([0-9]{1,3})")
_SPACE = " \t\r\n\v\f\u00a0"
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NO_TEXT = frozenset(
    {"true", "false", "#n/a", "#name?", "#null!", "#num!", "#ref!", "#value!", "#div/0!"}
)
_MONTHS = "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june "
_MONTHS += "july august september october november december"
_WORDS_OF_TIME = frozenset([*_MONTHS.split(), "am", "pm"])
_POWER = re.compile(r"(?<=[0-9.])\s*[eE](?=\s*[+-]?\s*[0-9])")
_HALF_DAY = re.compile(r"(?<=[0-9])\s+[apAP]\s*\Z")
_AROUND_DIGITS = re.compile(r"[0-9\s.,:/%()£$€¥+'-]*")
_LETTERS = re.compile(r"[A-Za-z]+")


def cell(value: JsonValue) -> str:
    """Give a value as the text of its cell, which Excel does not change."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else canonical(value).decode()
    if _NUMBER.fullmatch(text) or _DAY.fullmatch(text):
        return text
    if month := _MONTH.fullmatch(text):
        return "-M".join(month.groups())
    if ends := _RANGE.fullmatch(text):
        return " to ".join(ends.groups())
    return f"'{text}" if _taken_for_something_else(text) else text


def line(cells: Sequence[str]) -> bytes:
    """Give a line of a table as RFC 4180 has it."""
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()


def _taken_for_something_else(text: str) -> bool:
    """Say whether a text could be a formula, number, day, time or truth to a spreadsheet.

    In doubt it could: an apostrophe too many is seen, a value that was changed is not.
    """
    bare = text.strip(_SPACE)
    if text[:1] in {"\t", "\r", "\n"} or bare.startswith(_FORMULA) or bare.lower() in _NO_TEXT:
        return True
    if not any(one.isdigit() for one in bare):
        return False
    plain = _HALF_DAY.sub("", _POWER.sub("", bare))
    words = _LETTERS.findall(plain)
    of_time = all(word.lower() in _WORDS_OF_TIME for word in words)
    return of_time and _AROUND_DIGITS.fullmatch(_LETTERS.sub("", plain)) is not None
