"""The hub's intake keys: what lies in a queue is sealed to one of them.

A folder of key files named by fingerprint, sealed by the passphrase and to nobody else: who loses
one loses what was under way, which its publishers send again. `published.json` is what the hub
publishes of the newest. One that another took the place of is destroyed once the queues keep
nothing that was sealed to it, and then nobody opens what was: a queue lets go of a message within a
day after its time, and a client that had asked for the key just before has another. Keys are made
by one process at a time: what is published is always the newest, unless its maker ended before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from adapters.custody_settings import Place
from adapters.held_folder import alone
from adapters.keys import encapsulation
from adapters.keys.derivation import COST
from adapters.keys.private_file import destroy_private, read_private, replace_private, write_private
from adapters.keys.sealed_file import (
    KeyLabel,
    OpenedBy,
    open_sealed,
    read_key_file,
    write_sealed,
)
from domain.errors import HomeNotReady, NotFound
from domain.queued import (
    KEPT_DAYS,
    IntakeKey,
    PublishedIntakeKey,
    intake_fingerprint,
    public_of,
    read_published,
)
from domain.reference.body_keys import fingerprint
from domain.reference.participants import PARTNERSHIP
from domain.values import instant_of, to_text
from services.acknowledging import instant
from services.ports import Signer

DAY_MS = 86_400_000
RETENTION_MS = KEPT_DAYS * DAY_MS
SLACK_MS = 2 * DAY_MS
USED_MS = 7 * DAY_MS
_PUBLISHED = "published.json"
_PUBLISHED_BYTES_MAX = 16 * 1024
_MARK_BYTES = 32


@dataclass(frozen=True, slots=True)
class IntakeKeyFolder:
    """The folder of intake keys, and what seals its files; `cost` is less in tests alone."""

    folder: Path
    passphrase: str = field(repr=False)
    cost: int = COST
    place: Place | None = None

    def make(self, signer: Signer, *, now_ms: int) -> bytes:
        """Make a key, and publish it in the place of the one before; gives its fingerprint."""
        with self._alone():
            return self._make(signer, now_ms)

    def make_due(self, signer: Callable[[], Signer], *, now_ms: int) -> list[str]:
        """Make the next key where the newest is a week old or was never published.

        Gives its fingerprint, or nothing: where none is due, or there is no first key yet. Of
        several processes that look at once the others find what the first has made.
        """
        with self._alone():
            made = self._made()
            if not made or (self._is_published(made[-1][1]) and now_ms < made[-1][0] + USED_MS):
                return []
            return [to_text(self._make(signer(), now_ms))]

    def _make(self, signer: Signer, now_ms: int) -> bytes:
        private, public = encapsulation.generate()
        mark = intake_fingerprint(public)
        label = KeyLabel("intake", PARTNERSHIP, instant(now_ms))
        opened_by = OpenedBy(self.passphrase, None, self.cost, self.place)
        # First what opens, then what others are told to seal to.
        write_sealed(self._path(mark), private, label=label, opened_by=opened_by)
        said = IntakeKey(
            hub_key=to_text(fingerprint("hub", signer.public)),
            made=label.created,
            public=to_text(public),
        )
        signature = to_text(signer.sign(said.signed_bytes()))
        raw = PublishedIntakeKey(intake_key=said, signature=signature).canonical()
        path = self.folder / _PUBLISHED
        if path.exists():
            replace_private(path, raw)
        else:
            write_private(path, raw)
        return mark

    def destroy_due(self, *, now_ms: int) -> list[str]:
        """Destroy the keys that nothing is sealed to any more; gives their fingerprints."""
        gone: list[str] = []
        made = self._made()
        for (_, path), (replaced_ms, _) in pairwise(made):
            if now_ms >= replaced_ms + RETENTION_MS + SLACK_MS:
                destroy_private(path)
                gone.append(path.stem)
        return gone

    def standing(self) -> list[tuple[str, str]]:
        """Give the keys there are, the oldest first: when each was made, and its fingerprint."""
        return [(instant(made_ms), path.stem) for made_ms, path in self._made()]

    def private(self, mark: bytes) -> bytes:
        """Open one key; raises NotFound, HomeNotReady or NotOpened."""
        if len(mark) != _MARK_BYTES or not self.has(mark):
            raise NotFound("intake key")
        return open_sealed(self._path(mark), self.passphrase, purpose="intake", owner=PARTNERSHIP)

    def has(self, mark: bytes) -> bool:
        """Say whether a key is there, and not destroyed."""
        return self._path(mark).exists()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder against others that make keys."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self.folder):
            yield

    def _is_published(self, key: Path) -> bool:
        raw = published(self.folder)
        if raw is None:
            return False
        return key == self._path(intake_fingerprint(public_of(read_published(raw).intake_key)))

    def _path(self, mark: bytes) -> Path:
        return self.folder / f"{to_text(mark)}.json"

    def _made(self) -> list[tuple[int, Path]]:
        """Give each key file with when it was made, the oldest first."""
        files = [path for path in self.folder.glob("*.json") if path.name != _PUBLISHED]
        labels = [(read_key_file(path).created, path) for path in files]
        return sorted((_milliseconds(created), path) for created, path in labels)


def published(folder: Path) -> bytes | None:
    """Give what is published of the newest key in a folder; None where there is none yet."""
    path = folder / _PUBLISHED
    return read_private(path, bytes_max=_PUBLISHED_BYTES_MAX) if path.exists() else None


class OpenedIntakeKeys:
    """The `IntakeKeys` port: keys are opened when they are first asked for, until they are gone."""

    def __init__(self, folder: IntakeKeyFolder) -> None:
        """Open none yet."""
        self._folder = folder
        self._opened: dict[bytes, bytes] = {}
        self._lock = threading.Lock()

    def opened(self, key: bytes, sealed: bytes, info: bytes) -> bytes | None:
        """Open what was sealed to a key; None when it does not open. Raises NotFound."""
        with self._lock:
            if key in self._opened and not self._folder.has(key):
                del self._opened[key]
            if key not in self._opened:
                self._opened[key] = self._folder.private(key)
            private = self._opened[key]
        return encapsulation.open_with(private, sealed, info)


def _milliseconds(created: str) -> int:
    try:
        return round(instant_of(created).timestamp() * 1000)
    except ValueError:
        raise HomeNotReady("an intake key's file has no date that can be read") from None
