"""Takes one element of the census apart by name, and says of every part what was met.

A branch is an element that holds others; a leaf holds a value. Whatever is not understood goes into
the fault log, by places of our own vocabulary, and into `not_understood` of the record that it
belongs to; what was read is never repeated there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from functools import partial
from typing import TypeVar

from adapters.returns.cin_child import UNKNOWN_ELEMENT, Fault, FaultCode, Kind, Place
from adapters.returns.cin_codes import ELEMENT_YEARS, Code
from adapters.returns.cin_faults import FaultLog
from adapters.returns.cin_shapes import RECORD_KINDS, VOCABULARY, Shape
from adapters.returns.cin_values import Reading, T, read_code, read_date, remark_of_year
from adapters.returns.xml_pieces import Element

R = TypeVar("R")
_LEAVES = frozenset({Kind.FACTOR, Kind.REVIEW})


class Need(Enum):
    """How much a record needs a part."""

    OPTIONAL = auto()
    """The census lets it be absent."""
    EXPECTED = auto()
    """The census asks for it; the record stands without it, and that is noted."""
    KEY = auto()
    """The record cannot stand without it."""


@dataclass(frozen=True, slots=True)
class Context:
    """What reading needs beside the elements: where faults go, the year, the longest text."""

    log: FaultLog
    year: int | None
    longest: int


class Branch:
    """One element that holds others, or several of the same name read as one.

    `strange` says that something stood in it that does not belong there.
    """

    __slots__ = ("_context", "_kind", "_parts", "not_understood", "place", "strange")

    def __init__(
        self, context: Context, place: Place, *, shape: Shape, elements: Sequence[Element]
    ) -> None:
        self.place = place
        self.not_understood: list[str] = []
        self.strange = False
        self._context = context
        self._kind = shape.kind
        self._parts: dict[str, list[Element]] = {}
        for element in elements:
            if element.text:
                self.strange = True
                context.log.note(FaultCode.STRAY_TEXT, Place(place.path, element.text_line))
            for part in element.parts or ():
                if part.name in shape.parts:
                    self._parts.setdefault(part.name, []).append(part)
                else:
                    self._pass_over(part)

    # --- the branch as a whole ------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Say whether a part of this name is there at all."""
        return name in self._parts

    def note(self, code: FaultCode, field: str, *, count: int = 1) -> None:
        """Note something about the parts of a name; the record stands."""
        self._context.log.note(code, self._last(field), field=field, count=count)

    def refuse(self, code: FaultCode, field: str, *, kind: Kind | None = None) -> None:
        """Refuse the parts of a name, and with them the record of `kind`, if one is given."""
        self._refuse(code, self._last(field), field=field, kind=kind)

    def all_not_understood(self) -> tuple[str, ...]:
        """Name the parts that were there and not understood, each once."""
        return tuple(dict.fromkeys(self.not_understood)) if self.not_understood else ()

    def in_order(self, earlier: date | None, later: date | None, *, field: str) -> None:
        """Note when the date of `field` lies before the one that it should follow."""
        if earlier is not None and later is not None and later < earlier:
            self.note(FaultCode.DATE_ORDER, field)

    def check_year(self, name: str) -> None:
        """Note a part that the return's year does not have under this name."""
        if name in self._parts and remark_of_year(ELEMENT_YEARS[name], self._context.year):
            self.note(FaultCode.NAME_NOT_OF_THIS_YEAR, name, count=len(self._parts[name]))

    # --- branches within ------------------------------------------------------------------------

    def inner(self, name: str, shape: Shape, *, need: Need = Need.OPTIONAL) -> Branch | None:
        """Give the one branch of this name; when it stands twice, both are read as one."""
        found = self._parts.get(name)
        if found is None:
            self._absent(name, need)
            return None
        if len(found) > 1:
            self.note(FaultCode.REPEATED, name, count=len(found) - 1)
        place = Place(f"{self.place.path}/{name}", found[0].line)
        branch = Branch(self._context, place, shape=shape, elements=found)
        self.not_understood += branch.not_understood
        branch.not_understood = self.not_understood  # what it belongs to is our record
        if not any(element.parts or element.text for element in found):
            self._context.log.note(FaultCode.EMPTY, place, field=name)
        return branch

    def records(
        self, name: str, shape: Shape, *, read: Callable[[Branch], R | None]
    ) -> tuple[R, ...]:
        """Read the branches of this name one by one; those that come to nothing are left out."""
        records = []
        for number, element in enumerate(self._parts.get(name, ()), 1):
            place = Place(f"{self.place.path}/{name}[{number}]", element.line)
            record = read(Branch(self._context, place, shape=shape, elements=(element,)))
            if record is None:
                self.not_understood.append(name)
            else:
                records.append(record)
        return tuple(records)

    # --- leaves ---------------------------------------------------------------------------------

    def value(
        self, name: str, read: Callable[[str], Reading[T]], *, need: Need = Need.OPTIONAL
    ) -> T | None:
        """Read the one leaf of this name; None when it is not there or not understood."""
        found = self._parts.get(name)
        if found is None:
            self._absent(name, need)
            return None
        leaf = found[0]
        kind = self._kind if need is Need.KEY else None
        if len(found) > 1:
            given = [each for each in found if each.text or each.parts] or found
            leaf = given[0]
            if any(each.parts or each.text.strip() != leaf.text.strip() for each in given):
                self.refuse(FaultCode.REPEATED_DIFFERENTLY, name, kind=kind)
                return None
            self.note(FaultCode.REPEATED, name, count=len(found) - 1)
        if kind is not None and not leaf.text and not leaf.parts:
            self._refuse(FaultCode.MISSING, self._at(name, leaf), field=name, kind=kind)
            return None
        return self._read(leaf, read, label=name, kind=kind)

    def day(self, name: str, *, need: Need = Need.OPTIONAL) -> date | None:
        """Read the one date of this name."""
        return self.value(name, read_date, need=need)

    def code(
        self, name: str, codes: Mapping[str, Code], *, need: Need = Need.OPTIONAL
    ) -> str | None:
        """Read the one code of this name."""
        return self.value(name, self._reader_of(codes), need=need)

    def days(self, name: str) -> Iterator[tuple[date, Place]]:
        """Read the dates of this name that can be read, each with its place."""
        return self._values(name, read_date)

    def codes(self, name: str, codes: Mapping[str, Code]) -> tuple[str, ...]:
        """Read the codes of this name that can be read; one that repeats is noted and kept."""
        read = tuple(value for value, _ in self._values(name, self._reader_of(codes)))
        if len(set(read)) < len(read):
            self.note(FaultCode.REPEATED, name, count=len(read) - len(set(read)))
        return read

    # --- inside ---------------------------------------------------------------------------------

    def _reader_of(self, codes: Mapping[str, Code]) -> Callable[[str], Reading[str]]:
        return partial(read_code, codes=codes, year=self._context.year)

    def _values(self, name: str, read: Callable[[str], Reading[T]]) -> Iterator[tuple[T, Place]]:
        kind = RECORD_KINDS.get(name)
        for number, leaf in enumerate(self._parts.get(name, ()), 1):
            label = f"{name}[{number}]"
            value = self._read(leaf, read, label=label, kind=kind)
            if value is not None:
                yield value, self._at(label, leaf)

    def _read(
        self, leaf: Element, read: Callable[[str], Reading[T]], *, label: str, kind: Kind | None
    ) -> T | None:
        """Read one leaf; a record of `kind` falls when it cannot be read."""
        value: T | None = None
        code: FaultCode | None
        if leaf.parts:
            code = FaultCode.ELEMENT_IN_VALUE
        elif len(leaf.text) > self._context.longest:
            code = FaultCode.TOO_LONG
        elif not leaf.text:
            self._context.log.note(FaultCode.EMPTY, self._at(label, leaf), field=_name(label))
            return None
        else:
            value, code = read(leaf.text.strip())
        if code is not None:
            place, field = self._at(label, leaf), _name(label)
            if value is None:
                self._refuse(code, place, field=field, kind=kind)
            else:
                self._context.log.note(code, place, field=field)
        return value

    def _absent(self, name: str, need: Need) -> None:
        if need is Need.KEY:
            self.refuse(FaultCode.MISSING, name, kind=self._kind)
        elif need is Need.EXPECTED:
            self.note(FaultCode.MISSING, name)

    def _refuse(self, code: FaultCode, place: Place, *, field: str, kind: Kind | None) -> None:
        log = self._context.log
        log.enter(Fault(code, "refused", place, log.child, field=field, refuses=kind))
        self.not_understood.append(field)

    def _pass_over(self, part: Element) -> None:
        """Skip a part that does not belong here, whole, and say how much was in it."""
        self.strange = True
        if part.name in VOCABULARY:
            place = self._at(part.name, part)
            kind = RECORD_KINDS.get(part.name)
            self._refuse(FaultCode.MISPLACED, place, field=part.name, kind=kind)
            return
        log, place = self._context.log, self._at(UNKNOWN_ELEMENT, part)
        log.note(FaultCode.UNKNOWN, place, count=size_of(part))
        lost: Counter[Kind] = Counter()
        tally(part, lost)
        if lost:  # records of ours inside something that is not: nobody may think they were read
            log.enter(Fault(FaultCode.MISPLACED, "refused", place, log.child, count=lost.total()))

    def _last(self, name: str) -> Place:
        """Give the place of the last part of a name, or of the branch when it has none."""
        found = self._parts.get(name)
        return self._at(name, found[-1]) if found else self.place

    def _at(self, label: str, element: Element) -> Place:
        return Place(f"{self.place.path}/{label}", element.line)


def _name(label: str) -> str:
    return label.partition("[")[0]


def size_of(element: Element) -> int:
    """Count an element and all that is in it."""
    return 1 + sum(size_of(part) for part in element.parts or ())


def tally(element: Element, counts: Counter[Kind]) -> None:
    """Add the records in an element by kind, itself included, wherever they stand.

    A factor or review without any text is none.
    """
    waiting = [element]
    while waiting:
        each = waiting.pop()
        if each.parts:
            waiting += each.parts
        kind = RECORD_KINDS.get(each.name)
        if kind is not None and (each.text or each.parts or kind not in _LEAVES):
            counts[kind] += 1
