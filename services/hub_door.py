"""How a borough reaches the hub, whatever the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """An HTTP answer in the words of the service: 0 when the hub could not be reached."""

    status: int
    body: bytes
    retry_after_s: int | None = None


class HubDoor(Protocol):
    """How a borough reaches the hub. Raises nothing of the network's: an answer with status 0."""

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Post one submission's bytes."""
        ...

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Get a document under `/v1`."""
        ...
