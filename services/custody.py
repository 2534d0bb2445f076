"""Who keeps the data keys: found by name, made when missing, opened by id.

A key's *name* is what it is for (a stream's or subject's pseudonym, a ledger's generation). The
store never sees it: rows are found by a tag, HMAC under the store's own index key. A new key is
durable in the store (and its mirror) before anything sealed under it is recorded, so an
acknowledged record always opens; a key that nothing uses, left by a crash, harms nothing.
"""

from __future__ import annotations

import functools
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from domain.errors import KeyMissing, NotOpened
from domain.keyed import Keyed
from services.destroying_ports import TagsFenced
from services.key_ports import KeyEncryption
from services.ports import KeyClass, KeyStore, WrappedKey

CACHED_KEYS_MAX = 10_000
"""Some 7 MB. A key that is not there any more costs a row of the store, found by its index."""
CACHED_TAGS_MAX = 4096
"""Streams: what is told of one comes together, and is asked for by its pseudonym each time."""
TURNS_MAX = 64
"""How often a ledger's key may be turned by command within one generation."""
INDEX_CONTEXT = b"bhr-index-key/v1"
"""What the wrapping of a store's index key is bound to."""

Steady = Callable[[], AbstractContextManager[None]]


class KeyName(NamedTuple):
    """What a data key is for."""

    ledger: str
    key_class: KeyClass
    name: str


@dataclass(frozen=True, slots=True)
class DataKey:
    """An unwrapped data key and the id that records name it by."""

    key_id: bytes
    secret: bytes

    def __repr__(self) -> str:
        """Never show the secret."""
        return "DataKey(…)"


