"""What the events of one child say of the child: the shared part, the restricted part, the role.

All that depends on a day is told for the day of the event, so that next year's return, in which the
child is a year older, says the same of last year's event.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from adapters.returns.cin_child import Child
from domain.vocabulary.codes import DaysFromBirth
from domain.vocabulary.parts import AgeBand, EthnicGroup, Kind, RestrictedPart, Role
from services.borough.drafting import SubjectDraft
from services.borough.linkage import Numbered

_TERM_DAYS: Final = 280  # an expected date of birth is the end of forty weeks
_WEEKS_MAX: Final = 45
_LONGEST_DAYS: Final = _WEEKS_MAX * 7 + 6
_AROUND_BIRTH_DAYS: Final = 28
_BANDS: Final[tuple[tuple[int, AgeBand], ...]] = (
    (1, "under-1"),
    (5, "1-4"),
    (10, "5-9"),
    (16, "10-15"),
    (18, "16-17"),
    (25, "18-24"),
)
"""Each band with the age in years at which the next one begins."""

_GROUPS: Final[Mapping[str, EthnicGroup]] = {
    **dict.fromkeys(("WBRI", "WIRI", "WIRT", "WOTH", "WROM"), "white"),
    **dict.fromkeys(("MWBC", "MWBA", "MWAS", "MOTH"), "mixed"),
    **dict.fromkeys(("AIND", "APKN", "ABAN", "AOTH", "CHNE"), "asian"),
    **dict.fromkeys(("BCRB", "BAFR", "BOTH"), "black"),
    "OOTH": "other",
    **dict.fromkeys(("REFU", "NOBT"), "unknown"),
}
"""The five groups of the 2011 and 2021 censuses, in which Chinese is Asian."""

LAST_SAYABLE: Final = date(2099, 12, 31)
"""The last day that an event can name."""


class Person:
    """One child of a return, as the events need it."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._shared = {
            name: value
            for name, value in (
                ("disabled", _disabled(child)),
                ("ethnic_group", _GROUPS.get(child.ethnicity or "")),
                ("sex", child.sex),
            )
            if value is not None
        }
        self._described = _described(child)
        self._restricted: dict[type[RestrictedPart], RestrictedPart] = {}
        self._linkage = _linkage(child)

    def subject(
        self,
        kind: type[Kind],
        day: date,
        *,
        shared: Mapping[str, object],
        restricted: Mapping[str, object],
    ) -> SubjectDraft:
        """Give the child as the subject of an event of that day; values of None are left out."""
        band = self.age_band(day)
        said = {**self._shared, "age_band": band, **shared}
        return SubjectDraft(
            person=self._child.la_child_id,
            role=_role(band),
            shared=kind.Shared.model_validate(told(said)),
            restricted=self._restricted_part(kind.Restricted, restricted),
            linkage=self._linkage,
        )

    def _restricted_part(
        self, part: type[RestrictedPart], more: Mapping[str, object]
    ) -> RestrictedPart:
        if more:
            return part.model_validate(self._described | told(more))
        found = self._restricted.get(part)
        if found is None:
            found = self._restricted[part] = part.model_validate(self._described)
        return found

    def age_band(self, day: date) -> AgeBand | None:
        """Give the age at a day in bands; None when the return does not tell it.

        A child without a date of birth but with an expected one is unborn, unless the day lies so
        long after the expected one, or so long before the birth, that no pregnancy spans it.
        """
        born = self._child.birth_date
        if born is None:
            return "unborn" if self._expected_at(day) else None
        if day < born:
            return "unborn" if (born - day).days <= _LONGEST_DAYS else None
        age = _years_between(born, day)
        return next((band for below, band in _BANDS if age < below), None)

    def is_unborn(self, day: date) -> bool:
        """Say whether the child was not yet born on a day."""
        return self.age_band(day) == "unborn"

    def outside_all_bands(self, day: date) -> bool:
        """Say whether there is a date of birth, but one from which no band follows."""
        return self._child.birth_date is not None and self.age_band(day) is None

    def _expected_at(self, day: date) -> bool:
        child = self._child
        if child.expected_birth_date is None or "PersonBirthDate" in child.not_understood:
            return False
        return _days_pregnant(child.expected_birth_date, day) <= _LONGEST_DAYS

    def weeks(self, day: date) -> int | None:
        """Give the completed weeks of pregnancy on a day, from the expected date of birth."""
        expected = self._child.expected_birth_date
        if expected is None or not self.is_unborn(day):
            return None
        days = _days_pregnant(expected, day)
        return days // 7 if 0 <= days <= _LONGEST_DAYS else None

    def days_from_birth(self, day: date) -> DaysFromBirth:
        """Say how long after birth a day lies, in words."""
        if self.is_unborn(day):
            return "before-birth"
        born = self._child.birth_date
        if born is None or day < born:
            return "unknown"
        if (day - born).days <= _AROUND_BIRTH_DAYS:
            return "within-28-days"
        return "within-1-year" if _years_between(born, day) == 0 else "over-1-year"


def told(values: Mapping[str, object]) -> dict[str, object]:
    """Leave out what is not told."""
    return {name: value for name, value in values.items() if value is not None}


def said(day: date | None) -> str | None:
    """Spell a day as an event names it; None for none, and for one that no event can name."""
    return None if day is None or day > LAST_SAYABLE else day.isoformat()


def is_temporary(upn: str) -> bool:
    """Say whether a pupil number is a temporary one: those end in a letter."""
    return not upn[-1].isdigit()


def _role(band: AgeBand | None) -> Role:
    return "unborn-child" if band == "unborn" else "child"


def _days_pregnant(expected: date, day: date) -> int:
    return _TERM_DAYS - (expected - day).days


def _years_between(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _disabled(child: Child) -> bool | None:
    """Say whether a disability is recorded; a code that was not understood is not `none`."""
    if any(code != "NONE" for code in child.disabilities):
        return True
    return False if child.disabilities and "Disability" not in child.not_understood else None


def _described(child: Child) -> dict[str, object]:
    return told(
        {
            "date_of_birth": said(child.birth_date),
            "disability_codes": tuple(sorted(child.disabilities)) or None,
            "ethnicity_code": child.ethnicity,
            "expected_date_of_birth": said(child.expected_birth_date),
            "family_view": "not-recorded",
            "former_upn": child.former_upn and child.former_upn.upper(),
            "local_id": child.la_child_id,
            "upn": child.upn and child.upn.upper(),
            "upn_unknown": child.upn_unknown,
        }
    )


def _linkage(child: Child) -> tuple[Numbered, ...]:
    """Give the permanent pupil number, by which another borough may know the child.

    A temporary number is a school's own and is given up. A former number is never used: an adopted
    child is given a new one so that the old one does not lead to it. The check letter is not
    looked at: a number in which it is wrong is nobody's, so it cannot lead to another child.
    """
    upn = (child.upn or "").upper()
    return () if not upn or is_temporary(upn) else (("upn", upn),)
