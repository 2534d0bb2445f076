"""Reads one value of the CIN Census from its text, or says in one word why it cannot be read.

Each function takes the text without the space around it, never empty, and gives the value and what
is to be said of it: (value, None) as expected, (value, code) understood but remarkable, (None,
code) not understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, TypeAlias, TypeVar

from adapters.returns.cin_child import FaultCode
from adapters.returns.cin_codes import FIRST_YEAR, LAST_YEAR, Code

T = TypeVar("T")
Reading: TypeAlias = tuple[T | None, FaultCode | None]

_EARLIEST: Final = date(1900, 1, 1)
_LATEST: Final = date(2100, 12, 31)
_DAY: Final = r"\d{4}-\d{2}-\d{2}"
_ZONE: Final = r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
_DATE: Final = re.compile(_DAY, re.ASCII)
_DATE_AND_MORE: Final = re.compile(rf"({_DAY})(?:T00:00:00(?:\.0+)?)?{_ZONE}", re.ASCII)
_TIME: Final = re.compile(rf"{_DAY}T\d{{2}}:\d{{2}}:\d{{2}}(?:\.\d+)?{_ZONE}", re.ASCII)
_UPN: Final = re.compile(r"[A-Za-z]\d{11}[\dA-Za-z]", re.ASCII)
_COUNT: Final = re.compile(r"\d{1,4}", re.ASCII)
_AUTHORITY: Final = re.compile(r"\d{3}", re.ASCII)
_YES_NO: Final = {"0": False, "1": True, "false": False, "true": True}
_LONGEST: Final = 64


def read_date(text: str) -> Reading[date]:
    """Read a day; a midnight or a time zone behind it is dropped, so the day stands as written."""
    remark = None
    if not _DATE.fullmatch(text):
        longer = _DATE_AND_MORE.fullmatch(text)
        if longer is None:
            return None, FaultCode.NOT_A_DATE
        text, remark = longer[1], FaultCode.DATE_WITH_TIME
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, FaultCode.NOT_A_DATE
    if not _EARLIEST <= day <= _LATEST:
        return None, FaultCode.DATE_NOT_CREDIBLE
    return day, remark


def read_time(text: str) -> Reading[datetime]:
    """Read a date and time, with its zone when it gives one."""
    if not _TIME.fullmatch(text):
        return None, FaultCode.NOT_A_TIME
    try:
        return datetime.fromisoformat(text), None
    except ValueError:
        return None, FaultCode.NOT_A_TIME


def read_code(text: str, codes: Mapping[str, Code], *, year: int | None) -> Reading[str]:
    """Read a code of a list; codes of another year and lower-case letters are understood."""
    remark = None
    code = codes.get(text)
    if code is None:
        text = text.upper() if text.isascii() else text
        code = codes.get(text)
        if code is None:
            return None, FaultCode.NOT_IN_LIST
        remark = FaultCode.OTHER_CASE
    return text, remark_of_year(code, year) or remark


def remark_of_year(code: Code, year: int | None) -> FaultCode | None:
    """Say whether a year had the code yet, or had it still; without a year nothing is said."""
    if year is None or (code.last is None and code.first == FIRST_YEAR):
        return None
    nearest = min(max(year, FIRST_YEAR), LAST_YEAR)  # the lists of other years are not known here
    if nearest < code.first:
        return FaultCode.BEFORE_THIS_YEAR
    return FaultCode.RETIRED if code.last is not None and nearest > code.last else None


def read_yes_no(text: str) -> Reading[bool]:
    """Read 0, 1, true or false."""
    answer = _YES_NO.get(text)
    if answer is not None:
        return answer, None
    answer = _YES_NO.get(text.lower()) if text.isascii() else None
    return answer, FaultCode.NOT_YES_NO if answer is None else FaultCode.OTHER_CASE


def read_count(text: str) -> Reading[int]:
    """Read a whole number from 0 to 9999."""
    return (int(text), None) if _COUNT.fullmatch(text) else (None, FaultCode.NOT_A_COUNT)


def read_upn(text: str) -> Reading[str]:
    """Read a unique pupil number by its form; its check letter is not checked."""
    return (text, None) if _UPN.fullmatch(text) else (None, FaultCode.NOT_A_UPN)


def read_words(text: str) -> Reading[str]:
    """Read any text of up to 64 characters, as a child's id or a program's name."""
    return (text, None) if len(text) <= _LONGEST else (None, FaultCode.TOO_LONG)


def read_authority(text: str) -> Reading[str]:
    """Read the number of a local authority, three digits."""
    return (text, None) if _AUTHORITY.fullmatch(text) else (None, FaultCode.NOT_AN_AUTHORITY)


def read_year(text: str) -> Reading[int]:
    """Read the year of a collection, four digits; one whose lists are not known is remarked on."""
    if not (_COUNT.fullmatch(text) and FIRST_YEAR - 17 <= int(text) <= _LATEST.year):
        return None, FaultCode.NOT_A_YEAR
    year = int(text)
    return year, None if FIRST_YEAR <= year <= LAST_YEAR else FaultCode.YEAR_NOT_KNOWN
