"""Other bodies' public keys: found through the hub, believed through our own trust file alone.

The hub could hand out a key of its own as a borough's. So the fingerprint of what it hands out is
computed here and must be one that somebody gave us by other means for that very body and purpose;
what the answer says of itself counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.canonical import strict_json
from domain.errors import NotFound, NotTrusted, Unavailable
from domain.reference.body_keys import KeyPurpose, PublicKey, fingerprint
from domain.values import ParticipantCode, Strict, to_bytes
from services.borough.problems import answered
from services.ports import HubDoor
from services.trust import Trust

_WHAT = {
    "hub": "the hub's signing key",
    "recipient": "a recipient's key",
    "signing": "a body's signing key",
}


class _Listed(Strict):
    """The answer of `GET /v1/participants/{code}/keys`."""

    keys: tuple[PublicKey, ...]
    participant: ParticipantCode


class KeyDirectory:
    """Finds the keys that our trust file vouches for."""

    def __init__(self, door: HubDoor, trust: Trust) -> None:
        """Ask through `door`, believe `trust`."""
        self._door = door
        self._trust = trust
        self._named: dict[tuple[str, KeyPurpose, bytes], bytes] = {}

    def newest(self, participant: str, purpose: KeyPurpose) -> bytes:
        """Give the public key of the newest trusted fingerprint that the hub knows.

        Raises NotTrusted when the hub lists no key that we were given the fingerprint of; NotFound,
        NotAuthorised, Unavailable when it does not answer with a list.
        """
        listed = dict(self._listed(participant, purpose))
        for entry in reversed(self._trust.entries()):
            ours = (entry.participant, entry.purpose) == (participant, purpose)
            if ours and entry.fingerprint in listed:
                return listed[entry.fingerprint]
        raise NotTrusted(_WHAT[purpose])

    def named(self, participant: str, purpose: KeyPurpose, wanted: bytes) -> bytes:
        """Give the public key of one fingerprint; raises as `newest` does, NotFound if not listed.

        The trust file is asked every time, the hub once for a key.
        """
        if not self._trust.vouches(participant, purpose, wanted):
            raise NotTrusted(_WHAT[purpose])
        name = (participant, purpose, wanted)
        if name not in self._named:
            listed = dict(self._listed(participant, purpose))
            if wanted not in listed:
                raise NotFound(_WHAT[purpose])
            self._named[name] = listed[wanted]
        return self._named[name]

    def _listed(self, participant: str, purpose: KeyPurpose) -> Iterator[tuple[bytes, bytes]]:
        """Give fingerprint and key of every key for this purpose, the fingerprint computed here."""
        body = answered(self._door.get(f"/v1/participants/{participant}/keys"), "participant")
        try:
            strict_json(body)
            found = _Listed.model_validate_json(body)
        except ValueError:
            raise Unavailable("the hub's list of keys") from None
        if found.participant != participant:
            raise NotTrusted(_WHAT[purpose])
        for key in found.keys:
            if key.purpose == purpose:
                try:
                    public = to_bytes(key.public)
                except ValueError:
                    continue
                yield fingerprint(purpose, public), public
