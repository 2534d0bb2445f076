"""What a report says of one element of a return: where it stands and what is the matter, no value.

A return may give rise to a great many findings, and every one of them is wanted. Past a little they
are kept in a file that has no name and goes when it is closed, so that memory does not grow.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from tempfile import SpooledTemporaryFile
from typing import Final

from adapters.returns.cin_child import Fault
from domain.errors import Severity

_IN_MEMORY: Final = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong or remarkable, at a place of the file, by names of our own vocabulary alone.

    `child` is the child's ordinal in the file (0: outside any child). `line` is that of the
    element, or of the record that holds it. `refuses` is the kind of record, or of event, that
    falls with it (None: the value alone). `count` is how many elements it speaks of.
    """

    child: int
    line: int
    place: str
    field: str | None = None
    code: str
    severity: Severity
    refuses: str | None = None
    count: int = 1


def finding_of(fault: Fault) -> Finding:
    """Give what the reader of the return found."""
    return Finding(
        child=fault.child,
        line=fault.place.line,
        place=fault.place.path,
        field=fault.field,
        code=fault.code.value,
        severity=fault.severity,
        refuses=None if fault.refuses is None else fault.refuses.value,
        count=fault.count,
    )


class Findings:
    """All findings of a report, in their order; iterate as often as is wanted, then `close`."""

    def __init__(self) -> None:
        self.left_out = 0
        self._kept = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by `close`
        self._tally: Counter[tuple[str, Severity]] = Counter()

    def add(self, found: Iterable[Finding], *, left_out: int = 0) -> None:
        """Keep findings; `left_out` counts those that the reader had no room for."""
        self.left_out += left_out
        for one in found:
            self._tally[one.code, one.severity] += 1
            self._kept.write(json.dumps(asdict(one)).encode() + b"\n")

    def __iter__(self) -> Iterator[Finding]:
        """Read them back; nothing may be added meanwhile."""
        self._kept.seek(0)
        for line in self._kept:
            yield Finding(**json.loads(line))
        self._kept.seek(0, 2)

    def tally(self) -> list[tuple[str, Severity, int]]:
        """Count them by code, those that refuse first, the commonest first."""
        ordered = sorted(
            self._tally.items(), key=lambda each: (each[0][1] == "noted", -each[1], each[0])
        )
        return [(code, severity, count) for (code, severity), count in ordered]

    @property
    def refused(self) -> int:
        """Count those that refuse something."""
        return sum(count for (_, severity), count in self._tally.items() if severity == "refused")

    def close(self) -> None:
        """Let go of what was kept."""
        self._kept.close()
