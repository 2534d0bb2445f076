"""Whether answers are witnessed: by the policy file, where one is named."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.assembly.witnesses import policy_of
from adapters.keys.checkpoint_key import ALGORITHMS
from adapters.log_settings import witness_policy
from services.answered_proof import AnsweredProof, Proves, unwitnessed
from services.log_ports import ProvenLedger


def proves_by(ledgers: Mapping[str, ProvenLedger]) -> Proves:
    """Give what every answer says of itself; raises as `answered_proof` does."""
    shown = answered_proof(ledgers)
    return unwitnessed if shown is None else shown.proof


def answered_proof(ledgers: Mapping[str, ProvenLedger]) -> AnsweredProof | None:
    """Give what says so; None where no policy is named.

    Raises HomeNotReady, and NotProven for a policy file that is none.
    """
    path = witness_policy()
    return None if path is None else AnsweredProof(ledgers, policy_of(path), ALGORITHMS)