class KeyCustody:
    """The hub's data keys, cached with a bound. Safe to share between threads."""

    def __init__(
        self, store: KeyStore, encryption: KeyEncryption, *, steady: Steady = nullcontext
    ) -> None:
        """Open the store's index key, making one when the store is new.

        Within `steady` what is wrapped is written before the key that wraps is replaced.
        """
        self._store = store
        self._encryption = encryption
        self._steady = steady
        with steady():
            wrapped = store.index_key(
                lambda: encryption.wrap(secrets.token_bytes(32), INDEX_CONTEXT)
            )
        self._index = Keyed(encryption.unwrap(wrapped, INDEX_CONTEXT))
        self._by_tag: OrderedDict[bytes, DataKey] = OrderedDict()
        self._by_id: OrderedDict[bytes, DataKey] = OrderedDict()
        self._turns: dict[tuple[str, str], int] = {}
        self._stream_tags = functools.lru_cache(maxsize=CACHED_TAGS_MAX)(self._new_stream_tag)
        self._lock = threading.Lock()
        self._forgotten = 0

    def tag(self, name: KeyName) -> bytes:
        """Give the tag by which a key's row is found."""
        return self._index.of(f"{name.ledger}\n{name.key_class}\n{name.name}".encode())

    def stream_tag(self, ledger: str, stream: str) -> bytes:
        """Give the 16 bytes that stand for a stream in a ledger's column."""
        return self._stream_tags(ledger, stream)

    def _new_stream_tag(self, ledger: str, stream: str) -> bytes:
        return self._index.of(f"{ledger}\nstream tag\n{stream}".encode())[:16]

    def keys_for(
        self, names: Iterable[KeyName], refused: frozenset[bytes] = frozenset()
    ) -> dict[KeyName, DataKey]:
        """Give the key of each name, making those that are missing in one transaction.

        Raises TagsFenced where one is never to have a key again: by the store's own fences, or as
        one of the `refused`, whose row may still be there.
        """
        tags = {name: self.tag(name) for name in names}
        if refused and not refused.isdisjoint(tags.values()):
            raise TagsFenced(refused.intersection(tags.values()))
        forgotten = self._forgotten
        found = self._cached(tags.values())
        missing = [name for name, tag in tags.items() if tag not in found]
        if missing:
            rows = self._store.find([tags[name] for name in missing])
            found |= self._remember(rows, forgotten)
            fresh = [name for name in missing if tags[name] not in found]
            if fresh:
                with self._steady():
                    rows = self._store.add(self._new_rows(fresh, tags))
                found |= self._remember(rows, forgotten)
        return {name: found[tag] for name, tag in tags.items()}

    def key(self, key_id: bytes) -> DataKey:
        """Give the key of an id; raises KeyMissing."""
        with self._lock:  # a ledger's own key is asked for with every header
            cached = self._by_id.get(key_id)
        return cached or self.keys([key_id])[key_id]

    def keys(self, key_ids: Sequence[bytes]) -> dict[bytes, DataKey]:
        """Give the keys of some ids; raises KeyMissing when one is not there."""
        held = self.held(key_ids)
        if len(held) != len(set(key_ids)):
            raise KeyMissing("a part")
        return held

    def held(self, key_ids: Sequence[bytes]) -> dict[bytes, DataKey]:
        """Give the keys that are there, leaving out those that are not (destroyed)."""
        forgotten = self._forgotten
        with self._lock:
            found = {key_id: self._by_id[key_id] for key_id in key_ids if key_id in self._by_id}
        missing = [key_id for key_id in dict.fromkeys(key_ids) if key_id not in found]
        if missing:
            opened = self._remember(self._store.by_id(missing), forgotten)
            found |= {key.key_id: key for key in opened.values()}
        return found

    def forget(self) -> None:
        """Drop every cached key: a fence moved, so one of them may have been destroyed."""
        with self._lock:
            self._forgotten += 1
            self._by_tag.clear()
            self._by_id.clear()
            self._turns.clear()
            self._stream_tags.cache_clear()

    def turn(self, ledger: str, generation: str) -> int:
        """Say how often a ledger's key was turned by command within a generation.

        The rows themselves are the count: the latest turn that has a key is the one in use.
        """
        with self._lock:
            known, forgotten = self._turns.get((ledger, generation)), self._forgotten
        if known is not None:
            return known
        turns = {
            self.tag(ledger_key(ledger, generation, one)): one for one in range(1, TURNS_MAX + 1)
        }
        found = max((turns[row.tag] for row in self._store.find(list(turns))), default=0)
        with self._lock:
            if forgotten == self._forgotten:
                self._turns = {**self._turns, (ledger, generation): found}
        return found

    def in_use(self, ledger: str, generation: str) -> KeyName:
        """Name the key that a ledger's headers are sealed under now."""
        return ledger_key(ledger, generation, self.turn(ledger, generation))

    def _cached(self, tags: Iterable[bytes]) -> dict[bytes, DataKey]:
        with self._lock:
            return {tag: self._by_tag[tag] for tag in tags if tag in self._by_tag}

    def _new_rows(
        self, names: Sequence[KeyName], tags: Mapping[KeyName, bytes]
    ) -> list[WrappedKey]:
        ids = [secrets.token_bytes(32) for _ in names]
        contexts = [
            wrap_context(tags[name], key_id, name.ledger, name.key_class)
            for name, key_id in zip(names, ids, strict=True)
        ]
        made = self._encryption.wrap_all([(secrets.token_bytes(32), one) for one in contexts])
        return [
            WrappedKey(tags[name], key_id, wrapped, name.ledger, name.key_class)
            for name, key_id, wrapped in zip(names, ids, made, strict=True)
        ]

    def _remember(self, rows: Sequence[WrappedKey], forgotten: int) -> dict[bytes, DataKey]:
        """Unwrap rows, and keep their keys unless all were forgotten since they were asked for."""
        found = self._encryption.unwrap_all(
            [
                (row.wrapped, wrap_context(row.tag, row.key_id, row.ledger, row.key_class))
                for row in rows
            ]
        )
        opened: dict[bytes, DataKey] = {}
        for row, secret in zip(rows, found, strict=True):
            if secret is None:
                raise NotOpened("wrapped key")
            opened[row.tag] = DataKey(row.key_id, secret)
        with self._lock:
            if forgotten != self._forgotten:
                return opened
            for tag, key in opened.items():
                self._by_tag[tag] = key
                self._by_id[key.key_id] = key
            while len(self._by_tag) > CACHED_KEYS_MAX:
                self._by_tag.popitem(last=False)
            while len(self._by_id) > CACHED_KEYS_MAX:
                self._by_id.popitem(last=False)
        return opened


def ledger_key(ledger: str, generation: str, turn: int) -> KeyName:
    """Name a ledger's own key: of a generation, turned so often within it."""
    return KeyName(ledger, "ledger", f"{generation}-{turn}" if turn else generation)


def wrap_context(tag: bytes, key_id: bytes, ledger: str, key_class: KeyClass) -> bytes:
    """Bind a wrapped key to its row, so that two rows cannot be exchanged."""
    return b"bhr-data-key/v1\n" + tag + key_id + f"{ledger}\n{key_class}".encode()
