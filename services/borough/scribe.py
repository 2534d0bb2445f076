"""Does a piece of writing in one durable transaction, fetching recipients' keys when they lack.

A session that must be opened to other bodies needs their keys from the hub, and the store is not
held while the network is asked: the transaction is given up, the keys are fetched and believed or
not, and the same piece is written again from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from services.borough.directory import KeyDirectory
from services.borough.making import Maker
from services.borough.sessions import KeysWanted, Sealers
from services.borough.speaker import BoroughKeys, Means, Reach, Speaker
from services.borough.writing import Writers, Writing
from services.client_ports import Name
from services.trust import Belief

T = TypeVar("T")
Begin = Callable[[Collection[Name]], Writing]
"""Begins to write, given the natural keys that will be met."""


class Scribe:
    """Writes for one source. Keys that were fetched are asked for again after `forget`."""

    def __init__(self, speaker: Speaker, keys: BoroughKeys, means: Means, reach: Reach) -> None:
        """Use our own newest recipient key for ourselves, and the directory for others."""
        self._speaker = speaker
        self._keys = keys
        self._means = means
        self._store = reach.store
        self._directory = KeyDirectory(reach.door, Belief(reach.trust, means.verify))
        self._maker = Maker(speaker, keys.linkage)
        self._publics: dict[str, bytes] = {}
        self.forget()

    def forget(self) -> None:
        """Forget the keys of others: they are looked up, and believed or not, when next wanted."""
        own = self._keys.own
        self._publics = {self._speaker.participant: own[0].public} if own else {}

    def write(self, work: Callable[[Begin], T], *, atomic: bool = False) -> T:
        """Do `work` in a transaction; it must be repeatable, and have no effect but on the store.

        Raises NotTrusted for a recipient's key that is not vouched for, and Unavailable; nothing of
        the work is done then.
        """
        while True:
            try:
                with self._store.transaction():
                    return work(lambda names: self._begun(names, atomic=atomic))
            except KeysWanted as wanted:
                fetched = {name: self._directory.newest(name, "recipient") for name in wanted.names}
                self._publics |= fetched

    def _begun(self, names: Collection[Name], *, atomic: bool) -> Writing:
        sealers = Sealers(self._speaker, self._means, self._publics)
        return Writing(self._store, Writers(self._keys, self._maker, sealers), names, atomic=atomic)
