"""What events say of their tellings, read by the order in which they were told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.views.asking import asked_ledgers
from adapters.views.schema import first_entry
from adapters.views.tables import Tables
from services.last_told import LastTold
from services.views import ToldRow

_STANDS: Final = """
SELECT t.entry - :first, t.key, t.body FROM word CROSS JOIN told AS t ON t.telling = word.id
CROSS JOIN standing AS s ON s.entry = t.entry
    AND s.since < :size AND (s.until IS NULL OR s.until >= :size)
WHERE word.text = :telling AND t.entry BETWEEN :first AND :last
"""
_TOLD: Final = f"{_STANDS} ORDER BY t.entry"
_LAST_TOLD: Final = f"{_STANDS} ORDER BY t.entry DESC LIMIT :most"


def told(
    tables: Tables,
    telling: str,
    ledgers: Sequence[str],
    as_of: Mapping[str, int] | None,
) -> list[ToldRow]:
    """Give what stands of a telling, in order of ledger and position."""
    return [
        ToldRow(ledger.name, *row)
        for ledger in asked_ledgers(tables, ledgers, as_of)
        for row in tables.execute(_TOLD, {**ledger.bounds(), "telling": telling})
    ]


def last_told(tables: Tables, asked: LastTold) -> list[ToldRow]:
    """Give the last that stands of a telling in one ledger, the newest first."""
    (ledger,) = asked_ledgers(tables, [asked.ledger], {asked.ledger: asked.size})
    bounds = {
        **ledger.bounds(),
        "last": first_entry(ledger.number) + min(asked.before, asked.size) - 1,
        "most": asked.most,
        "telling": asked.telling,
    }
    return [ToldRow(ledger.name, *row) for row in tables.execute(_LAST_TOLD, bounds)]
