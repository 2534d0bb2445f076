"""Rates and changes as text, to one decimal place, rounded half up: exact, and never a float."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_PLACE: Final = Decimal("0.1")


def rate(numerator: int, denominator: int, per: int) -> str | None:
    """Give a count per so many; None where there is nothing to divide by."""
    if denominator == 0:
        return None
    exact = Decimal(numerator * per) / Decimal(denominator)
    return str(exact.quantize(_PLACE, ROUND_HALF_UP))


def change_percent(before: int, now: int) -> str | None:
    """Give by how many per cent a count changed; None where it began at nothing."""
    return rate(now - before, before, 100)
