"""Streams the children of a CIN Census file of any year, and keeps count of what was understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO, Final

from adapters.returns.cin_branch import Branch, Context, tally
from adapters.returns.cin_child import (
    Child,
    Count,
    Fault,
    FaultCode,
    Kind,
    Place,
    RefusedChild,
    ReturnHeader,
)
from adapters.returns.cin_faults import FaultLog
from adapters.returns.cin_header import read_header
from adapters.returns.cin_records import read_child
from adapters.returns.cin_shapes import NOTHING, SHELLS
from adapters.returns.seen_ids import SeenIds
from adapters.returns.xml_pieces import Element, Limits, Opened, Piece, Record, Stray
from adapters.returns.xml_stream import XmlStream
from domain.errors import ReturnNotReadable

_LIMITS: Final = Limits()


def read_cin_census(source: BinaryIO, *, limits: Limits = _LIMITS) -> CinReturn:
    """Begin to read a CIN Census file, as far as its first child.

    `source` is read forward once, in binary, and stays the caller's to close.

    Raises:
        ReturnNotReadable: not even a header or child could be read; to the codes of `xml_stream`
            come `too-many-children` and `too-many-elements` (of those that are neither).
    """
    return CinReturn(source, limits)


class CinReturn:
    """One file: iterate over it, once, for its children in their order.

    `header` is there before the first child when it stands before the first child, as it should. It
    is None when the file has none or has it later; a late one is set when it is met, with a fault
    of the file, and children read before it were not held against its year. `counts` and `faults`
    (the file's own, outside header and children) are complete when iterating has ended.
    """

    def __init__(self, source: BinaryIO, limits: Limits) -> None:
        self.header: ReturnHeader | None = None
        self._limits = limits
        self._stream = XmlStream(source, shells=SHELLS, limits=limits)
        self._pieces = iter(self._stream)
        self._log = FaultLog(0, most=limits.faults)
        self._opened: Counter[str] = Counter()
        self._children = 0
        self._asides = 0
        self._seen = SeenIds(limits.children)
        self._in_file: Counter[Kind] = Counter()
        self._understood: Counter[Kind] = Counter()
        self._failure: ReturnNotReadable | None = None
        first = self._read_to_first_child()
        self._to_come = self._read_to_end(first)

    @property
    def counts(self) -> Mapping[Kind, Count]:
        """How many records of each kind were met so far, and how many of them understood."""
        return {kind: Count(self._in_file[kind], self._understood[kind]) for kind in Kind}

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults of the file itself, met so far."""
        return self._log.faults

    @property
    def faults_left_out(self) -> int:
        """How many faults of the file itself there was no room for."""
        return self._log.left_out

    def __iter__(self) -> Iterator[Child | RefusedChild]:
        """Give the children that are still to come, one at a time.

        Raises:
            ReturnNotReadable: the file cannot be read on; its children so far have been given.
        """
        return map(self._child, self._to_come)

    def skim(self) -> None:
        """Go on to the end without looking into the children: `counts` stay at nothing.

        What is wrong with the file as a whole is found as by iterating, for a fifth of the work.

        Raises:
            ReturnNotReadable: the file cannot be read to its end.
        """
        for _ in self._to_come:
            pass

    def _read_to_end(self, first: Record | None) -> Iterator[Record]:
        """Give the children that are still to come as they stand, and take note of all else."""
        if first is not None:
            yield self._one_more(first)
        if self._failure is not None:
            raise self._failure
        for piece in self._pieces:
            match piece:
                case Record(parent="Children", element=Element(name="Child")):
                    yield self._one_more(piece)
                case _:
                    self._aside(piece)
        self._finish()

    def _one_more(self, child: Record) -> Record:
        self._children += 1
        if self._children > self._limits.children:
            raise ReturnNotReadable("too-many-children", child.element.line)
        return child

    def _read_to_first_child(self) -> Record | None:
        """Read all that stands before the first child, the header above all."""
        headers: list[Element] = []
        first: Record | None = None
        try:
            for piece in self._pieces:
                match piece:
                    case Record(parent="Children", element=Element(name="Child")):
                        first = piece
                        break
                    case Record(parent="Message", element=Element(name="Header"), whole=True):
                        headers.append(piece.element)
                    case _:
                        self._aside(piece)
        except ReturnNotReadable as failure:
            if not headers:
                raise
            self._failure = failure  # told when the children are asked for
        if headers:
            self.header = read_header(headers, self._limits)
        return first

    def _child(self, record: Record) -> Child | RefusedChild:
        """Read one child, and count what is in it."""
        element = record.element
        tally(element, self._in_file)
        log = FaultLog(self._children, most=self._limits.faults)
        if not record.whole:
            return _too_large(record, log)
        year = self.header.year if self.header else None
        child = read_child(element, Context(log, year, self._limits.text))
        if isinstance(child, RefusedChild):
            return child
        _count(child, self._understood)
        if not self._seen.add(child.la_child_id):
            log.note(FaultCode.DUPLICATE_CHILD, child.place, field="LAchildID")
            return replace(child, faults=log.faults, faults_left_out=log.left_out)
        return child

    def _aside(self, piece: Piece) -> None:
        """Take note of what is not a child, nor a header in its place."""
        self._asides += 1
        if self._asides > self._limits.children:
            raise ReturnNotReadable("too-many-elements", self._stream.line)
        match piece:
            case Opened(name=name, line=line):
                self._opened[name] += 1
                if self._opened[name] > 1:
                    self._log.note(FaultCode.REPEATED, Place(name, line), field=name)
            case Stray(parent=parent, line=line):
                self._log.note(FaultCode.STRAY_TEXT, Place(parent, line))
            case Record(parent="Message", element=Element(name="Header") as element):
                self._header_aside(element, whole=piece.whole)
            case Record(parent=parent, element=element):
                tally(element, self._in_file)
                holder = Element(parent, element.line)
                holder.parts = [element]
                context = Context(self._log, None, self._limits.text)
                # Whatever it is, it is named and counted as what does not belong in a branch.
                Branch(context, Place(parent, element.line), shape=NOTHING, elements=(holder,))

    def _header_aside(self, element: Element, *, whole: bool) -> None:
        """Take note of a header that is too large, or comes after children."""
        place = Place("Header", element.line)
        if not whole:
            self._log.enter(Fault(FaultCode.TOO_LARGE, "refused", place, 0, field="Header"))
            return
        self._log.note(FaultCode.HEADER_LATE, place, field="Header")
        header = read_header((element,), self._limits)
        if self.header is None:
            self.header = header
        elif self.header != header:
            fault = Fault(FaultCode.REPEATED_DIFFERENTLY, "refused", place, 0, field="Header")
            self._log.enter(fault)

    def _finish(self) -> None:
        """Add what can only be said at the end."""
        if self._stream.namespace_line:
            self._log.note(FaultCode.NAMESPACE, Place("Message", self._stream.namespace_line))
        if not self._children:
            fault = Fault(FaultCode.NO_CHILDREN, "refused", Place("Message", 1), 0)
            self._log.enter(fault)


def _too_large(record: Record, log: FaultLog) -> RefusedChild:
    place = Place(f"Child[{log.child}]", record.element.line)
    log.enter(
        Fault(
            FaultCode.TOO_LARGE,
            "refused",
            place,
            log.child,
            refuses=Kind.CHILD,
            count=record.size,
        )
    )
    return RefusedChild(ordinal=log.child, place=place, faults=log.faults)


def _count(child: Child, counts: Counter[Kind]) -> None:
    """Add the records of a child by kind, itself included."""
    counts[Kind.CHILD] += 1
    counts[Kind.REFERRAL] += len(child.referrals)
    for referral in child.referrals:
        counts[Kind.ASSESSMENT] += len(referral.assessments)
        counts[Kind.SECTION47] += len(referral.section47s)
        counts[Kind.CIN_PLAN] += len(referral.cin_plans)
        counts[Kind.PLAN] += len(referral.plans)
        for assessment in referral.assessments:
            counts[Kind.FACTOR] += len(assessment.factors) + assessment.repeated_factors
        for plan in referral.plans:
            counts[Kind.REVIEW] += len(plan.reviews)
