"""What is answered to who publishes by a queue, or lost its own store."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from adapters.http.documents import Count
from domain.values import LedgerName, SourceName, Strict

QueueId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]


class QueueAnswer(Strict):
    """How far a queue is taken in."""

    queue: QueueId
    reached: Count


class NumbersAnswer(Strict):
    """Which numbers a source has used in its ledger."""

    events: Count = Field(description="how many of its events are recorded")
    highest: Count = Field(description="the greatest number recorded or refused; 0 for none")
    ledger: LedgerName
    refused: Count = Field(description="how many of its numbers refusals fill")
    size: Count = Field(description="how many entries of the ledger were counted")
    source: SourceName
