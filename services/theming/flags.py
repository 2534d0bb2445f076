"""Why a figure is not to be compared without asking, in plain words: (a) to (d) of the catalogue.

A flag is no judgement of practice. Each says what was found and what to ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.reference.factor_mapping import Comparability, Factor, FactorMapping
from projections.explanations import Explanation
from services.periods import MARCH, YEAR, label
from services.theming.numbers import Number, Numbers, Place


@dataclass(frozen=True, slots=True)
class Flag:
    """One reason, with its letter in the catalogue."""

    code: Literal["jump", "near-zero", "retired-code", "note"]
    letter: Literal["a", "b", "c", "d"]
    reason: str


@dataclass(frozen=True, slots=True)
class Peer:
    """The same figure of another borough."""

    name: str
    number: Number


def jump(now: Number, before: Number | None, rule: Comparability | None) -> Iterator[Flag]:
    """Flag a change on the year before that practice can hardly make.

    Rates are compared where both have one, so that more assessments alone make no jump.
    """
    if rule is None or before is None or now.numerator is None or before.numerator is None:
        return
    if max(now.numerator, before.numerator) < rule.jump_at_least:
        return
    this, that = now.numerator, before.numerator
    if now.denominator and before.denominator and now.per == before.per is not None:
        this, that = this * before.denominator, that * now.denominator
    if max(this, that) >= rule.jump_times * min(this, that):
        high = "high" if this > that else "low"
        yield Flag(
            "jump",
            "a",
            f"{now.numerator} against {before.numerator} a year before: at least {rule.jump_times} "
            f"times as {high}, which practice alone can hardly make. Ask whether recording "
            "changed.",
        )


def near_zero(now: Number, peers: Sequence[Peer], rule: Comparability | None) -> Iterator[Flag]:
    """Flag none, or nearly none, where another borough has many in the same period."""
    if rule is None or now.numerator is None or now.numerator > rule.near_zero_at_most:
        return
    many = [one for one in peers if (one.number.numerator or 0) >= rule.peer_at_least]
    if many:
        others = ", ".join(f"{one.name} {one.number.numerator}" for one in many)
        yield Flag(
            "near-zero",
            "b",
            f"{now.numerator} here, beside {others} in the same period. Ask whether it is recorded "
            "in the same way.",
        )


def retired(numbers: Numbers, place: Place, mapping: FactorMapping) -> Iterator[Flag]:
    """Flag a code that left the list and is filed still, with how the codes are mixed."""
    for factor in mapping.retired_for(place.figure.measure.factors):
        mix = _mix(numbers, place, factor)
        if mix[factor.code] and place.window.first >= _left(factor):
            counts = ", ".join(f"{code} {count}" for code, count in mix.items())
            yield Flag(
                "retired-code",
                "c",
                f"{factor.code} left the code list after {factor.last_year} and is filed still: "
                f"{counts}. What belongs to one code may stand under another.",
            )


def _mix(numbers: Numbers, place: Place, factor: Factor) -> dict[str, int]:
    ledger, period = place.borough.ledger or "", label(numbers.kind, place.window)
    return {
        code: numbers.tally.codes.get((ledger, code, period, place.value), 0)
        for code in (factor.code, *factor.replaced_by)
    }


def _left(factor: Factor) -> int:
    """Give the first month in which a census should not hold a factor any more."""
    return (factor.last_year or 0) * YEAR + MARCH


def noted(now: Number, explained: Sequence[Explanation]) -> Iterator[Flag]:
    """Flag what the borough says of all of this period, or who reported the figure, of counting."""
    judgements = {one.judgement for one in explained} & {"recording", "both"}
    if judgements:
        what = "recording" if judgements == {"recording"} else "both practice and recording"
        yield Flag("note", "d", f"The borough says that {what} changed: see what it explains.")
    for note in now.notes:
        yield Flag("note", "d", f"Who reported it notes: {note}")
