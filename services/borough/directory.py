"""Other bodies' public keys: found through the hub, believed through our own trust file alone.

The hub could hand out a key of its own as a borough's. So the fingerprint of what it hands out is
computed here and must be one that somebody gave us by other means for that very body and purpose,
or of a key that such a key signed for; what the answer says of itself counts for nothing.
"""

from __future__ import annotations

from domain.canonical import strict_json
from domain.errors import NotFound, NotTrusted, Unavailable
from domain.reference.body_keys import KeyPurpose, PublicKey, fingerprint_text
from domain.values import ParticipantCode, Strict, to_bytes
from services.borough.problems import answered
from services.hub_door import HubDoor
from services.trust import Belief

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
    """Finds the keys that are believed: those we were given, and their successors."""

    def __init__(self, door: HubDoor, belief: Belief) -> None:
        """Ask through `door`; what it lists is believed as far as `belief` goes."""
        self._door = door
        self._belief = belief
        self._lists: dict[str, tuple[PublicKey, ...]] = {}

    def newest(self, participant: str, purpose: KeyPurpose) -> bytes:
        """Give the public key to use: of the newest fingerprint that we were given, or who follows.

        Raises NotTrusted when the hub lists no key that we have reason to believe; NotFound,
        NotAuthorised, Unavailable when it does not answer with a list.
        """
        found = self._belief.newest(participant, self.listed(participant), purpose)
        if found is None:
            raise NotTrusted(_WHAT[purpose])
        return to_bytes(found.public)

    def named(self, participant: str, purpose: KeyPurpose, wanted: bytes) -> bytes:
        """Give the public key of one fingerprint; raises as `newest` does, NotFound if not listed.

        The trust file is asked every time, the hub where its list of before does not do.
        """
        known = self._belief.key(participant, self._lists.get(participant, ()), purpose, wanted)
        found = known or self._belief.key(participant, self.listed(participant), purpose, wanted)
        if found is not None:
            return to_bytes(found.public)
        if self._belief.vouches(participant, purpose, wanted):
            raise NotFound(_WHAT[purpose])
        raise NotTrusted(_WHAT[purpose])

    def listed(self, participant: str) -> tuple[PublicKey, ...]:
        """Give what the hub lists of a body, in its order, the fingerprints computed here."""
        body = answered(self._door.get(f"/v1/participants/{participant}/keys"), "participant")
        try:
            strict_json(body)
            found = _Listed.model_validate_json(body)
        except ValueError:
            raise Unavailable("the hub's list of keys") from None
        if found.participant != participant:
            raise NotTrusted("the hub's list of keys")
        self._lists[participant] = tuple(
            key.model_copy(update={"fingerprint": mark})
            for key in found.keys
            if (mark := fingerprint_text(key.purpose, key.public)) is not None
        )
        return self._lists[participant]
