"""Which decisions stand: signed by a body's own deciding key that we vouch for, every time anew.

Nothing of what the hub recorded is believed for its own sake. A key that our trust file names no
longer takes everything with it that it decided; one that is added brings it back.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.decisions import Decision, says_what_was_signed, signed_message
from domain.errors import NotAuthorised
from domain.values import to_bytes
from domain.vocabulary.deciding import DecidedFacts, SignedDecision
from services.ports import Verify
from services.registry import Registry

NOT_SIGNED = "agreement-not-signed"
"""What a body is told that would publish, read or fetch under an agreement it never signed."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """Holds decisions against registered keys and our own trust file."""

    registry: Registry
    verify: Verify

    def checked(self, facts: DecidedFacts) -> Decision:
        """Give what a body decided; raises NotAuthorised unless that very body signed just that."""
        decision = says_what_was_signed(facts)
        if decision is None:
            raise NotAuthorised("decision-differs")
        self.refuse_unsigned(facts.signed, decision.body)
        return decision

    def refuse_unsigned(self, signed: SignedDecision, body: str) -> None:
        """Raise NotAuthorised unless a body's trusted deciding key signed this."""
        public = self.registry.public_key(body, "deciding", to_bytes(signed.key))
        if public is None:
            raise NotAuthorised("deciding-key-not-trusted")
        message = signed_message(to_bytes(signed.decision))
        if not self.verify(public, to_bytes(signed.signature), message):
            raise NotAuthorised("decision-signature-does-not-hold")

    def stands(self, facts: DecidedFacts) -> bool:
        """Say whether a decision stands."""
        try:
            self.checked(facts)
        except NotAuthorised:
            return False
        return True

    def is_bound(self, body: str, agreement: str) -> bool:
        """Say whether a body signed an agreement, `name@version`, as it is registered."""
        text = self.registry.agreement_digest(agreement)
        return text is not None and any(
            one.by_participant == body and to_bytes(one.digest) == text and self.stands(one)
            for one in self.registry.signed_agreements(agreement)
        )
