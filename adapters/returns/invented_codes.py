"""What invented children and their episodes are drawn from: code lists, their years, their weights.

The weights make a plausible spread and nothing more; no figure may be read out of them. Codes are
those of the CIN Census, from the year in which each came in.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class Age(IntEnum):
    """The age group that a child is invented in; what can be recorded of it depends on this."""

    UNBORN = 0
    UNDER_FIVE = 1
    UNDER_TEN = 2
    OLDER = 3


@dataclass(frozen=True, slots=True)
class Spread:
    """Codes with the edges of their cumulated weights."""

    codes: tuple[str, ...]
    edges: tuple[int, ...]

    def draw(self, chance: random.Random) -> str:
        """Draw one code."""
        return chance.choices(self.codes, cum_weights=self.edges)[0]


def spread(weights: Mapping[str, int]) -> Spread:
    """Cumulate weights once, so that drawing is cheap."""
    edges: list[int] = []
    for weight in weights.values():
        edges.append(weight + (edges[-1] if edges else 0))
    return Spread(tuple(weights), tuple(edges))


def chance_of(*words: object) -> random.Random:
    """Start a run of chance that the same words always repeat."""
    seed = "/".join(str(word) for word in words)
    return random.Random(seed)  # noqa: S311 - invented data repeats from its seed; nothing is secret


def happens(chance: random.Random, part: float) -> bool:
    """Say whether something happens that does so in this part of all cases."""
    return chance.random() < part


ETHNICITY = spread(
    {"WBRI": 300, "WIRI": 6, "WIRT": 3, "WOTH": 120, "WROM": 12, "MWBC": 30, "MWBA": 22}
    | {"MWAS": 20, "MOTH": 35, "AIND": 35, "APKN": 70, "ABAN": 70, "AOTH": 45, "BCRB": 35}
    | {"BAFR": 110, "BOTH": 30, "CHNE": 4, "OOTH": 25, "REFU": 4, "NOBT": 24}
)
DISABILITY = spread(
    {"LD": 30, "AUT": 35, "BEH": 14, "COMM": 14, "MOB": 8, "HAND": 2, "PC": 5, "INC": 4}
    | {"HEAR": 4, "VIS": 4, "CON": 3, "DDA": 8}
)
UNBORN = "unborn"
BORN_SEX = spread({"M": 515, "F": 480, "U": 5})
PRIMARY_NEED = spread(
    {"N1": 560, "N2": 70, "N3": 30, "N4": 110, "N5": 140, "N6": 30, "N7": 8, "N8": 25}
    | {"N9": 15, "N0": 12}
)
UPN_UNKNOWN = {
    Age.UNBORN: spread({"UN1": 1}),
    Age.UNDER_FIVE: spread({"UN1": 1}),
    Age.UNDER_TEN: spread({"UN2": 6, "UN3": 2, "UN5": 2}),
    Age.OLDER: spread({"UN2": 6, "UN3": 3, "UN5": 2}),
}
ENDED = {  # why a case is closed that went beyond its assessment; who dies or is adopted is young
    Age.UNBORN: spread({"RC7": 1}),
    Age.UNDER_FIVE: spread({"RC7": 900, "RC3": 30, "RC4": 30, "RC5": 50, "RC1": 6, "RC2": 3}),
    Age.UNDER_TEN: spread({"RC7": 900, "RC3": 30, "RC4": 20, "RC5": 50}),
    Age.OLDER: spread({"RC7": 900, "RC3": 10, "RC4": 10, "RC5": 50}),
}
DIED = "RC2"
CATEGORY = {  # what a protection plan is made for follows what the assessment found
    "16A": "NEG",
    "11A": "SAB",
    "19A": "SAB",
    "19B": "SAB",
    "19C": "SAB",
    "18A": "PHY",
    "18B": "PHY",
    "18C": "PHY",
}
OTHER_CATEGORY = spread({"EMO": 80, "NEG": 14, "MUL": 6})
PREVIOUS_PLANS = spread({"0": 79, "1": 16, "2": 4, "3": 1})

HOUSEHOLD = frozenset(f"{kind}{who}" for kind in "123456" for who in "BC")
"""Factors of the household: brothers and sisters share them."""
SCHOOL_AGE = frozenset({"4A", "7A", "18B", "19B"})
"""Factors that are seldom recorded before school."""
TEENAGE = frozenset({"1A", "2A", "9A", "10A", "11A", "12A", "13A", "14A", "15A", "24A"})
"""Factors that are seldom recorded before ten."""
ANY_AGE = frozenset({"16A", "17A", "20"})
"""Factors that an unborn child may have as well."""
SERIOUS = frozenset({"3A", "11A", "12A", "13A", "16A", "18A", "18C", "19A", "19C", "24A"})
"""Factors after which enquiries and conferences are likelier."""

_SOURCE_WEIGHTS = (
    {"1A": 50, "1B": 12, "1C": 14, "1D": 12, "2A": 190, "2B": 25, "3A": 15, "3B": 18, "3C": 6}
    | {"3D": 25, "3E": 45, "3F": 25, "4": 22, "5A": 25, "5B": 45, "5C": 40, "6": 290, "7": 35}
    | {"8": 45, "9": 25, "10": 10}
)
_SEX_CODES = {"M": "M", "F": "F", "U": "U", UNBORN: "U"}
_GENDER_CODES = {"M": "1", "F": "2", "U": "9", UNBORN: "0"}


@dataclass(frozen=True, slots=True)
class YearOfCensus:
    """What one year's return is written with."""

    year: int
    sex_element: str
    sex_codes: Mapping[str, str]
    sources: Spread
    assessed_only: Spread
    has_child_in_need_plans: bool


def year_of_census(year: int) -> YearOfCensus:
    """Give the code lists of the return of the year to 31 March `year`."""
    early_help = year >= 2023  # noqa: PLR2004 - the year in which 5D and RC9 came in
    renamed = year >= 2025  # noqa: PLR2004 - the year in which GenderCurrent became Sex
    planned = year >= 2022  # noqa: PLR2004 - the year in which CINPlanDates came in
    return YearOfCensus(
        year=year,
        sex_element="Sex" if renamed else "GenderCurrent",
        sex_codes=_SEX_CODES if renamed else _GENDER_CODES,
        sources=spread(_SOURCE_WEIGHTS | ({"5D": 30} if early_help else {})),
        assessed_only=spread({"RC8": 85} | ({"RC9": 15} if early_help else {})),
        has_child_in_need_plans=planned,
    )
