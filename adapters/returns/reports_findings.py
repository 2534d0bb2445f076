"""What a report says of one element of a return: where it stands and what is the matter, no value.

A return may give rise to a great many findings, and each of them is wanted. They are kept in a file
of their own that has no name and goes when it is closed, so that memory does not grow with them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from tempfile import SpooledTemporaryFile
from typing import Final

from adapters.returns.cin_child import Fault, Place
from domain.errors import Severity

_IN_MEMORY: Final = 256 * 1024  # bytes; more goes to the disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong or remarkable, at a place of the file, by names of our own vocabulary alone.

    `child` is the child's ordinal in the file (0: outside any child). `line` is that of the
    element, or of the record that holds it. `refuses` is the kind of record, or of event, that
    falls with it (None: the value alone).
    """

    code: str
    severity: Severity
    child: int
    line: int
    place: str
    field: str | None = None
    refuses: str | None = None
    count: int = 1


def finding_of(fault: Fault) -> Finding:
    """Give what the reader of the return found."""
    return Finding(
        code=fault.code.value,
        severity=fault.severity,
        child=fault.child,
        line=fault.place.line,
        place=fault.place.path,
        field=fault.field,
        refuses=None if fault.refuses is None else fault.refuses.value,
        count=fault.count,
    )
