"""A recipient says what became of its copy: signed with its own key, recorded by the hub.

It stands in the ledger of the part, where the part's controller sees it, and answers one notice of
the recipient. Saying it again changes nothing.
"""

from __future__ import annotations

import threading

from domain.canonical import strict_json
from domain.erasure import confirmed_message, erasures_stream
from domain.errors import Fault, NotAuthorised, NotFound, ReferenceRefused
from domain.values import to_bytes
from domain.vocabulary import hub
from services.deciding import Deciding
from services.hub_events import HubEvents
from services.notices import Notices
from services.ports import Caller

_WHAT = "confirmation"
_NO_JSON = "not-json"
_NO_FORM = "not-of-its-form"


class Confirming:
    """Takes confirmations of recipients."""

    def __init__(self, deciding: Deciding, notices: Notices, hub_events: HubEvents) -> None:
        """Record by `hub_events` what answers one of the notices."""
        self._deciding = deciding
        self._notices = notices
        self._hub_events = hub_events
        self._lock = threading.Lock()

    def confirm(self, raw: bytes, caller: Caller) -> bool:
        """Record a confirmation; gives whether it stood already.

        Raises ReferenceRefused for what is none, NotAuthorised for one of another body or not
        signed by it, NotFound where nothing was to be confirmed, Unavailable.
        """
        facts = _read(raw)
        if facts.by_participant != caller.participant:
            raise NotAuthorised("not-of-this-token")
        self._refuse_unsigned(facts)
        key = (facts.because, facts.event, facts.part, facts.by_participant)
        with self._lock:  # of two at once the second finds that it stands
            if self._notices.is_confirmed(facts.ledger, key):
                return True
            if not self._is_asked(facts):
                raise NotFound("notice to be confirmed")
            made = self._hub_events.made(hub.ErasureConfirmed, facts, erasures_stream(facts.ledger))
            self._hub_events.append(facts.ledger, made)
        return False

    def _is_asked(self, facts: hub.ErasureConfirmed.Facts) -> bool:
        wanted = (facts.ledger, facts.event, facts.part, facts.because)
        return any(
            (one.ledger, one.event, one.part, one.because) == wanted and one.what != "restricted"
            for one in self._notices.of(facts.by_participant)
        )

    def _refuse_unsigned(self, facts: hub.ErasureConfirmed.Facts) -> None:
        self._deciding.registry.refresh()
        key = self._deciding.registry.public_key(
            facts.by_participant, "signing", to_bytes(facts.key)
        )
        if key is None:
            raise NotAuthorised("signing-key-not-trusted")
        signature = to_bytes(facts.signature)
        if not self._deciding.verify(key, signature, confirmed_message(facts)):
            raise NotAuthorised("signature-does-not-hold")


def _read(raw: bytes) -> hub.ErasureConfirmed.Facts:
    try:
        strict_json(raw)
    except ValueError:
        raise ReferenceRefused(_WHAT, (Fault(-1, "", _NO_JSON),)) from None
    try:
        return hub.ErasureConfirmed.Facts.model_validate_json(raw)
    except ValueError:
        raise ReferenceRefused(_WHAT, (Fault(-1, "", _NO_FORM),)) from None
