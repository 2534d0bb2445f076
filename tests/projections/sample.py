"""What a sample event is: what it says, and the cells that it adds to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.vocabulary.parts import Kind

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Sample:
    """One event about one person, and the cells that it adds to."""

    kind: type[Kind]
    facts: Fields
    cells: str
    shared: Fields = field(default_factory=dict)
    role: str = "child"


DAY: Final = "2023-04-03"
