"""What erasing needs of a key store beside what `services.ports` has: destroying, and fences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.ports import KeyStore


@dataclass
class TagsFenced(Exception):
    """Keys were asked for under tags that never have one again."""

    tags: frozenset[bytes]


class ErasableKeyStore(KeyStore, Protocol):
    """A key store that destroys keys.

    Promises: when `destroy` returns, the rows of these keys and every row under these tags are gone
    here and in the mirror, their bytes are in none of the store's files, and no tag among them is
    given a key again: `add` raises TagsFenced. Destroying again changes nothing, and finishes what
    was cut off before.
    """

    def destroy(self, key_ids: Sequence[bytes], tags: Sequence[bytes]) -> None:
        """Destroy keys by their ids, and fence the tags; raises Unavailable, and can be repeated.

        Where it raises, some of it may be done; `destroyed` says whether all is.
        """
        ...

    def destroyed(self, tags: Sequence[bytes]) -> bool:
        """Say whether `destroy` was finished for all of these tags."""
        ...
