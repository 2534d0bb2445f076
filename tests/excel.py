"""What Excel makes of a CSV's cells when it opens the file, as its users know it: our own rule.

It shares nothing with the code that writes cells. In doubt it says that a text is changed.
"""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import re
from collections.abc import Iterator
from decimal import Decimal

MONTHS = frozenset(
    itertools.chain.from_iterable(
        (datetime.date(2000, month, 1).strftime("%b").lower(), f"{full}".lower())
        for month in range(1, 13)
        for full in [datetime.date(2000, month, 1).strftime("%B")]
    )
) | {"sept"}
DIGITS_KEPT = 15
ERRORS = ["#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DIV/0!"]
FORMULA = re.compile(r"^[\t\r\n]|^\s*[=+@\uff1d\uff0b\uff0d\uff20-]")
NUMBER = re.compile(
    r"^[(]?[£$€¥]?[+-]?[£$€¥]?\s*(?:\d[\d,]*\.?\d*|\.\d+)\s*(?:e[+-]?\d+)?\s*%?[)]?$", re.IGNORECASE
)
FRACTION = re.compile(r"^-?(\d+ )?\d+\s*/\s*\d+$")
TIME = re.compile(r"^\d{1,4}(:\d{0,2}){1,2}(\.\d*)?(\s*[ap]m?)?$|^\d{1,2}\s+[ap]m?$", re.IGNORECASE)
PARTS_OF_DATE = re.compile(r"[a-z]+|\d+", re.IGNORECASE)
DATE_WITH_TIME = re.compile(r"^(.*\d)\s+\d{1,2}:[\d:]+$")


def cells(table: bytes) -> Iterator[tuple[str, str]]:
    """Give every cell of a table with the name of its column, and each name as a cell too."""
    rows = csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""))
    names = next(rows)
    yield from (("a column's name", name) for name in names)
    for row in rows:
        yield from zip(names, row, strict=True)


def changed(cell: str) -> str | None:
    """Say as what Excel takes a cell that then is another one; None where it stays what it is."""
    text = cell.strip()
    if FORMULA.search(cell) and not re.fullmatch(r"-\d+(\.\d+)?", cell):
        return "formula"
    if text.upper() in {"TRUE", "FALSE", *ERRORS}:
        return "truth or error"
    if NUMBER.match(text):
        return None if _same_number(cell) else "number"
    if FRACTION.match(text) or TIME.match(text):
        return "fraction or time"
    if with_time := DATE_WITH_TIME.match(text):
        text = with_time[1]
    return "date" if _date(text) and not _whole_day(cell) else None


def _same_number(cell: str) -> bool:
    """A number is the same if its digits are all kept, and it has no zeros in front to lose."""
    if not re.fullmatch(r"-?\d+(\.\d+)?", cell):
        return False
    digits = cell.lstrip("-").replace(".", "")
    whole = cell.lstrip("-").partition(".")[0]
    no_lead = whole == "0" or not whole.startswith("0")
    return no_lead and len(digits) <= DIGITS_KEPT and (Decimal(cell) != 0 or cell[0] != "-")


def _whole_day(cell: str) -> bool:
    """A whole day in the ISO form is the same day to Excel, in every country."""
    try:
        return datetime.date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


def _date(text: str) -> bool:
    """Two or three numbers, of which one may be a month's name, with what dates have between."""
    if not re.fullmatch(r"[A-Za-z0-9 ,./-]+", text):
        return False
    parts = PARTS_OF_DATE.findall(text)
    names = [part for part in parts if part.isalpha()]
    numbers = [part for part in parts if part.isdigit()]
    if not numbers or any(name.lower() not in MONTHS for name in names) or len(names) > 1:
        return False
    return 2 <= len(parts) <= 3 and all(len(number) <= 4 for number in numbers)
