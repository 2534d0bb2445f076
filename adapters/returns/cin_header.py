"""Reads what a CIN Census file says of itself, and holds it against what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.returns import cin_shapes
from adapters.returns.cin_branch import Branch, Context, Need
from adapters.returns.cin_child import Fault, FaultCode, Place, ReturnHeader
from adapters.returns.cin_codes import Code
from adapters.returns.cin_faults import FaultLog
from adapters.returns.cin_values import (
    read_authority,
    read_date,
    read_time,
    read_words,
    read_year,
)
from adapters.returns.xml_pieces import Element, Limits

_COLLECTIONS: Final = {"CIN": Code("children in need")}
_LEVELS: Final = {"L": Code("local authority")}
_OUTSIDE_ANY_CHILD: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """One Source element; a file may hold several."""

    authority: str | None
    level: str | None
    software: str | None
    release: str | None
    serial_number: str | None
    exported: datetime | None
    not_understood: tuple[str, ...]


_NO_SOURCE: Final = _Source(
    authority=None,
    level=None,
    software=None,
    release=None,
    serial_number=None,
    exported=None,
    not_understood=(),
)


def read_header(elements: Sequence[Element], limits: Limits) -> ReturnHeader:
    """Read the Header; when it stands twice, both are read as one.

    The values beside the authority are those of the first Source.
    """
    log = FaultLog(_OUTSIDE_ANY_CHILD, most=limits.faults)
    context = Context(log, None, limits.text)
    place = Place("Header", elements[0].line)
    branch = Branch(context, place, shape=cin_shapes.HEADER, elements=elements)
    details = branch.inner("CollectionDetails", cin_shapes.COLLECTION, need=Need.EXPECTED)
    collection = details.code("Collection", _COLLECTIONS) if details else None
    year = details.value("Year", read_year) if details else None
    reference = details.value("ReferenceDate", read_date) if details else None
    if details and year and reference and reference.year != year:
        details.note(FaultCode.YEAR_AND_REFERENCE_DATE, "ReferenceDate")
    sources = branch.records("Source", cin_shapes.SOURCE, read=_read_source) or (_NO_SOURCE,)
    authorities = {source.authority for source in sources}
    if len(authorities - {None}) > 1:
        branch.refuse(FaultCode.REPEATED_DIFFERENTLY, "LEA")
    for source in sources:
        branch.not_understood += source.not_understood
    return ReturnHeader(
        collection=collection,
        year=year,
        reference_date=reference,
        authority=sources[0].authority if len(authorities) == 1 else None,
        source_level=sources[0].level,
        software=sources[0].software,
        release=sources[0].release,
        serial_number=sources[0].serial_number,
        exported=sources[0].exported,
        not_understood=branch.all_not_understood(),
        place=place,
        faults=log.faults,
    )


def _read_source(branch: Branch) -> _Source:
    return _Source(
        authority=branch.value("LEA", read_authority, need=Need.EXPECTED),
        level=branch.code("SourceLevel", _LEVELS),
        software=branch.value("SoftwareCode", read_words),
        release=branch.value("Release", read_words),
        serial_number=branch.value("SerialNo", read_words),
        exported=branch.value("DateTime", read_time),
        not_understood=branch.all_not_understood(),
    )


def check_header(header: ReturnHeader | None, *, authority: str, year: int) -> tuple[Fault, ...]:
    """Say how a file differs from the return that was asked for; no faults: it is that one.

    What the header does not say cannot be shown to fit, and is refused too; only the collection may
    be left out, as the census allows.
    """
    if header is None:
        return (_refusal(FaultCode.MISSING, Place("Header", 1), "Header"),)
    faults = []
    if header.collection is None and "Collection" in header.not_understood:
        faults.append(_refusal(FaultCode.OTHER_COLLECTION, header.place, "Collection"))
    if header.authority != authority:
        code = FaultCode.OTHER_AUTHORITY if header.authority else FaultCode.MISSING
        faults.append(_refusal(code, header.place, "LEA"))
    if header.year != year:
        code = FaultCode.OTHER_YEAR if header.year else FaultCode.MISSING
        faults.append(_refusal(code, header.place, "Year"))
    return tuple(faults)


def _refusal(code: FaultCode, place: Place, field: str) -> Fault:
    return Fault(code, "refused", place, _OUTSIDE_ANY_CHILD, field=field)
