"""How days, periods, numbers and codes are said on a page: plain English, no format's words."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import get_args

from domain.values import LONDON
from domain.vocabulary.parts import AgeBand

MINUS = "−"
NOTHING = "–"
_BANDS = get_args(AgeBand)
_AGES = re.compile(r"[0-9]+-[0-9]+")
_PROOF = {
    "unwitnessed": "Unwitnessed: not yet seen and signed by enough outside witnesses, so this "
    "is the hub’s word alone",
    "witnessed": "Witnessed: enough outside witnesses have seen and signed every entry behind "
    "this, so none can be changed or removed without it showing",
}


def day(text: str | None) -> str:
    """Say a day or an instant: `31 March 2023`; an instant with its London time."""
    if not text:
        return NOTHING
    if "T" not in text:
        found = datetime.date.fromisoformat(text)
        return f"{found.day} {found:%B %Y}"
    instant = datetime.datetime.fromisoformat(text).astimezone(LONDON)
    return f"{instant.day} {instant:%B %Y} at {instant:%H:%M}"


def proof(said: str) -> str:
    """Say whether an answer is witnessed, as whoever does not know the word would ask it."""
    return _PROOF.get(said, said)


def period(kind: str, first: str, last: str) -> str:
    """Say a period by its kind and its days."""
    start, end = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    if kind == "month":
        return f"{start:%B %Y}"
    if kind == "quarter":
        return f"{start:%B} to {end:%B %Y}"
    if kind == "year-to-march":
        return f"year to {end.day} {end:%B %Y}"
    return f"12 months to {end:%B %Y}"


def short_period(kind: str, last: str) -> str:
    """Say a period in few letters, for an axis."""
    end = datetime.date.fromisoformat(last)
    return f"{end:%Y}" if kind == "year-to-march" else f"{end:%b %Y}"


def number(value: int | None) -> str:
    """Say a count, thousands apart."""
    return NOTHING if value is None else f"{value:,}".replace("-", MINUS)


def decimal(text: str | None) -> str:
    """Say a rate as it was given, thousands apart."""
    return NOTHING if text is None else f"{Decimal(text):,}".replace("-", MINUS)


def signed(value: int | None) -> str:
    """Say a change with its sign; none is said as a word."""
    if value is None:
        return NOTHING
    return "no change" if value == 0 else f"{value:+,}".replace("-", MINUS)


def percent(text: str | None) -> str:
    """Say a change in percent with its sign, or nothing where there is none to say."""
    return "" if text is None else f"{Decimal(text):+,}%".replace("-", MINUS)


def per(value: int | None) -> str:
    """Say what a rate is per."""
    return {None: "", 100: "%"}.get(value, f"per {number(value)}")


def spelt(code: str) -> str:
    """Spell a code as words: `partnership-themes` and so on, and ages as `10 to 15`."""
    if _AGES.fullmatch(code):
        return code.replace("-", " to ")
    return code.replace("-", " ").replace("_", " ").strip().capitalize()


def age(band: str) -> int:
    """Say where an age stands among others, `unknown` last; what is no age stands as it is."""
    return _BANDS.index(band) if band in _BANDS else 0


def source(name: str, names: Mapping[str, str]) -> str:
    """Say a source by its body and system: `/participants/havering/early-help`."""
    codes = name.removeprefix("/participants/").split("/")
    return ": ".join(names.get(code, code.replace("-", " ")) for code in codes)


def sentence(text: str) -> str:
    """Begin with a capital, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(words: list[str] | tuple[str, ...]) -> str:
    """Say several things in one breath: `a, b and c`."""
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


VERDICTS = {
    "both": "Partly real, partly recording",
    "flagged": "May not be real",
    "real": "Real, the borough says",
    "recording": "Recording, the borough says",
    "unexplained": "Not explained yet",
}
