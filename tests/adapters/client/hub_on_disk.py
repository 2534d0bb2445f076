"""A hub that survives its client: whatever it takes is in a file before it answers."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.hub_door import HubAnswer
from tests.services.borough.fake_hub import FakeHub

_LENGTH_BYTES = 4


def never(_: str) -> None:
    """Go on at every step."""


@dataclass
class HubOnDisk:
    """The `PostingDoor` port. `step` is told each moment at which the client could be killed."""

    log: Path
    hub: FakeHub
    step: Callable[[str], None] = field(default=never)

    def replay(self) -> None:
        """Take what the file holds again, as a hub that was started again."""
        for document in self.documents():
            self.hub.submit(document, atomic=False)

    def documents(self) -> list[bytes]:
        """Give every document that ever arrived, in order, repetitions included."""
        raw = self.log.read_bytes() if self.log.exists() else b""
        found: list[bytes] = []
        while raw:
            end = _LENGTH_BYTES + int.from_bytes(raw[:_LENGTH_BYTES], "big")
            found.append(raw[_LENGTH_BYTES:end])
            raw = raw[end:]
        return found

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Write it down, take it, and answer."""
        self.step("before it arrives")
        with self.log.open("ab") as file:
            file.write(len(document).to_bytes(_LENGTH_BYTES, "big") + document)
            file.flush()
            os.fsync(file.fileno())
        answer = self.hub.submit(document, atomic=atomic)
        self.step("before it is answered")
        return answer

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Post to the hub."""
        return self.hub.post(path, document)

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Ask the hub."""
        return self.hub.get(path, query)
