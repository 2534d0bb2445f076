"""A borough's own system, invented: facts by number, so that what must be in the views is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.vocabulary.assessment import AssessmentCompleted
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.parts import RestrictedPart
from services.borough.drafting import Draft, SubjectDraft

FACTORS = ("1B", "2B", "3A", "3B", "4A", "4B", "13A", "16A", "24A")
SOURCES = ("1A", "2A", "3A", "5B", "6")
BANDS = ("under-1", "1-4", "5-9", "10-15")


@dataclass(frozen=True, slots=True)
class Told:
    """One referral and its assessment as the system knows them now; `version` counts changes."""

    number: int
    version: int = 0

    @property
    def child(self) -> str:
        """Give the child's own id in the system; every third child was referred twice."""
        return f"child-{self.number - 1 if self.number % 3 == 2 else self.number:06}"

    @property
    def day(self) -> str:
        """Give the day of both, in the year to 31 March 2023 or the one before."""
        return f"{2021 + self.number % 2}-{5 + self.number % 7:02}-{1 + self.number % 28:02}"

    @property
    def year(self) -> str:
        """Give the year to 31 March that the day lies in."""
        return str(2022 + self.number % 2)

    @property
    def factors(self) -> tuple[str, ...]:
        """Give the factors found; a change of version changes one."""
        first, second = self.number + self.version, 2 * self.number + 1
        return tuple(sorted({FACTORS[first % len(FACTORS)], FACTORS[second % len(FACTORS)]}))

    def drafts(self) -> tuple[Draft, Draft]:
        """Give both, as the client is told them."""
        return self._referral(), self._assessment()

    def _referral(self) -> Draft:
        key = (self.child, self.day, str(self.number))
        facts = {
            "family_view_recorded": False,
            "referral_date": self.day,
            "source_code": SOURCES[self.number % len(SOURCES)],
        }
        shared = {"age_band": BANDS[self.number % 4], "primary_need": "N1", "sex": "female"}
        restricted = {"date_of_birth": "2017-03-04", "local_id": self.child}
        subject = SubjectDraft(
            self.child,
            "child",
            ReferralReceived.Shared.model_validate(shared),
            ReferralReceived.Restricted.model_validate(restricted),
        )
        return Draft(
            kind=ReferralReceived,
            key=key,
            stream=("referral", *key),
            time=f"{self.day}T09:00:00Z",
            facts=ReferralReceived.Facts.model_validate(facts),
            subjects=(subject,),
            episode=key,
        )

    def _assessment(self) -> Draft:
        key = (self.child, self.day, str(self.number))
        facts = {"authorisation_date": self.day, "referral_date": self.day}
        shared = {"age_band": BANDS[self.number % 4], "factors": self.factors, "in_need": "yes"}
        subject = SubjectDraft(
            self.child,
            "child",
            AssessmentCompleted.Shared.model_validate(shared),
            RestrictedPart(local_id=self.child),
        )
        return Draft(
            kind=AssessmentCompleted,
            key=key,
            stream=("assessment", *key),
            time=f"{self.day}T10:00:00Z",
            facts=AssessmentCompleted.Facts.model_validate(facts),
            subjects=(subject,),
            episode=key,
        )


def drafts_of(told: Iterable[Told]) -> Iterator[Draft]:
    """Give the drafts of some facts, the facts of one child one after another."""
    for one in told:
        yield from one.drafts()


def counted(told: Iterable[Told]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Count assessments, episodes and children by factor code and year, from first principles."""
    assessments: Counter[tuple[str, str]] = Counter()
    children: dict[tuple[str, str], set[str]] = {}
    for one in told:
        for code in (*one.factors, "any"):
            cell = (code, one.year)
            assessments[cell] += 1
            children.setdefault(cell, set()).add(one.child)
    return {cell: (many, many, len(children[cell])) for cell, many in assessments.items()}
