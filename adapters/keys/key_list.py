"""The next version of a body's list of public keys: who follows whom, each signed for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.errors import HomeNotReady
from domain.reference.body_keys import (
    BodyKeys,
    KeyPurpose,
    PublicKey,
    Succession,
    fingerprint,
    successor_bytes,
)
from domain.reference.documents import read_as
from domain.values import to_text
from services.rotating import Reason

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Voice:
    """A key that can sign for a successor, by its fingerprint."""

    mark: str
    sign: Sign


@dataclass(frozen=True, slots=True)
class Replacing:
    """One key that takes the place of another, and the voice that says so."""

    purpose: KeyPurpose
    before: bytes
    after: bytes
    voice: Voice

    def listed(self, participant: str, reason: Reason) -> PublicKey:
        """Give the new key as the list shall have it."""
        replaces, successor = (fingerprint(self.purpose, one) for one in (self.before, self.after))
        said = successor_bytes(
            participant, self.purpose, reason, replaces=replaces, successor=successor
        )
        link = Succession(
            reason=reason,
            replaces=to_text(replaces),
            signature=to_text(self.voice.sign(said)),
            signed_by=self.voice.mark,
        )
        return PublicKey(
            fingerprint=to_text(successor),
            follows=link,
            public=to_text(self.after),
            purpose=self.purpose,
        )


def finished_list(
    before: BodyKeys, purpose: KeyPurpose, in_use: str, *, today: str
) -> bytes | None:
    """Give the list in which every key of a purpose but the one in use is withdrawn; None if so."""
    keys = tuple(
        one.model_copy(update={"withdrawn": True})
        if one.purpose == purpose and one.fingerprint != in_use
        else one
        for one in before.keys
    )
    if keys == before.keys:
        return None
    update = {"effective_from": today, "keys": keys, "version": before.version + 1}
    raw = before.model_copy(update=update).canonical()
    read_as(BodyKeys, raw)  # what would be refused is never written
    return raw


def next_list(
    before: BodyKeys, replacing: Sequence[Replacing], reason: Reason, *, today: str
) -> bytes | None:
    """Give the list with the new keys in it; None where it has them all.

    A key that was compromised is withdrawn: nothing new is taken of it. Raises HomeNotReady where
    a key that is to be replaced is not in the list.
    """
    known = {key.fingerprint for key in before.keys}
    all_of_them = [one.listed(before.participant, reason) for one in replacing]
    replaced = {one.follows.replaces for one in all_of_them if one.follows is not None}
    if not replaced <= known:
        raise HomeNotReady("public-keys.json does not list the key in use: restore it")
    fresh = [one for one in all_of_them if one.fingerprint not in known]
    withdrawn = replaced if reason in {"compromised", "lost"} else set()
    if not fresh and withdrawn <= {one.fingerprint for one in before.keys if one.withdrawn}:
        return None
    keys = [
        one.model_copy(update={"withdrawn": True}) if one.fingerprint in withdrawn else one
        for one in before.keys
    ]
    found = before.model_copy(
        update={"effective_from": today, "keys": (*keys, *fresh), "version": before.version + 1}
    )
    raw = found.canonical()
    read_as(BodyKeys, raw)  # what would be refused is never written
    return raw
