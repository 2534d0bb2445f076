"""The code lists of the CIN Census, and which years hold each code.

The meanings are short words of our own; the census guidance of the year has the full ones. What a
list does not say stays open: a code of another year is still that code, so it is understood and
noted, never turned into its neighbour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FIRST_YEAR: Final = 2017
"""The first collection that is read here, named for the 31 March on which it ends."""

LAST_YEAR: Final = 2026
"""The last collection whose lists are known here."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code: what it means, the first year that holds it, and the last (None: still held)."""

    meaning: str
    first: int = FIRST_YEAR
    last: int | None = None


def _held_always(**meanings: str) -> dict[str, Code]:
    """A list whose codes are held in every year; codes are given as keywords."""
    return {code: Code(meaning) for code, meaning in meanings.items()}


FACTORS: Final[Mapping[str, Code]] = {
    "1A": Code("alcohol misuse, the child"),
    "1B": Code("alcohol misuse, a parent or carer"),
    "1C": Code("alcohol misuse, another in the household"),
    "2A": Code("drug misuse, the child"),
    "2B": Code("drug misuse, a parent or carer"),
    "2C": Code("drug misuse, another in the household"),
    "3A": Code("domestic abuse of the child"),
    "3B": Code("domestic abuse of a parent or carer"),
    "3C": Code("domestic abuse of another in the household"),
    "4A": Code("mental health, the child"),
    "4B": Code("mental health, a parent or carer"),
    "4C": Code("mental health, another in the household"),
    "5A": Code("learning disability, the child"),
    "5B": Code("learning disability, a parent or carer"),
    "5C": Code("learning disability, another in the household"),
    "6A": Code("physical disability or illness, the child"),
    "6B": Code("physical disability or illness, a parent or carer"),
    "6C": Code("physical disability or illness, another in the household"),
    "7A": Code("young carer"),
    "8B": Code("privately fostered, from overseas and going back"),
    "8C": Code("privately fostered, from overseas and staying"),
    "8D": Code("privately fostered, placed for education"),
    "8E": Code("privately fostered, by family arrangement"),
    "8F": Code("privately fostered, otherwise"),
    "9A": Code("unaccompanied and seeking asylum"),
    "10A": Code("going or being missing"),
    "11A": Code("sexual exploitation"),
    "12A": Code("trafficking"),
    "13A": Code("gangs"),
    "14A": Code("socially unacceptable behaviour"),
    "15A": Code("self-harm"),
    "16A": Code("neglect"),
    "17A": Code("emotional abuse"),
    "18A": Code("physical abuse, by whom not said", last=2020),
    "18B": Code("physical abuse, child on child", first=2021),
    "18C": Code("physical abuse, adult on child", first=2021),
    "19A": Code("sexual abuse, by whom not said", last=2020),
    "19B": Code("sexual abuse, child on child", first=2021),
    "19C": Code("sexual abuse, adult on child", first=2021),
    "20": Code("another factor"),
    "21": Code("no factor, and no further action"),
    "22A": Code("female genital mutilation"),
    "23A": Code("abuse linked to faith or belief"),
    "24A": Code("criminal exploitation", first=2022),
}

REFERRAL_SOURCES: Final[Mapping[str, Code]] = {
    "1A": Code("family member, relative or carer"),
    "1B": Code("acquaintance"),
    "1C": Code("the child"),
    "1D": Code("another individual"),
    "2A": Code("school"),
    "2B": Code("education service"),
    "3A": Code("general practitioner"),
    "3B": Code("health visitor"),
    "3C": Code("school nurse"),
    "3D": Code("another primary health service"),
    "3E": Code("emergency department"),
    "3F": Code("another health service"),
    "4": Code("housing"),
    "5A": Code("social care within the authority"),
    "5B": Code("another department of the authority"),
    "5C": Code("another authority"),
    "5D": Code("early help of the authority", first=2023),
    "6": Code("police"),
    "7": Code("courts, probation, immigration and other legal bodies"),
    "8": Code("another body, voluntary or independent"),
    "9": Code("anonymous"),
    "10": Code("not known"),
}

PRIMARY_NEEDS: Final = _held_always(
    N0="not stated",
    N1="abuse or neglect; from 2026 exploitation by name",
    N2="the child's disability or illness",
    N3="a parent's disability or illness",
    N4="family in acute stress",
    N5="family dysfunction",
    N6="socially unacceptable behaviour",
    N7="low income",
    N8="absent parenting",
    N9="not a child in need",
)

CLOSURE_REASONS: Final[Mapping[str, Code]] = {
    "RC1": Code("adopted"),
    "RC2": Code("died"),
    "RC3": Code("child arrangements order"),
    "RC4": Code("special guardianship order"),
    "RC5": Code("passed to another authority"),
    "RC6": Code("passed to adult social care"),
    "RC7": Code("services ended for another reason"),
    "RC8": Code("closed after assessment, no further action"),
    "RC9": Code("closed after assessment, referred to early help", first=2023),
}

ABUSE_CATEGORIES: Final = _held_always(
    NEG="neglect", PHY="physical", SAB="sexual", EMO="emotional", MUL="more than one"
)

DISABILITIES: Final = _held_always(
    NONE="none",
    MOB="mobility",
    HAND="use of hands",
    PC="personal care",
    INC="incontinence",
    COMM="communication",
    LD="learning",
    HEAR="hearing",
    VIS="sight",
    BEH="behaviour",
    CON="consciousness",
    AUT="autism",
    DDA="another",
)

ETHNICITIES: Final = _held_always(
    WBRI="White British",
    WIRI="White Irish",
    WIRT="Traveller of Irish heritage",
    WOTH="another White background",
    WROM="Gypsy or Roma",
    MWBC="White and Black Caribbean",
    MWBA="White and Black African",
    MWAS="White and Asian",
    MOTH="another mixed background",
    AIND="Indian",
    APKN="Pakistani",
    ABAN="Bangladeshi",
    AOTH="another Asian background",
    BCRB="Black Caribbean",
    BAFR="Black African",
    BOTH="another Black background",
    CHNE="Chinese",
    OOTH="another ethnic group",
    REFU="refused",
    NOBT="not yet obtained",
)

UPN_UNKNOWN: Final[Mapping[str, Code]] = {
    **{f"UN{number}": Code(f"reason {number} of the guidance") for number in range(1, 7)},
    "UN7": Code("a referral with no further action"),
}
"""Why a pupil number is not given. No list that we hold words the first six, so neither do we."""

SEXES: Final[Mapping[str, Code]] = {
    "1": Code("male", last=2024),
    "2": Code("female", last=2024),
    "0": Code("unknown", last=2024),
    "9": Code("unknown", last=2024),
    "M": Code("male", first=2025),
    "F": Code("female", first=2025),
    "U": Code("unknown", first=2025),
}
"""Both spellings; the meaning is what is kept. 0 is not recorded or unborn, 9 indeterminate."""

ELEMENT_YEARS: Final[Mapping[str, Code]] = {
    "GenderCurrent": Code("sex by number", last=2024),
    "Sex": Code("sex by letter", first=2025),
    "CINPlanDates": Code("a child in need plan", first=2022),
}
"""Elements that not every year has."""
