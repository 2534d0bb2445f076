"""Bodies of a test that decide: each with a deciding key of its own, made from its name."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field

from adapters.keys.ceremony import body_keys
from adapters.keys.signing import Ed25519Signer
from domain import decisions
from domain.decisions import Decision, sign, to_file
from domain.reference.body_keys import fingerprint
from domain.values import to_text
from services.identifiers import uuid7

DECIDED = "2025-06-15T15:06:40Z"


def fresh_id(now_ms: int = 1_750_000_000_000) -> str:
    """Give an id that no decision has yet."""
    return str(uuid7(now_ms))


@dataclass(frozen=True, slots=True)
class Decider:
    """The office of a body that signs what the body decides."""

    body: str
    office: str = "director"
    seed: str = ""
    """Another one is another key of the same body."""
    signer: Ed25519Signer = field(init=False)

    def __post_init__(self) -> None:
        """Make the body's own key."""
        secret = hashlib.sha256(f"deciding {self.body} {self.seed}".encode()).digest()
        object.__setattr__(self, "signer", Ed25519Signer(secret))

    @property
    def key(self) -> bytes:
        """Give the key's fingerprint."""
        return fingerprint("deciding", self.signer.public)

    def document(self) -> bytes:
        """Give the document by which the key is registered."""
        return body_keys(
            self.body,
            [("deciding", self.signer.public)],
            effective_from="2019-01-01",
            name=f"deciding-{self.body}{self.seed}",
        )

    def file(self, decision: Decision) -> bytes:
        """Sign a decision, whoever's it says that it is."""
        return to_file(sign(decision, self.key, self.signer.sign))

    def agreement(self, reference: str, digest: bytes) -> bytes:
        """Bind the body to an agreement."""
        about = decisions.AgreementBound(agreement=reference, digest=to_text(digest))
        return self.file(
            decisions.AgreementDecision(
                about=about, body=self.body, decided=DECIDED, id=fresh_id(), office=self.office
            )
        )

    def warrant(self, **about: object) -> bytes:
        """Grant a warrant for everything of the body's ledger, but for what is changed."""
        said: dict[str, object] = {
            "auditor": "ofsted", "expires": "2099-01-01T00:00:00Z", "ledger": self.body,
            "period_end": "2099-12-31", "period_start": "1990-01-01", "power": "inspection",
            **about,
        }  # fmt: skip
        return self.file(
            decisions.WarrantDecision(
                about=decisions.Warrant.model_validate(said),
                body=self.body,
                decided=DECIDED,
                id=fresh_id(),
                office=self.office,
            )
        )

    def approval(self, ledger: str, request: uuid.UUID, statement: bytes) -> bytes:
        """Approve an erasure."""
        about = decisions.ApprovedErasure(
            ledger=ledger, request=str(request), statement=to_text(statement)
        )
        return self.file(
            decisions.ErasureApproval(
                about=about, body=self.body, decided=DECIDED, id=fresh_id(), office=self.office
            )
        )

    def hold(self, ledger: str, **about: object) -> bytes:
        """Set a legal hold."""
        said = {"ground": "court", "ledger": ledger, **about}
        return self.file(
            decisions.LegalHold(
                about=decisions.Hold.model_validate(said),
                body=self.body,
                decided=DECIDED,
                id=fresh_id(),
                office=self.office,
            )
        )

    def lift(self, ledger: str, hold: str) -> bytes:
        """Lift a legal hold."""
        return self.file(
            decisions.LegalHoldLift(
                about=decisions.LiftedHold(hold=hold, ledger=ledger),
                body=self.body,
                decided=DECIDED,
                id=fresh_id(),
                office=self.office,
            )
        )
