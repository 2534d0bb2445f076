"""Pseudonyms: 32 random bytes for each person, stream and episode, kept in the borough's store.

They are derived from nothing, so only this table can undo them. The same natural key gets the same
pseudonym next year. After a fence (the pseudonym's key was destroyed) `renew` gives a new one for
what happens from then on.

A natural key is *spelled* as `length:text` for each of its texts, so that no two keys spell alike.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection

from domain.values import to_text
from services.client_ports import Name, PseudonymTable

PSEUDONYM_BYTES = 32


def spelled(key: tuple[str, ...]) -> str:
    """Spell a natural key as one text."""
    return "".join([f"{len(text)}:{text}" for text in key])


def unspelled(text: str) -> tuple[str, ...]:
    """Read a spelled natural key back."""
    found: list[str] = []
    while text:
        length, _, rest = text.partition(":")
        found.append(rest[: int(length)])
        text = rest[int(length) :]
    return tuple(found)


class Pseudonyms:
    """The pseudonyms that one transaction needs: found together, and made where there are none."""

    def __init__(self, table: PseudonymTable, names: Collection[Name]) -> None:
        """Look up `names`; others may be asked for as well, but only these are found quickly."""
        self._table = table
        self._found = table.find(names)
        self._looked_for = set(names)
        self._texts = {name: to_text(pseudonym) for name, pseudonym in self._found.items()}
        self._made: dict[Name, bytes] = {}

    def of(self, name: Name) -> str:
        """Give the pseudonym of a name as it is sent."""
        text = self._texts.get(name)
        if text is None:
            if name not in self._looked_for:
                self._looked_for.add(name)
                self._found |= self._table.find([name])
            pseudonym = self._found.get(name)
            if pseudonym is None:
                self._made[name] = pseudonym = secrets.token_bytes(PSEUDONYM_BYTES)
            self._texts[name] = text = to_text(pseudonym)
        return text

    def keep(self) -> None:
        """Keep what was made, in the transaction that uses it."""
        self._table.add(self._made)
        self._made = {}


def renew(table: PseudonymTable, name: Name) -> None:
    """Give a name a new pseudonym from now on: its last one was fenced."""
    table.add({name: secrets.token_bytes(PSEUDONYM_BYTES)})
