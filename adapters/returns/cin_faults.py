"""Collects the faults of one child, or of the file, within a bound."""

from __future__ import annotations

from adapters.returns.cin_child import Fault, FaultCode, Place
from domain.errors import Severity


class FaultLog:
    """The faults of one child (ordinal 0: of the file itself).

    Each severity has a bound of its own, so that many remarks cannot hide a refusal; what is over
    it is counted in `left_out`.
    """

    def __init__(self, child: int, *, most: int) -> None:
        self.child = child
        self.left_out = 0
        self._faults: list[Fault] = []
        self._room: dict[Severity, int] = {"refused": most, "noted": most}

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Those that were kept, in the order of their lines."""
        return tuple(sorted(self._faults, key=lambda fault: fault.place.line))

    def note(
        self, code: FaultCode, place: Place, *, field: str | None = None, count: int = 1
    ) -> None:
        """Enter something remarkable that was understood all the same."""
        self.enter(Fault(code, "noted", place, self.child, field=field, count=count))

    def enter(self, fault: Fault) -> None:
        """Keep a fault, or count it when there is no more room."""
        if self._room[fault.severity] == 0:
            self.left_out += 1
        else:
            self._room[fault.severity] -= 1
            self._faults.append(fault)
