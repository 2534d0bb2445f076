"""What every ledger says of itself, whatever it is kept in."""

from __future__ import annotations

from typing import Literal

LEDGER_FORMAT = "bhr-ledger/v1"
Origin = Literal["demo", "hub"]
"""Whether the children in a ledger are invented; the two are never mixed up."""
