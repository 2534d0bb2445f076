"""Which publishers' keys a verifier believes: registered in the ledger, and vouched for outside."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import HubError
from domain.reference.body_keys import BodyKeys
from domain.reference.participants import PARTNERSHIP
from domain.values import to_bytes
from services.registry import Registry


def finished_log_keys(registry: Registry) -> dict[bytes, int]:
    """Give the keys of the logs that the hub's list says sign no more, and since when.

    They need no belief: what they sign later is a finding.
    """
    found: dict[bytes, int] = {}
    for versions in registry.documents().values():
        for one in versions:
            if isinstance(one.document, BodyKeys) and one.document.participant == PARTNERSHIP:
                for key in one.document.keys:
                    if key.purpose == "checkpoint" and key.withdrawn:
                        found.setdefault(to_bytes(key.public), one.recorded_ms)
    return found


class PublisherKeys:
    """The signing keys that were ever registered for a source's body, as far as they are trusted.

    What a key signed while it was in use stays signed: older versions count as well.
    """

    def __init__(self, registry: Registry) -> None:
        """Read what the partnership's ledger says; the registry knows whom we trust."""
        self._registry = registry
        self._known: dict[str, tuple[tuple[bytes, int], ...]] = {}

    def __call__(self, source: str, recorded_ms: int) -> Sequence[bytes]:
        """Give the keys of a source's body that were believed of what was recorded then."""
        if source not in self._known:
            self._known[source] = tuple(self._keys(source))
        return [key for key, until_ms in self._known[source] if recorded_ms < until_ms]

    def _keys(self, source: str) -> list[tuple[bytes, int]]:
        """Give each key with until when it is believed; none where nothing is known or trusted."""
        body = source.removeprefix("/participants/").partition("/")[0]
        try:
            documents = self._registry.documents()
        except HubError:
            return []
        marks = {
            to_bytes(key.fingerprint)
            for versions in documents.values()
            for one in versions
            if isinstance(one.document, BodyKeys) and one.document.participant == body
            for key in one.document.keys
            if key.purpose == "signing"
        }
        found = [self._registry.known_key(body, "signing", mark) for mark in sorted(marks)]
        return [(to_bytes(key.public), until_ms) for key, until_ms in found if key is not None]
