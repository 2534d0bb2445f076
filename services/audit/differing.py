"""In what two answers to one question differ, place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.canonical import JsonValue

OF_ITS_TIME = frozenset({"erasures_since", "proof"})
"""What an answer says of the time when it was given, and not of what it was made from: how far its
entries were witnessed by then, and what had been erased."""
NAMING = (
    "measure", "indicator", "code", "number", "breakdown", "line", "kind", "day", "theme", "first",
    "second", "borough", "ledger", "source", "period", "period_from", "cut", "value", "age_band",
    "position", "cause", "area", "letter", "name",
)  # fmt: skip
"""What tells one row of a list from another: what is not in both is named, and moves no other."""


@dataclass(frozen=True, slots=True)
class Differing:
    """One place that is not the same: as it was answered, and as it is again; None: not there."""

    place: str
    answered: JsonValue
    again: JsonValue


def differing(answered: Mapping[str, JsonValue], again: Mapping[str, JsonValue]) -> list[Differing]:
    """Give every place in which two answers differ, in order of place."""
    left = {name: one for name, one in answered.items() if name not in OF_ITS_TIME}
    right = {name: one for name, one in again.items() if name not in OF_ITS_TIME}
    return list(_differing("", left, right))


def _differing(place: str, left: JsonValue, right: JsonValue) -> Iterator[Differing]:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for name in sorted({*left, *right}):
            yield from _at(f"{place}/{name}", left, right, name)
    elif (listed := _listed(left)) is not None and (other := _listed(right)) is not None:
        ours, theirs = _named(listed), _named(other)
        for name in dict.fromkeys((*ours, *theirs)):
            yield from _at(f"{place}/{name}", ours, theirs, name)
        if [*ours] != [*theirs] and ours.keys() == theirs.keys():
            yield Differing(f"{place} (their order)", list(ours), list(theirs))
    elif left != right or type(left) is not type(right):
        yield Differing(place, left, right)


def _at(
    place: str, left: Mapping[str, JsonValue], right: Mapping[str, JsonValue], name: str
) -> Iterator[Differing]:
    if name in left and name in right:
        yield from _differing(place, left[name], right[name])
    else:
        yield Differing(place, left.get(name), right.get(name))


def _listed(value: JsonValue) -> Sequence[JsonValue] | None:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else None


def _named(listed: Sequence[JsonValue]) -> dict[str, JsonValue]:
    """Give what is listed by what names it, and by its number where that names several."""
    found: dict[str, JsonValue] = {}
    for number, one in enumerate(listed):
        name = _name(one)
        found[name if name and name not in found else f"{name}[{number}]"] = one
    return found


def _name(one: JsonValue) -> str:
    if not isinstance(one, Mapping):
        return ""
    told = (one.get(name) for name in NAMING)
    return " ".join(str(text) for text in told if isinstance(text, str | int) and text != "")
