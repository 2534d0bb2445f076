"""Which decisions stand: signed by a body's own deciding key that we vouch for, every time anew.

Nothing of what the hub recorded is believed for its own sake. A key of which belief was taken back
(`bhr trust remove`) decides nothing more from then on; one that our trust file names no longer at
all takes everything with it that it decided.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.decisions import Decision, says_what_was_signed, signed_message
from domain.errors import NotAuthorised
from domain.values import to_bytes
from domain.vocabulary.deciding import DecidedFacts, SignedDecision
from services.ports import Verify
from services.registry import Registry
from services.trust import NOW

NOT_SIGNED = "agreement-not-signed"
"""What a body is told that would publish, read or fetch under an agreement it never signed."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """Holds decisions against registered keys and our own trust file."""

    registry: Registry
    verify: Verify

    def checked(self, facts: DecidedFacts, at_ms: int = NOW) -> Decision:
        """Give what a body decided; raises NotAuthorised unless that very body signed just that.

        `at_ms` is when it was recorded, of what was decided then for good: a key of which belief
        was taken back since signed it all the same. What is yet to be done asks as of now.
        """
        decision = says_what_was_signed(facts)
        if decision is None:
            raise NotAuthorised("decision-differs")
        self.refuse_unsigned(facts.signed, decision.body, at_ms)
        return decision

    def refuse_unsigned(self, signed: SignedDecision, body: str, at_ms: int = NOW) -> None:
        """Raise NotAuthorised unless a body's trusted deciding key signed this."""
        public = self.registry.public_key(body, "deciding", to_bytes(signed.key), at_ms)
        if public is None:
            raise NotAuthorised("deciding-key-not-trusted")
        message = signed_message(to_bytes(signed.decision))
        if not self.verify(public, to_bytes(signed.signature), message):
            raise NotAuthorised("decision-signature-does-not-hold")

    def stands(self, facts: DecidedFacts, at_ms: int = NOW) -> bool:
        """Say whether a decision stands: now, or as of when it was recorded."""
        try:
            self.checked(facts, at_ms)
        except NotAuthorised:
            return False
        return True

    def is_bound(self, body: str, agreement: str) -> bool:
        """Say whether a body signed an agreement, `name@version`, as it is registered."""
        text = self.registry.agreement_digest(agreement)
        return text is not None and any(
            facts.by_participant == body
            and to_bytes(facts.digest) == text
            and self.stands(facts, recorded_ms)
            for facts, recorded_ms in self.registry.signed_agreements(agreement)
        )
